import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { GcsStore } from "../../../stores/gcs.ts";
import { KeptLog } from "../../helpers/log.ts";
import { errorOf } from "../helpers/errors.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { RECORD, setUp, storeOn, TOKEN } from "./setup.ts";

Deno.test("read() returns the bytes of the object, its generation and the time of the service", async () => {
  const { service, store } = setUp();
  service.nowMs = () => Date.parse("2026-01-31T12:00:07.900Z");
  const generation = service.put("task", RECORD);
  assertEquals(await store.read("task"), {
    value: RECORD,
    version: generation,
    storeTime: Date.parse("2026-01-31T12:00:07.000Z"),
  });
  assertEquals(service.lines, ["GET /storage/v1/b/bucket/o/task?alt=media"]);
});

Deno.test("read() sends no header but the token", async () => {
  const { service, store } = setUp();
  await store.read("task");
  assertEquals([...service.requests[0]!.headers], [["authorization", `Bearer ${TOKEN}`]]);
  assertEquals(service.requests[0]!.body, new Uint8Array());
});

Deno.test("read() returns null if there is no object", async () => {
  const { service, store } = setUp();
  assertEquals(await store.read("task"), null);
  assertEquals(service.requests.length, 1);
});

Deno.test("a version has all digits of the generation, more than a number holds", async () => {
  const { service, store } = setUp();
  const generation = service.put("task", RECORD);
  assert(String(Number(generation)) !== generation);
  const entry = await store.read("task");
  assertEquals(entry?.version, generation);
  const next = await store.write("task", RECORD, generation);
  assertEquals(next, service.object("task")?.generation);
  assertEquals((await store.read("task"))?.version, next);
});

Deno.test("read() accepts the largest generation", async () => {
  const { service, store } = setUp();
  const version = "9223372036854775807";
  service.failFirst({ reply: { status: 200, headers: { "x-goog-generation": version }, body: "{}" } });
  assertEquals((await store.read("task"))?.version, version);
});

Deno.test("read() requests the generation and then its content if the header is missing", async () => {
  for (const reply of [undefined, "", "0", "-1", "1.5", "1, 1", "nonsense", "12345678901234567890"]) {
    const { service, store } = setUp();
    const generation = service.put("task", RECORD);
    service.script = () => ({ without: ["x-goog-generation"] });
    if (reply !== undefined) {
      service.failFirst({ reply: { status: 200, headers: { "x-goog-generation": reply }, body: "other content" } });
    }
    const entry = await store.read("task");
    assertEquals([entry?.version, entry?.value], [generation, RECORD]);
    assertEquals(service.lines, [
      "GET /storage/v1/b/bucket/o/task?alt=media",
      "GET /storage/v1/b/bucket/o/task?fields=generation",
      `GET /storage/v1/b/bucket/o/task?alt=media&generation=${generation}`,
    ]);
  }
});

Deno.test("read() returns the new record if it is replaced between two requests", async () => {
  const { service, store } = setUp();
  service.put("task", "first");
  service.script = (request, count) => {
    if (count === 3) service.put("task", "second");
    return request.target.includes("alt=media") ? { without: ["x-goog-generation"] } : undefined;
  };
  const entry = await store.read("task");
  assertEquals(entry?.version, service.object("task")?.generation);
  assertEquals(new TextDecoder().decode(entry?.value), "second");
});

Deno.test("read() returns null if the record is deleted between two requests", async () => {
  for (const deletedAt of [2, 3]) {
    const { service, store } = setUp();
    service.put("task", RECORD);
    service.script = (_request, count) => {
      if (count === deletedAt) service.buckets.get("bucket")?.clear();
      return { without: ["x-goog-generation"] };
    };
    assertEquals(await store.read("task"), null);
  }
});

Deno.test("read() throws if the record is replaced during every request", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.script = (request) => {
    if (request.target.includes("alt=media")) service.put("task", RECORD);
    return { without: ["x-goog-generation"] };
  };
  const error = await assertRejects(() => store.read("task"), Error, "it was replaced during each of 4 reads");
  assertStringIncludes(error.message, "Cannot read the record at gs://bucket/task as ");
  assertEquals(service.requests.length, 8);
});

