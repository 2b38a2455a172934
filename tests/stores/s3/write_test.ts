import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { errorBody } from "../../../internal/servers/fake_s3.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { MADE_UP, OTHER, RECORD, setUp, storeOn } from "./setup.ts";

/** An error response of the service. */
function error(status: number, code: string): Fault {
  return { reply: { status, body: errorBody(code, `about ${code}`) } };
}

const OTHER_IN_PROGRESS = error(409, "ConditionalRequestConflict");
const LOST = error(412, "PreconditionFailed");

Deno.test("write() has the condition that there is no object, or that it has the ETag", async () => {
  const { service, store } = setUp();
  const first = await store.write("task", RECORD, null);
  const second = await store.write("task", OTHER, first);
  assertEquals([service.object("task")?.etag, service.object("task")?.value], [second, OTHER]);
  assertNotEquals(first, second);
  assertEquals(service.lines, ["PUT /bucket/task", "PUT /bucket/task"]);
  const conditions = service.requests.map(({ headers }) => [headers.get("if-none-match"), headers.get("if-match")]);
  assertEquals(conditions, [["*", null], [null, first]]);
});

Deno.test("write() stores JSON that must not be cached", async () => {
  const { service, store } = setUp();
  await store.write("task", RECORD, null);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  assertEquals(service.object("task")?.headers, headers);
});

Deno.test("write() returns null if the record exists, has changed or is gone", async () => {
  const { service, store } = setUp();
  assertEquals(await store.write("task", RECORD, MADE_UP), null);
  const first = service.put("task", OTHER);
  assertEquals(await store.write("task", RECORD, null), null);
  service.put("task", "third");
  assertEquals(await store.write("task", RECORD, first), null);
  assertEquals(service.object("task")?.value, new TextEncoder().encode("third"));
  assertEquals(service.requests.length, 3);
});

Deno.test("write() returns null for HTTP 412 and throws for HTTP 404 of another code", async () => {
  const { service, store } = setUp();
  service.failFirst({ reply: { status: 412 } }, LOST, error(404, "NoSuchKey"));
  for (let call = 0; call < 3; call++) assertEquals(await store.write("task", RECORD, MADE_UP), null);
  for (const code of ["NoSuchBucket", "NoSuchUpload", "NoSuchKeyOrSo"]) {
    service.failFirst(error(404, code));
    assertStringIncludes((await errorOf(store.write("task", RECORD, MADE_UP))).message, `HTTP 404 (${code}: about`);
  }
  service.failFirst(error(404, "NoSuchKey"), { reply: { status: 404, body: "<html>not S3</html>" } });
  for (let call = 0; call < 2; call++) {
    assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, ": current value is HTTP 404");
  }
});

Deno.test("write() throws if the bucket does not exist", async () => {
  const { store } = setUp({ bucket: "elsewhere" });
  for (const version of [null, MADE_UP]) {
    assertEquals(
      (await errorOf(store.write("task", RECORD, version))).message,
      'Cannot write the record at s3://elsewhere/task as there is no bucket "elsewhere": current value is HTTP 404 ' +
        "(NoSuchBucket: The specified bucket does not exist)",
    );
  }
});

Deno.test("write() repeats the same conditional write while another one is in progress", async () => {
  using _ = fixedRandom(0);
  for (const conflict of [OTHER_IN_PROGRESS, error(409, "OperationAborted")]) {
    const { service, store } = setUp();
    const first = service.put("task", OTHER);
    service.failFirst(conflict, conflict);
    assertEquals(await store.write("task", RECORD, first), service.object("task")?.etag);
    assertEquals(service.object("task")?.value, RECORD);
    const sent = service.requests.map(({ headers, body }) => [headers.get("if-match"), body]);
    assertEquals(sent, Array(3).fill([first, RECORD]));
  }
});

Deno.test("write() returns null if the other write that was in progress has won", async () => {
  using _ = fixedRandom(0);
  const { service, store } = setUp();
  service.failFirst(OTHER_IN_PROGRESS, LOST);
  assertEquals(await store.write("task", RECORD, MADE_UP), null);
  assertEquals(service.requests.length, 2);
});

Deno.test("write() throws if another write is in progress for longer than requestTimeout", async () => {
  const { service, store } = setUp({ requestTimeout: 200 });
  service.script = () => OTHER_IN_PROGRESS;
  const { message } = await errorOf(store.write("task", RECORD, MADE_UP));
  assertStringIncludes(
    message,
    "S3 gave no usable answer within 200 ms: current value is HTTP 409 (ConditionalRequest",
  );
});

Deno.test("write() throws for HTTP 409 of another code, at once", async () => {
  const { service, store } = setUp();
  service.failFirst(error(409, "InvalidBucketState"));
  assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, "HTTP 409 (InvalidBucketState: ");
  assertEquals(service.requests.length, 1);
});

