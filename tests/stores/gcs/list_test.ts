import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { settle } from "../helpers/settle.ts";
import { RECORD, setUp, storeOn, TOKEN } from "./setup.ts";

/** A service with objects called `<prefix>task-00000` and so on. */
function serviceOf(count: number, prefix = ""): FakeGcs {
  const service = new FakeGcs();
  for (let index = 0; index < count; index++) service.put(`${prefix}task-${String(index).padStart(5, "0")}`, RECORD);
  return service;
}

Deno.test("list() yields the keys of all records once, without the prefix", async () => {
  const keys = ["a", "b", "a/b", "%", "%2F", "..", "__a__", "日本", "\u{1f600}", "\uffee", "?a=b&c#d", "it's", " "];
  for (const prefix of ["", "tasks/", "a", "ü?&"]) {
    const { store } = setUp({ prefix });
    assertEquals(await keysOf(store), []);
    for (const key of keys.filter((key) => prefix !== "" || key !== "..")) await store.write(key, RECORD, null);
    await store.read("never written");
    assertEquals((await keysOf(store)).toSorted(), keys.filter((key) => prefix !== "" || key !== "..").toSorted());
  }
});

Deno.test("list() leaves out objects of other prefixes, and the one that shows a folder", async () => {
  const { service } = setUp();
  for (const name of ["other/task", "task", "tasks", "tasks/", "tasks/backup", "Tasks/a"]) service.put(name, RECORD);
  assertEquals(await keysOf(storeOn(service, { prefix: "tasks/" })), ["backup"]);
  service.failFirst({ reply: { status: 200, body: JSON.stringify({ items: [{ name: "elsewhere" }, {}, null] }) } });
  assertEquals(await keysOf(storeOn(service, { prefix: "tasks/" })), []);
});

Deno.test("list() requests names alone, 100 at a time", async () => {
  const service = serviceOf(150, "tasks/");
  await keysOf(storeOn(service, { prefix: "tasks/", bucket: "bucket", userProject: "payer" }));
  const common = "GET /storage/v1/b/bucket/o?prefix=tasks%2F&fields=items%2Fname%2CnextPageToken&maxResults=100";
  const pageToken = encodeURIComponent(btoa("tasks/task-00100"));
  assertEquals(service.lines, [`${common}&userProject=payer`, `${common}&pageToken=${pageToken}&userProject=payer`]);
  assertEquals(service.requests[0]?.headers.get("authorization"), `Bearer ${TOKEN}`);
});

Deno.test("list() yields each key once over several pages, which it reads as they are consumed", async () => {
  for (const count of [99, 100, 101, 250]) {
    const keys = await keysOf(storeOn(serviceOf(count)));
    assertEquals([keys.length, new Set(keys).size], [count, count]);
  }
  const service = serviceOf(250);
  const keys = storeOn(service).list()[Symbol.asyncIterator]();
  assertEquals(service.requests.length, 0);
  for (let index = 0; index < 100; index++) await keys.next();
  assertEquals(service.requests.length, 1);
  assertEquals((await keys.next()).value, "task-00100");
  assertEquals(service.requests.length, 2);
  await keys.return?.();
  assertEquals([(await keys.next()).done, service.requests.length], [true, 2]);
});

Deno.test("list() goes on after a page without objects", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.failFirst({ reply: { status: 200, body: '{"nextPageToken":"dGFzaw=="}' } });
  assertEquals(await keysOf(store), ["task"]);
});

Deno.test("list() throws the reason of its signal, before it, during a page and between two keys", async () => {
  const service = serviceOf(150);
  const store = storeOn(service);
  await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("before"))), Error, "before");
  assertEquals(service.requests.length, 0);
  const between = new AbortController();
  const keys = store.list({ signal: between.signal })[Symbol.asyncIterator]();
  await keys.next();
  between.abort(new Error("between"));
  await assertRejects(() => keys.next(), Error, "between");
  for (const page of [1, 2]) {
    const during = new AbortController();
    const first = service.requests.length;
    service.script = (_request, count) => {
      if (count - first !== page) return undefined;
      queueMicrotask(() => during.abort(new Error("during")));
      return { ends: "never" };
    };
    await assertRejects(() => keysOf(store, during.signal), Error, "during");
  }
});

Deno.test("list() limits each page by requestTimeout, and repeats a request without an answer", async () => {
  using _random = fixedRandom(0);
  using time = new FakeTime();
  const service = serviceOf(150);
  const store = storeOn(service, { requestTimeout: 1_000 });
  service.script = (_request, count) =>
    count % 2 ? { ends: "never" } : { after: new Promise((resolve) => setTimeout(resolve, 100)) };
  const { value, afterMs } = await settle(time, keysOf(store));
  assertEquals([value?.length, service.requests.length, afterMs > 1_000], [150, 4, true]);
  service.script = () => ({ ends: "never" });
  const hung = await settle(time, keysOf(store));
  assertEquals(hung.afterMs, 1_000);
  assertStringIncludes(hung.error?.message ?? "", "Cannot list the records at gs://bucket/ as Cloud Storage gave no");
});

Deno.test("list() throws if the service rejects it, and names the permission or the bucket", async () => {
  const { service, store } = setUp({ prefix: "tasks/" });
  service.failFirst({ reply: { status: 403 } });
  assertEquals(
    (await errorOf(keysOf(store))).message,
    "Cannot list the records at gs://bucket/tasks/ as the account may lack storage.objects.list on the bucket: " +
      "current value is HTTP 403",
  );
  const elsewhere = storeOn(service, { bucket: "elsewhere" });
  assertStringIncludes((await errorOf(keysOf(elsewhere))).message, 'as there is no bucket "elsewhere": current value');
});

Deno.test("list() throws for an answer of another form, and for the same page again", async () => {
  for (const body of ["", "text", '{"items":[', '{"items":{}}', '{"nextPageToken":5}']) {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 200, body } });
    assertStringIncludes((await errorOf(keysOf(store))).message, "as the answer must hold the names of objects");
  }
  const { service, store } = setUp();
  service.script = () => ({ reply: { status: 200, body: '{"nextPageToken":"again"}' } });
  const message = 'as the next page must be another one: current value is "again"';
  assertStringIncludes((await errorOf(keysOf(store))).message, message);
});