Deno.test("storeTime is absent without a valid Date header", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.script = () => ({ without: ["date"] });
  assertEquals(Object.keys(await store.read("task") ?? {}), ["value", "version"]);
  service.script = () => ({
    reply: { status: 200, headers: { "date": "some day", "x-goog-generation": "1" }, body: "" },
  });
  assertEquals(await store.read("task"), { value: new Uint8Array(), version: "1" });
});

Deno.test("read() returns the bytes that were written, of any value", async () => {
  const values = [
    new Uint8Array(),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    new TextEncoder().encode("\r\n--part-\r\n\r\n\r\n--\r\n"),
    new Uint8Array(4_096).fill(0xff),
    new TextEncoder().encode('{"emoji":"👩‍🚀","name":"Zoë"}\r\n'),
  ];
  const { service, store } = setUp();
  for (const [index, value] of values.entries()) {
    const version = await store.write(`task-${index}`, value, null);
    assertEquals(service.object(`task-${index}`)?.value, value);
    assertEquals([(await store.read(`task-${index}`))?.value, version !== null], [value, true]);
  }
});

const SPECIAL_NAMES = [
  "a/b",
  "../../etc",
  "a/../b",
  "/",
  "it's (all) *fine*!",
  "100%",
  "%2F",
  "%252F",
  "a b+c",
  "?alt=media&generation=1#fragment",
  "Zoë",
  "Zoe\u0308",
  "👩‍🚀",
  "任务",
  "\u{10FFFF}",
  "~tilde-_.",
  "...",
  '{"name":"\\"}',
  ".well-known",
];

for (const name of SPECIAL_NAMES) {
  Deno.test(`the key that encodes to ${encodeURIComponent(name)} is the name of the object`, async () => {
    const { service, store } = setUp();
    // the fake requires percent-encoding of all reserved characters, and decodes once
    const version = await store.write(name, RECORD, null);
    assertEquals([...service.buckets.get("bucket")!.keys()], [name]);
    assertEquals((await store.read(name))?.version, version);
    assertEquals([...service.buckets.get("bucket")!.keys()], [name]);
  });
}

Deno.test("URLs percent-encode every reserved character", async () => {
  const { service, store } = setUp({ bucket: "example.com:bucket" });
  await store.read("a/b!c'd(e)f*g:h@i&j=k+l,m;n$o?p#q[r]s%t u~v");
  assertEquals(
    service.lines,
    [
      "GET /storage/v1/b/example.com%3Abucket/o/a%2Fb%21c%27d%28e%29f%2Ag%3Ah%40i%26j%3Dk%2Bl%2Cm%3Bn%24o%3Fp%23q%5Br%5Ds" +
      "%25t%20u~v?alt=media",
    ],
  );
});

Deno.test("names that differ only in their encoding are different objects", async () => {
  const { service, store } = setUp();
  for (const name of ["%41", "A", "Zoë", "Zoe\u0308", "a/b", "a%2Fb"]) await store.write(name, RECORD, null);
  assertEquals(service.buckets.get("bucket")?.size, 6);
});

Deno.test("names begin with the prefix, by default neat-periodic-task/", async () => {
  const { service } = setUp();
  await storeOn(service, { prefix: "tasks/" }).write("backup", RECORD, null);
  await storeOn(service, { prefix: "" }).write("backup", RECORD, null);
  const store = new GcsStore({ bucket: "bucket", token: () => TOKEN, fetch: faultFetch(service) });
  await store.write("backup", RECORD, null);
  assertEquals([...service.buckets.get("bucket")!.keys()], ["tasks/backup", "backup", "neat-periodic-task/backup"]);
});

