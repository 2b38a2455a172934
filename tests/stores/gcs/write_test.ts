import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { FakeRequest, Fault } from "../../helpers/fault_service.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { settle } from "../helpers/settle.ts";
import { RECORD, setUp, storeOn } from "./setup.ts";

const OTHER = new TextEncoder().encode("another's");
const UNAVAILABLE = { reply: { status: 503 } };
const TOO_MANY = { reply: { status: 429 } };

function uploads(requests: readonly FakeRequest[]): FakeRequest[] {
  return requests.filter(({ method }) => method === "POST");
}

Deno.test("write() has the condition that there is no object, or that it is at the version", async () => {
  const { service, store } = setUp();
  const first = await store.write("task", RECORD, null);
  const second = await store.write("task", RECORD, first);
  assert(first !== null && second !== null && first !== second);
  assertEquals(service.object("task")?.generation, second);
  assertEquals(service.lines, [
    "POST /upload/storage/v1/b/bucket/o?uploadType=multipart&ifGenerationMatch=0&fields=generation",
    `POST /upload/storage/v1/b/bucket/o?uploadType=multipart&ifGenerationMatch=${first}&fields=generation`,
  ]);
});

Deno.test("write() stores JSON that must not be cached", async () => {
  const { service, store } = setUp();
  await store.write("task", RECORD, null);
  assertEquals(service.object("task")?.metadata, { contentType: "application/json", cacheControl: "no-store" });
});

Deno.test("write() uploads two parts: the metadata and the record", async () => {
  const { service, store } = setUp();
  await store.write("it's/ours", RECORD, null);
  const { headers, body } = service.requests[0]!;
  assertEquals([...headers.keys()].sort(), ["authorization", "content-type", "x-goog-gcs-idempotency-token"]);
  assertMatch(headers.get("content-type")!, /^multipart\/related; boundary=[\w-]{10,70}$/);
  const boundary = headers.get("content-type")!.split("boundary=")[1]!;
  assertEquals(new TextDecoder().decode(body).split(`--${boundary}`).map((part) => part.split("\r\n")), [
    [""],
    [
      "",
      "content-type: application/json; charset=UTF-8",
      "",
      '{"name":"it\'s/ours","cacheControl":"no-store","contentType":"application/json"}',
      "",
    ],
    ["", "content-type: application/json", "", '{"format":"a record"}', ""],
    ["--", ""],
  ]);
  await store.write("other", RECORD, null);
  assertNotEquals(service.requests[1]!.headers.get("content-type"), headers.get("content-type"));
});

Deno.test("write() returns null if the record exists, has changed or is gone", async () => {
  for (const missingStatus of [404, 412] as const) {
    const { service, store } = setUp();
    service.missingStatus = missingStatus;
    assertEquals(await store.write("task", RECORD, "17"), null);
    const first = service.put("task", OTHER);
    assertEquals(await store.write("task", RECORD, null), null);
    const second = service.put("task", OTHER);
    assertEquals(await store.write("task", RECORD, first), null);
    assertEquals(service.object("task")?.generation, second);
    assertEquals(service.object("task")?.value, OTHER);
    assertEquals(service.requests.length, 3);
  }
});

Deno.test("write() writes the bytes at the time of the call", async () => {
  const { service, store } = setUp();
  const value = RECORD.slice();
  const writing = store.write("task", value, null);
  value.fill(0);
  await writing;
  assertEquals(service.object("task")?.value, RECORD);
});

Deno.test("write() writes a view of a buffer without the rest of the buffer", async () => {
  const { service, store } = setUp();
  await store.write("task", new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3), null);
  assertEquals(service.object("task")?.value, new Uint8Array([1, 2]));
});

for (
  const version of ["", "0", "-1", "1.0", "01", "1e3", " 1", "abc", "12345678901234567890", "1&ifGenerationMatch=0"]
) {
  Deno.test(`write() throws for the version ${JSON.stringify(version)} before any request`, async () => {
    const { service, store } = setUp();
    const error = await errorOf(store.write("task", RECORD, version));
    assert(error instanceof RangeError);
    assertEquals(
      error.message,
      "Cannot write the record at gs://bucket/task as its version must be a generation: " +
        `current value is ${JSON.stringify(version)}`,
    );
    assertEquals(service.requests, []);
  });
}

