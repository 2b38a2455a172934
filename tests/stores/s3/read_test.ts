import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { errorBody } from "../../../internal/servers/fake_s3.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { RECORD, setUp, storeOn } from "./setup.ts";

Deno.test("read() returns the bytes of the object, its ETag and the time of the service in whole seconds", async () => {
  const { service, store } = setUp();
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  service.nowMs = () => nowMs + 900;
  const etag = service.put("task", RECORD);
  assertEquals(await store.read("task"), { value: RECORD, version: etag, storeTime: nowMs });
  assertEquals(service.lines, ["GET /bucket/task"]);
});

Deno.test("storeTime is absent without a valid Date header", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.script = () => ({ without: ["date"] });
  assertEquals(Object.keys(await store.read("task") ?? {}), ["value", "version"]);
});

Deno.test("read() returns null if there is no object", async () => {
  const { service, store } = setUp();
  assertEquals(await store.read("task"), null);
  assertEquals(service.requests.length, 1);
});

Deno.test("read() throws if there is no bucket, or for another answer of status 404", async () => {
  const elsewhere = setUp({ bucket: "elsewhere" });
  assertStringIncludes((await errorOf(elsewhere.store.read("task"))).message, 'as there is no bucket "elsewhere": ');
  for (const body of ["", "not found", "<html><body>404</body></html>", errorBody("NoSuchVersion")]) {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 404, body } });
    assertStringIncludes((await errorOf(store.read("task"))).message, "as the service rejected the request: ");
  }
});

Deno.test("read() throws for a missing object without s3:ListBucket, and names the permission", async () => {
  const { service, store } = setUp();
  service.hidesMissing = true;
  assertEquals(
    (await errorOf(store.read("task"))).message,
    "Cannot read the record at s3://bucket/task as the credentials may lack s3:GetObject or s3:ListBucket: " +
      "current value is HTTP 403 (AccessDenied: Access Denied)",
  );
});

Deno.test("read() throws if the answer has no strong ETag", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.failFirst({ without: ["etag"] }, { reply: { status: 200, headers: { etag: 'W/"abc"' } } });
  for (const shown of ["null", '"W/\\"abc\\""']) {
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, `as the answer must hold a strong ETag: current value is ${shown}`);
  }
});

Deno.test("read() repeats a request that was throttled or not answered", async () => {
  using _ = fixedRandom(0);
  const { service, store } = setUp({ requestTimeout: 2_000 });
  service.put("task", RECORD);
  service.failFirst(
    { reply: { status: 503, body: errorBody("SlowDown", "Please reduce your request rate.") } },
    { ends: "lost" },
    { ends: "truncated" },
    { reply: { status: 400, body: errorBody("RequestTimeout") } },
  );
  assertEquals([(await store.read("task"))?.value, service.requests.length], [RECORD, 5]);
});

Deno.test("read() shows the last answer if the service stays busy", async () => {
  const { service, store } = setUp({ requestTimeout: 300 });
  service.script = () => ({ reply: { status: 503, body: errorBody("SlowDown", "Please reduce your request rate.") } });
  assertEquals(
    (await errorOf(store.read("task"))).message,
    "Cannot read the record at s3://bucket/task as S3 gave no usable answer within 300 ms: " +
      "current value is HTTP 503 (SlowDown: Please reduce your request rate.)",
  );
});

Deno.test("read() returns the bytes that were written, of any value", async () => {
  const { service, store } = setUp();
  const values = [
    new Uint8Array(),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    new Uint8Array(4_096).fill(0xff),
  ];
  for (const [index, value] of values.entries()) {
    const version = await store.write(`task-${index}`, value, null);
    const entry = await store.read(`task-${index}`);
    assertEquals([entry?.value, entry?.version ?? null], [value, version]);
    assertEquals(service.object(`task-${index}`)?.value, value);
  }
});