Deno.test("write() throws at once if the service has no conditional writes", async () => {
  const { service, store } = setUp();
  service.failFirst(error(501, "NotImplemented"));
  const message = "the service can't do this; it may lack conditional writes, which the store needs: current value is";
  assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, message);
  assertEquals(service.requests.length, 1);
});

/** Faults after which the outcome of a write is unknown. */
const UNKNOWN_OUTCOME: Readonly<Record<string, Fault>> = {
  "500": error(500, "InternalError"),
  "503": error(503, "SlowDown"),
  "504": { reply: { status: 504 } },
  "a lost answer": { ends: "lost" },
  "an answer that is cut off": { ends: "truncated", reply: { status: 200, body: "<a/>" } },
  "no answer": { ends: "never" },
};

for (const [what, fault] of Object.entries(UNKNOWN_OUTCOME)) {
  Deno.test(`after ${what} write() throws if the first attempt succeeded`, async () => {
    using _ = fixedRandom(0);
    const { service, store } = setUp({ requestTimeout: 2_000 });
    service.failFirst({ ...fault, takesEffect: true });
    const { message } = await errorOf(store.write("task", RECORD, null));
    assertStringIncludes(
      message,
      "Cannot write the record at s3://bucket/task as an earlier attempt may have been written: current value is HTTP 412",
    );
    assertEquals(service.object("task")?.value, RECORD);
  });

  Deno.test(`after ${what} write() throws on a conflict with another writer, too`, async () => {
    using _ = fixedRandom(0);
    for (const conflict of [LOST, error(404, "NoSuchKey")]) {
      const { service, store } = setUp({ requestTimeout: 2_000 });
      service.failFirst({ ...fault, takesEffect: false }, conflict);
      const { message } = await errorOf(store.write("task", RECORD, MADE_UP));
      assertStringIncludes(message, "as an earlier attempt may have been written: current value is HTTP 4");
    }
  });

  Deno.test(`after ${what} write() succeeds at the next attempt if the first had no effect`, async () => {
    using _ = fixedRandom(0);
    const { service, store } = setUp({ requestTimeout: 2_000 });
    service.failFirst({ ...fault, takesEffect: false });
    const version = await store.write("task", RECORD, null);
    assertEquals([version, service.requests.length], [service.object("task")?.etag, 2]);
  });
}

Deno.test("write() repeats a request that the service did not receive in time", async () => {
  using _ = fixedRandom(0);
  const { service, store } = setUp();
  service.failFirst(error(400, "RequestTimeout"), LOST);
  assertEquals(await store.write("task", RECORD, null), null);
});

Deno.test("write() succeeds for one of 20 concurrent writers and returns null to the others", async () => {
  const { service } = setUp();
  const version = service.put("task", OTHER);
  for (const expected of [version, null]) {
    const key = expected === null ? "new" : "task";
    const writes = Array.from(
      { length: 20 },
      (_, index) => storeOn(service).write(key, Uint8Array.of(index), expected),
    );
    const won = (await Promise.all(writes)).filter((version) => version !== null);
    assertEquals(won, [service.object(key)!.etag]);
  }
});

Deno.test("write() writes the bytes at the time of the call, without the rest of their buffer", async () => {
  const { service, store } = setUp();
  const value = new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3);
  const writing = store.write("task", value, null);
  value.fill(0);
  await writing;
  assertEquals(service.object("task")?.value, new Uint8Array([1, 2]));
});

for (const version of ["", "*", 'W/"abc"', '"', '"a"b"', '"a\r\nx: y"', '"é"', " ", '"a", "b"', "a b"]) {
  Deno.test(`write() throws for the version ${JSON.stringify(version)} before any request`, async () => {
    const { service, store } = setUp();
    const error = await errorOf(store.write("task", RECORD, version));
    assert(error instanceof RangeError);
    const state = "its version must be an ETag";
    assertEquals(
      error.message,
      `Cannot write the record at s3://bucket/task as ${state}: current value is ${JSON.stringify(version)}`,
    );
    assertEquals(service.requests, []);
  });
}

Deno.test("write() throws if its answer has no strong ETag", async () => {
  for (const headers of [{}, { etag: "" }, { etag: 'W/"abc"' }, { etag: "*" }]) {
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 200, headers: { ...headers } as Record<string, string> }, takesEffect: true });
    assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, "must hold a strong ETag");
  }
});

Deno.test("write() gives equal bodies equal versions, so that only the write id tells them apart", async () => {
  const { store } = setUp();
  const first = await store.write("task", RECORD, null);
  const second = await store.write("task", OTHER, first);
  assertEquals(await store.write("task", RECORD, second), first);
});