for (const body of ["", "{}", "null", "[]", '{"generation":1}', '{"generation":"0"}', '{"generation":"x"}', "<html>"]) {
  Deno.test(`write() throws if the answer of an upload is ${body || "empty"}`, async () => {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 200, body }, takesEffect: true });
    const error = await errorOf(store.write("task", RECORD, null));
    assertStringIncludes(
      error.message,
      "Cannot write the record at gs://bucket/task as the answer must hold a generation",
    );
    assertEquals(service.requests.length, 1);
  });
}

/** Faults after which the outcome of a write is unknown. */
const UNKNOWN_OUTCOME: Readonly<Record<string, Fault>> = {
  "408": { reply: { status: 408 } },
  "500": { reply: { status: 500 } },
  "502": { reply: { status: 502 } },
  "503": UNAVAILABLE,
  "504": { reply: { status: 504 } },
  "a lost answer": { ends: "lost" },
  "an answer that is cut off": { ends: "truncated", takesEffect: false, reply: { status: 200, body: "{}" } },
  "an answer that stalls": { ends: "stalled", takesEffect: false, reply: { status: 200, body: "{}" } },
  "no answer": { ends: "never" },
};

for (const [what, fault] of Object.entries(UNKNOWN_OUTCOME)) {
  Deno.test(`after ${what} write() throws if the first attempt succeeded`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp();
    service.failFirst({ ...fault, takesEffect: true });
    const { error } = await settle(time, store.write("task", RECORD, null));
    assertStringIncludes(
      error!.message,
      "Cannot write the record at gs://bucket/task as an earlier attempt may have been written: current value is HTTP 412",
    );
    assertEquals(service.object("task")?.value, RECORD);
    assertEquals(uploads(service.requests).length, 2);
  });

  Deno.test(`after ${what} write() throws on a conflict with another writer, too`, async () => {
    for (const status of [404, 412]) {
      using time = new FakeTime();
      const { service, store } = setUp();
      service.failFirst(fault, { reply: { status } });
      const { error } = await settle(time, store.write("task", RECORD, "17"));
      assertStringIncludes(error!.message, `an earlier attempt may have been written: current value is HTTP ${status}`);
    }
  });

  Deno.test(`after ${what} write() succeeds at the next attempt if the first had no effect`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp();
    service.failFirst({ ...fault, takesEffect: false });
    const { value } = await settle(time, store.write("task", RECORD, null));
    assertEquals(value, service.object("task")?.generation);
    assertEquals(service.requests.length, 2);
  });
}

Deno.test("read() finds a write that takes effect after its call has timed out", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  const landing = Promise.withResolvers<void>();
  service.failFirst(
    { ends: "never", takesEffect: true, after: landing.promise },
    { ends: "never" },
  );
  const { error } = await settle(time, store.write("task", RECORD, null));
  assertStringIncludes(error!.message, "gave no usable answer within 8000 ms");
  assertEquals(service.object("task"), undefined);
  landing.resolve();
  await time.runMicrotasks();
  assertEquals((await store.read("task"))?.value, RECORD);
});

Deno.test("write() throws if its first attempt takes effect during the second", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  const landing = Promise.withResolvers<void>();
  service.script = (_request, count) => {
    if (count === 1) return { ends: "never", takesEffect: true, after: landing.promise };
    landing.resolve();
    return { after: new Promise((resolve) => queueMicrotask(() => resolve(undefined))) };
  };
  const first = service.put("task", OTHER);
  const { error } = await settle(time, store.write("task", RECORD, first));
  assertStringIncludes(error!.message, "an earlier attempt may have been written");
  assertEquals(service.object("task")?.value, RECORD);
});

Deno.test("an attempt that takes effect after a later one changes nothing", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  const landing = Promise.withResolvers<void>();
  service.failFirst({ ends: "never", takesEffect: true, after: landing.promise });
  const { value } = await settle(time, store.write("task", RECORD, null));
  landing.resolve();
  await time.runMicrotasks();
  assertEquals(service.object("task")?.generation, value);
});

Deno.test("write() sends the same idempotency token with each attempt, and another with each call", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  service.failFirst(UNAVAILABLE, TOO_MANY, {}, { reply: { status: 401 } });
  const { value } = await settle(time, store.write("task", RECORD, null));
  await store.write("task", RECORD, value!);
  await store.write("other", RECORD, null);
  const tokens = uploads(service.requests).map(({ headers }) => headers.get("x-goog-gcs-idempotency-token"));
  assertEquals(tokens.length, 6);
  assertEquals(tokens.slice(0, 4), Array(4).fill(tokens[0]));
  assertEquals(new Set(tokens).size, 3);
  for (const token of tokens) assertMatch(token!, /^[\w-]{22}$/);
  const reads = service.requests.filter(({ method }) => method === "GET");
  for (const { headers } of reads) assertEquals(headers.has("x-goog-gcs-idempotency-token"), false);
});

