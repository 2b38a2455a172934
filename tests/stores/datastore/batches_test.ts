// Calls of Datastore: reads share requests, and writes don't.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { FakeDatastore } from "../../helpers/fake_datastore.ts";
import { DATASTORE, messages, RECORD, setUp } from "../google_database/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { settle, valueOf } from "../helpers/settle.ts";

const KEYS = ["a", "b", "c"];

/** The methods of the requests and how many keys each has. */
function requestsOf(service: FakeDatastore): string[] {
  const sizes = messages(service).map((message) => {
    const { keys, mutations = keys } = message as { keys?: unknown[]; mutations?: unknown[] };
    return mutations?.length;
  });
  return service.lines.map((line, index) => `${line.split(":").pop()} ${sizes[index]}`);
}

Deno.test("each write is a commit of its own, whose error tells whether it took effect", async () => {
  const { service, store } = setUp(DATASTORE);
  await Promise.all(KEYS.map((key) => store.write(key, RECORD, null)));
  assertEquals(requestsOf(service as FakeDatastore), ["commit 1", "commit 1", "commit 1"]);
});

Deno.test("a key that a shared lookup defers is asked for again, and the others don't wait for it", async () => {
  using time = new FakeTime();
  const { service, store } = setUp(DATASTORE);
  const datastore = service as FakeDatastore;
  const version = await store.write("c", RECORD, null);
  datastore.deferrals = 2;
  const answered: string[] = [];
  const calls = KEYS.map((key) => store.read(key).finally(() => answered.push(key)));
  await time.runMicrotasks();
  assertEquals(answered, ["a", "b"]);
  assertEquals((await valueOf(time, Promise.all(calls))).map((entry) => entry?.version), [
    undefined,
    undefined,
    version!,
  ]);
  assertEquals(requestsOf(datastore), ["commit 1", "lookup 3", "lookup 1", "lookup 1"]);
  datastore.deferrals = Infinity;
  const { value } = await settle(time, Promise.all(["a", "b"].map((key) => store.read(key).catch(String))));
  assertEquals(value?.[0], null);
  assertStringIncludes(String(value?.[1]), "/b of project project as Datastore gave no usable answer within 8000 ms");
});

Deno.test("an entity with an invalid version fails its own read alone", async () => {
  const { service, store } = setUp(DATASTORE);
  const keyOf = (name: string): unknown => ({ path: [{ kind: "NeatPeriodicTaskStatus", name }] });
  const found = [["a", "5"], ["b", "x"]].map(([name = "", version]) => ({ entity: { key: keyOf(name) }, version }));
  service.failFirst({ reply: { status: 200, body: JSON.stringify({ found }) } });
  const [a, b] = [store.read("a"), errorOf(store.read("b"))];
  assertEquals((await a)?.version, "5");
  assertStringIncludes((await b).message, "/b of project project as the answer must hold an entity with a version");
});
