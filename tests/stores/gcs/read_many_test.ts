import { assertEquals, assertNotStrictEquals, assertRejects } from "@std/assert";
import type { StatusEntry } from "../../../mod.ts";
import type { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { RECORD, setUp, storeOn } from "./setup.ts";

const KEYS = Array.from({ length: 100 }, (_, index) => `task-${index}`);
const LIST = "GET /storage/v1/b/bucket/o?fields=items%28name%2Cgeneration%29%2CnextPageToken&maxResults=1000";

/** The requests since the last call. */
function sent(service: FakeGcs): string[] {
  return service.requests.splice(0).map(({ method, target }) => `${method} ${target}`);
}

function versions(entries: readonly (StatusEntry | null)[]): (string | undefined)[] {
  return entries.map((entry) => entry?.version);
}

Deno.test("readMany() reads each object, and then lists the objects and reads those that have changed", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  const first = await store.readMany(KEYS);
  assertEquals(sent(service).length, 100);
  const second = await store.readMany(KEYS);
  assertEquals(sent(service), [LIST]);
  assertEquals(second, first.map((entry, index) => entry && { ...entry, storeTime: second[index]?.storeTime! }));
  assertNotStrictEquals(first[0]?.value, second[0]?.value);

  const changed = service.put("task-7", new TextEncoder().encode("changed"));
  service.buckets.get("bucket")?.delete("task-8");
  const third = await store.readMany(KEYS);
  const lines = sent(service);
  assertEquals([lines.length, lines[0], lines[1]?.includes("/task-7?")], [2, LIST, true]);
  const expected = [...versions(first)];
  [expected[7], expected[8]] = [changed, undefined];
  assertEquals(versions(third), expected);
  assertEquals(new TextDecoder().decode(third[7]?.value), "changed");
});

Deno.test("readMany() shares no array with its caller", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  for (const call of ["reads", "lists", "lists again"]) {
    const entries = await store.readMany(KEYS);
    for (const entry of entries) assertEquals(entry?.value, RECORD, call);
    for (const entry of entries) entry?.value.fill(0);
  }
});

Deno.test("readMany() does not list for few keys, or while most of them were not read", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  const few = KEYS.slice(0, 40);
  for (let call = 0; call < 2; call++) await store.readMany(few);
  assertEquals(sent(service).length, 80);
  await store.readMany([...few, ...KEYS.slice(40, 45)]);
  assertEquals(sent(service).length, 45);
});

Deno.test("readMany() goes on with reads if the objects can't be listed, and tries again after 100 calls", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  const first = versions(await store.readMany(KEYS));
  sent(service);
  service.failFirst({ reply: { status: 403 } });
  assertEquals(versions(await store.readMany(KEYS)), first);
  assertEquals(sent(service).length, 101);
  service.script = () => undefined;
  for (let call = 0; call < 100; call++) await store.readMany(KEYS.slice(0, 1));
  assertEquals(sent(service).length, 100);
  assertEquals(versions(await store.readMany(KEYS)), first);
  assertEquals(sent(service), [LIST]);
});

Deno.test("readMany() goes on with reads if there are many more objects than keys", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  const first = versions(await store.readMany(KEYS));
  sent(service);
  for (let index = 0; index < 2_500; index++) service.put(`other-${index}`, RECORD);
  for (const lists of [2, 0]) {
    assertEquals(versions(await store.readMany(KEYS)), first);
    const lines = sent(service);
    assertEquals([lines.filter((line) => line.startsWith(LIST)).length, lines.length], [lists, 100 + lists]);
  }
});

Deno.test("readMany() rejects with the reason of its signal, also while it lists", async () => {
  const { service, store } = setUp();
  for (const key of KEYS) service.put(key, RECORD);
  await store.readMany(KEYS);
  const controller = new AbortController();
  service.failFirst({ ends: "never" });
  const read = store.readMany(KEYS, controller);
  controller.abort(new Error("enough"));
  await assertRejects(() => read, Error, "enough");
  await assertRejects(() => storeOn(service).readMany(KEYS, controller), Error, "enough");
});
