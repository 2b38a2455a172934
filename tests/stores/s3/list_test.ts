import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { errorOf } from "../helpers/errors.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { RECORD, setUp, storeOn } from "./setup.ts";

/** A service with objects called `<prefix>task-00000` and so on. */
function serviceOf(count: number, prefix = ""): FakeS3 {
  const service = new FakeS3();
  for (let index = 0; index < count; index++) service.put(`${prefix}task-${String(index).padStart(5, "0")}`, RECORD);
  return service;
}

Deno.test("list() yields the keys of all records once, without the prefix", async () => {
  const keys = [
    "a",
    "b",
    "a/b",
    "%",
    "%2F",
    "..",
    "__a__",
    "日本",
    "\u{1f600}",
    "\uffee",
    "?a=b&c#d",
    "it's",
    " ",
    "<&>",
  ];
  for (const prefix of ["", "tasks/", "a", "ü?&<"]) {
    const { store } = setUp({ prefix });
    assertEquals(await keysOf(store), []);
    for (const key of keys) await store.write(key, RECORD, null);
    await store.read("never written");
    assertEquals((await keysOf(store)).toSorted(), keys.toSorted());
  }
});

Deno.test("list() leaves out objects of other prefixes and of other programs, and the one that shows a folder", async () => {
  const { service } = setUp();
  const others = ["other/task", "task", "tasks", "tasks/", "Tasks/a", "tasks/a b", "tasks/a/b", "tasks/%41", "tasks/%"];
  for (const name of [...others, "tasks/backup", "tasks/%2F"]) service.put(name, RECORD);
  assertEquals(await keysOf(storeOn(service, { prefix: "tasks/" })), ["/", "backup"]);
});

Deno.test("list() requests 100 names at a time, and as they are consumed", async () => {
  const service = serviceOf(250, "tasks/");
  const keys = storeOn(service, { prefix: "tasks/" }).list()[Symbol.asyncIterator]();
  assertEquals(service.requests.length, 0);
  for (let index = 0; index < 100; index++) await keys.next();
  const first = "GET /bucket?list-type=2&max-keys=100&prefix=tasks%2F";
  assertEquals(service.lines, [first]);
  assertEquals((await keys.next()).value, "task-00100");
  assertEquals(service.lines[1], `${first}&continuation-token=${encodeURIComponent(btoa("tasks/task-00100"))}`);
  await keys.return?.();
  assertEquals([(await keys.next()).done, service.requests.length], [true, 2]);
});

Deno.test("list() yields each key once over several pages", async () => {
  for (const count of [99, 100, 101, 250]) {
    const keys = await keysOf(storeOn(serviceOf(count)));
    assertEquals([keys.length, new Set(keys).size], [count, count]);
  }
});

Deno.test("list() goes on after a page without objects", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  const token = `<NextContinuationToken>${btoa("task")}</NextContinuationToken>`;
  const body = `<ListBucketResult><IsTruncated>true</IsTruncated>${token}</ListBucketResult>`;
  service.failFirst({ reply: { status: 200, body } });
  assertEquals(await keysOf(store), ["task"]);
});

Deno.test("list() throws for an answer of another form, and for the same page again", async () => {
  const bodies = [
    "",
    "text",
    "{}",
    "<html></html>",
    "<ListBucketResult>",
    "<ListBucketResult><Contents></ListBucketResult>",
  ];
  for (const body of bodies) {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 200, body } });
    assertStringIncludes((await errorOf(keysOf(store))).message, "as the answer must hold the names of objects");
  }
  const { service, store } = setUp();
  const truncated = "<IsTruncated>true</IsTruncated>";
  service.failFirst({ reply: { status: 200, body: `<ListBucketResult>${truncated}</ListBucketResult>` } });
  assertStringIncludes((await errorOf(keysOf(store))).message, "must say where the next page begins");
  const token = "<NextContinuationToken>again</NextContinuationToken>";
  service.script = () => ({
    reply: { status: 200, body: `<ListBucketResult>${truncated}${token}</ListBucketResult>` },
  });
  const message = 'as the next page must be another one: current value is "again"';
  assertStringIncludes((await errorOf(keysOf(store))).message, message);
});

Deno.test("list() throws if the service rejects it, and names the permission or the bucket", async () => {
  const { service, store } = setUp({ prefix: "tasks/" });
  service.failFirst({ reply: { status: 403 } });
  assertEquals(
    (await errorOf(keysOf(store))).message,
    "Cannot list the records at s3://bucket/tasks/ as the credentials may lack s3:ListBucket: current value is HTTP 403",
  );
  const elsewhere = storeOn(service, { bucket: "elsewhere" });
  assertStringIncludes((await errorOf(keysOf(elsewhere))).message, 'as there is no bucket "elsewhere": current value');
});

Deno.test("list() throws the reason of its signal, before it and between two keys", async () => {
  const service = serviceOf(150);
  const store = storeOn(service);
  await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("before"))), Error, "before");
  assertEquals(service.requests.length, 0);
  const between = new AbortController();
  const keys = store.list({ signal: between.signal })[Symbol.asyncIterator]();
  await keys.next();
  between.abort(new Error("between"));
  await assertRejects(() => keys.next(), Error, "between");
});