for (
  const [why, prefix, key] of [
    ["is empty", "", ""],
    ["is .", "", "."],
    ["is ..", "", ".."],
    ["is .. by its prefix", ".", "."],
    ["has a carriage return", "", "a\rb"],
    ["has a line feed", "", "a\nb"],
    ["has half a character", "", "a\ud83db"],
    ["ends in half a character", "tasks/", "\udc00"],
    ["has 1,025 bytes", "", "x".repeat(1_025)],
    ["has 1,026 bytes of UTF-8 in 513 characters", "", "é".repeat(513)],
    ["is too long with its prefix", "p".repeat(600), "x".repeat(425)],
  ] as const
) {
  Deno.test(`a name that ${why} throws before any request`, async () => {
    const { service, store } = setUp({ prefix });
    const error = await assertRejects(() => store.read(key), RangeError, "Cannot use the key in Cloud Storage as ");
    assertStringIncludes(error.message, ": current value is ");
    await assertRejects(() => store.write(key, RECORD, null), RangeError, "Cannot use the key in Cloud Storage as ");
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

Deno.test("a huge object is read in part, and neither run nor overwritten", async () => {
  const { service, store } = setUp();
  const huge = new Uint8Array(3_000_000).fill(0x20);
  huge.set(RECORD);
  const generation = service.put("task", huge);
  let sent = 0;
  // in chunks, as from a network
  const fetchInChunks: typeof globalThis.fetch = async () => {
    const { value } = service.object("task")!;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(value.slice(sent, sent += 65_536));
        if (sent >= value.length) controller.close();
      },
    });
    return await Promise.resolve(new Response(body, { headers: { "x-goog-generation": generation } }));
  };
  const entry = await storeOn(service, { fetch: fetchInChunks }).read("task");
  assertEquals(entry?.version, generation);
  assert(entry && entry.value.length < 1_200_000 && sent < 1_200_000, `${sent} bytes were read`);

  let runs = 0;
  const log = new KeptLog();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "task",
    interval: { hours: 1 },
    timeout: { seconds: 5 },
    store,
    log,
    task: () => void runs++,
  });
  await assertRejects(() => scheduler.trigger(), Error, "it is not a status record");
  assertEquals([runs, service.object("task")?.generation], [0, generation]);
});

Deno.test("write() throws if the bucket does not exist", async () => {
  const { service, store } = setUp({ bucket: "elsewhere" });
  assertEquals(await store.read("task"), null);
  const error = await errorOf(store.write("task", RECORD, null));
  assertEquals(
    error.message,
    'Cannot write the record at gs://elsewhere/task as there is no bucket "elsewhere": current value is HTTP 404 ' +
      "(The specified bucket does not exist.)",
  );
  assertEquals(service.requests.length, 2);
});

Deno.test("one store serves many keys and concurrent calls", async () => {
  const { service, store } = setUp();
  const keys = Array.from({ length: 50 }, (_, index) => `task-${index}`);
  const versions = await Promise.all(keys.map((key) => store.write(key, new TextEncoder().encode(key), null)));
  const entries = await Promise.all(keys.map((key) => store.read(key)));
  assertEquals(entries.map((entry) => new TextDecoder().decode(entry?.value)), keys);
  assertEquals(entries.map((entry) => entry?.version ?? null), versions);
  assertEquals(new Set(versions).size, 50);
  assertEquals(service.requests.length, 100);
});

Deno.test("stores on two endpoints share nothing", async () => {
  const one = setUp();
  const other = setUp({ apiEndpoint: "https://other.example", token: () => "another-token" });
  one.service.tokens = new Set([TOKEN]);
  other.service.tokens = new Set(["another-token"]);
  const [first, second] = await Promise.all([
    one.store.write("task", new Uint8Array([1]), null),
    other.store.write("task", new Uint8Array([2]), null),
  ]);
  assert(first && second);
  assertEquals((await one.store.read("task"))?.value, new Uint8Array([1]));
  assertEquals((await other.store.read("task"))?.value, new Uint8Array([2]));
  one.service.failFirst({ reply: { status: 403 } });
  await errorOf(one.store.read("task"));
  assertEquals((await other.store.read("task"))?.value, new Uint8Array([2]));
});