const NAMES: Readonly<Record<string, string>> = {
  "backup": "backup",
  "Daily_report-2.csv": "Daily_report-2.csv",
  "a/b": "a%2Fb",
  "/": "%2F",
  "//": "%2F%2F",
  ".": "%2E",
  "..": "%2E%2E",
  "...": "...",
  "../../etc": "..%2F..%2Fetc",
  "%2F": "%252F",
  "100%": "100%25",
  "a b+c": "a%20b%2Bc",
  "it's (all) *fine*!": "it%27s%20%28all%29%20%2Afine%2A%21",
  "?list-type=2&a#b": "%3Flist-type%3D2%26a%23b",
  "a\r\nb\0": "a%0D%0Ab%00",
  "Zoë": "Zoë",
  "Zoe\u0308": "Zoe\u0308",
  "任务": "任务",
  "👩‍🚀": "👩‍🚀",
  "\u{10ffff}": "\u{10ffff}",
  "\ufffe\u0085": "%EF%BF%BE%C2%85",
  "~tilde": "~tilde",
};

for (const [key, name] of Object.entries(NAMES)) {
  Deno.test(`the record of ${JSON.stringify(key)} is the object ${name}, signed as S3 expects`, async () => {
    const { service, store } = setUp({ prefix: "a b/ü&/" });
    const version = await store.write(key, RECORD, null);
    assertEquals([...service.buckets.get("bucket")!.keys()], [`a b/ü&/${name}`]);
    assertEquals((await store.read(key))?.version, version);
    assertEquals(await keysOf(store), [key]);
  });
}

Deno.test("names begin with the prefix, by default neat-periodic-task/", async () => {
  const { service } = setUp();
  for (const options of [{ prefix: "tasks/" }, { prefix: "" }, {}]) {
    const { prefix = "neat-periodic-task/" } = options;
    await storeOn(service, { prefix }).write("backup", RECORD, null);
  }
  assertEquals([...service.buckets.get("bucket")!.keys()], ["tasks/backup", "backup", "neat-periodic-task/backup"]);
});

for (
  const [why, prefix, key] of [
    ["is empty", "tasks/", ""],
    ["has half a character", "", "a\ud83db"],
    ["ends in half a character", "tasks/", "\udc00"],
    ["has 1,025 bytes", "", "x".repeat(1_025)],
    ["has 1,026 bytes of UTF-8 in 513 characters", "", "é".repeat(513)],
    ["has 1,026 bytes with its escapes", "", "/".repeat(342)],
    ["is too long with its prefix", "p".repeat(600), "x".repeat(425)],
  ] as const
) {
  Deno.test(`a name that ${why} throws before any request`, async () => {
    const { service, store } = setUp({ prefix });
    await assertRejects(() => store.read(key), RangeError, "Cannot use the key in S3 as ");
    await assertRejects(() => store.write(key, RECORD, null), RangeError, "Cannot use the key in S3 as ");
    assertEquals(service.requests, []);
  });
}

Deno.test("names may have 1,024 bytes", async () => {
  const { service, store } = setUp({ prefix: "p".repeat(24) });
  for (const key of ["x".repeat(1_000), "é".repeat(500), "任".repeat(333)]) {
    await store.write(key, RECORD, null);
    assert(service.object("p".repeat(24) + key));
  }
});

Deno.test("one store serves many keys and concurrent calls", async () => {
  const { service, store } = setUp();
  const keys = Array.from({ length: 50 }, (_, index) => `task-${index}`);
  const versions = await Promise.all(keys.map((key) => store.write(key, new TextEncoder().encode(key), null)));
  const entries = await Promise.all(keys.map((key) => store.read(key)));
  assertEquals(entries.map((entry) => new TextDecoder().decode(entry?.value)), keys);
  assertEquals(entries.map((entry) => entry?.version ?? null), versions);
  assertEquals(service.requests.length, 100);
});

Deno.test("a call with an aborted signal sends nothing", async () => {
  const { service, store } = setUp();
  const signal = AbortSignal.abort(new Error("stopped"));
  await assertRejects(() => store.read("task", { signal }), Error, "stopped");
  await assertRejects(() => store.write("task", RECORD, null, { signal }), Error, "stopped");
  assertEquals(service.requests, []);
});