Deno.test("write() sends the same request with each attempt", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  service.failFirst(UNAVAILABLE, UNAVAILABLE);
  await settle(time, store.write("task", RECORD, null));
  const [first, ...others] = service.requests.map(({ headers, ...rest }) => ({ ...rest, headers: [...headers] }));
  assertEquals(others, [first!, first!]);
});

Deno.test("write() returns null after HTTP 429 if another writer has succeeded", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  service.isRateLimited = true;
  const first = service.put("task", OTHER);
  service.put("task", OTHER);
  const { value, afterMs } = await settle(time, store.write("task", RECORD, first));
  assertEquals([value, afterMs], [null, 0]);
  assertEquals(service.lines.map((line) => line.split("?")[0]), [
    "POST /upload/storage/v1/b/bucket/o",
    "GET /storage/v1/b/bucket/o/task",
  ]);
  assertStringIncludes(service.lines[1]!, "?fields=generation");
});

Deno.test("write() returns null after HTTP 429 if the record was created or is gone", async () => {
  const { service, store } = setUp();
  service.isRateLimited = true;
  service.put("created", OTHER);
  assertEquals(await store.write("created", RECORD, null), null);
  service.failFirst(TOO_MANY);
  assertEquals(await store.write("gone", RECORD, "17"), null);
  assertEquals(service.requests.length, 4);
});

Deno.test("write() retries after HTTP 429 if the record is unchanged", async () => {
  using time = new FakeTime();
  using _ = fixedRandom(0.6);
  const { service, store } = setUp();
  service.isRateLimited = true;
  const first = service.put("task", OTHER);
  const { value, afterMs } = await settle(time, store.write("task", RECORD, first));
  assert(value);
  assertEquals(service.object("task")?.value, RECORD);
  assertEquals([uploads(service.requests).length, afterMs], [3, 600 + 1_200]);
});

Deno.test("write() returns null for a conflict after HTTP 429, which wrote nothing", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  const first = service.put("task", OTHER);
  service.script = (_request, count) => {
    if (count === 3) service.put("task", OTHER);
    return count === 1 ? TOO_MANY : undefined;
  };
  const { value } = await settle(time, store.write("task", RECORD, first));
  assertEquals(value, null);
});

Deno.test("write() throws after HTTP 429 if an earlier attempt had no answer", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  service.failFirst({ ...UNAVAILABLE, takesEffect: true }, TOO_MANY);
  const { error } = await settle(time, store.write("task", RECORD, null));
  assertStringIncludes(error!.message, "an earlier attempt may have been written: current value is HTTP 429");
});

Deno.test("write() succeeds for one of 20 concurrent writers and returns null to the others", async () => {
  for (const isRateLimited of [false, true]) {
    using time = new FakeTime();
    const { service } = setUp();
    service.isRateLimited = isRateLimited;
    const version = service.put("task", OTHER);
    time.tick(1_000);
    const writes = Array.from(
      { length: 20 },
      (_, index) => storeOn(service).write("task", Uint8Array.of(index), version),
    );
    const { value = [] } = await settle(time, Promise.all(writes));
    assertEquals(value.filter((won) => won !== null), [service.object("task")!.generation]);
    assertEquals(service.object("task")?.value, Uint8Array.of(value.findIndex((won) => won !== null)));
  }
});

Deno.test("write() throws for HTTP 412 of an organisation policy", async () => {
  const { service, store } = setUp();
  const message = "Request violates constraint 'constraints/gcp.restrictNonCmekServices'";
  const error = { code: 412, message, errors: [{ domain: "global", reason: "orgPolicyConstraintFailed", message }] };
  service.failFirst({ reply: { status: 412, body: JSON.stringify({ error }, undefined, 1) } });
  assertEquals(
    (await errorOf(store.write("task", RECORD, null))).message,
    `Cannot write the record at gs://bucket/task as Cloud Storage rejected the request: current value is HTTP 412 (${message})`,
  );
});

Deno.test("write() returns null for HTTP 412 without a reason", async () => {
  for (const body of ["", "Precondition Failed", '{"error":"x"}', '{"error":{"errors":[]}}', "[null]"]) {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 412, body } });
    assertEquals(await store.write("task", RECORD, null), null);
  }
});
