// Sign-in, retries and conflicts of both databases.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errorReply } from "../../helpers/fake_database.ts";
import type { Fault } from "../../helpers/fault_service.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { settle, valueOf } from "../helpers/settle.ts";
import { KINDS, messages, RECORD, setUp, TOKEN } from "./setup.ts";

const OTHER = new Uint8Array([1]);
const ABORTED: Fault = { reply: errorReply("ABORTED", "too much contention on these entities. please try again.") };
/** The request takes effect, but has no answer. */
const LOST: Fault = { takesEffect: true, ends: "lost" };

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);
  const readError = `Cannot read the record at ${kind.address}`;
  const writeError = `Cannot write the record at ${kind.address}`;

  test("requests have a token and a content type", async () => {
    const { service, store } = setUp(kind);
    service.tokens = new Set([TOKEN]);
    await store.write("task", RECORD, (await store.read("task"))?.version ?? null);
    assertEquals(service.requests.map(({ headers }) => headers.get("content-type")), Array(2).fill("application/json"));
  });

  test("a rejected token is replaced by a fresh one, once", async () => {
    const { service, store } = setUp(kind, { token: (options) => options?.fresh ? "fresh" : "old" });
    service.tokens = new Set(["fresh"]);
    assertEquals(typeof await store.write("task", RECORD, null), "string");
    service.tokens = new Set();
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(
      message,
      `${readError} as ${kind.service} does not accept the access token: current value is HTTP 401`,
    );
    assertEquals(service.requests.length, 4);
    assert(!message.includes("fresh"));
  });

  test("a call retries ABORTED, which wrote nothing", async () => {
    using time = new FakeTime();
    using _ = fixedRandom(0.5);
    const { service, store } = setUp(kind);
    service.failFirst(ABORTED, ABORTED);
    const version = await valueOf(time, store.write("task", RECORD, null));
    assertEquals([typeof version, service.requests.length], ["string", 3]);
    service.failFirst(ABORTED);
    assertEquals(await valueOf(time, store.write("task", OTHER, null)), null);
    service.failFirst(ABORTED);
    assertEquals(await valueOf(time, store.write("task", OTHER, kind.oldVersion)), null);
    service.failFirst(ABORTED);
    assertEquals((await valueOf(time, store.read("task")))?.value, RECORD);
    service.script = () => ABORTED;
    const { error, afterMs } = await settle(time, store.write("task", OTHER, version));
    assertStringIncludes(error!.message, `${writeError} as ${kind.service} gave no usable answer within 8000 ms`);
    assertStringIncludes(error!.message, "too much contention");
    assert(afterMs <= 8_000);
  });

  for (
    const [name, fault] of [
      ["an answer that is lost", LOST],
      ["HTTP 503", { ...LOST, ends: undefined, reply: { status: 503 } }],
      ["HTTP 504 that says DEADLINE_EXCEEDED", { ...LOST, ends: undefined, reply: { status: 504 } }],
      ["a body that stalls", { takesEffect: true, ends: "stalled" }],
    ] as [string, Fault][]
  ) {
    test(`write() throws on a conflict after ${name}`, async () => {
      using time = new FakeTime();
      const { service, store } = setUp(kind);
      service.failFirst(fault);
      const created = await settle(time, store.write("task", RECORD, null));
      assertStringIncludes(
        created.error!.message,
        `${writeError} as an earlier attempt may have been written: current value is`,
      );
      const { version } = (await valueOf(time, store.read("task")))!;
      service.failFirst(fault);
      const replaced = await settle(time, store.write("task", OTHER, version));
      assertStringIncludes(replaced.error!.message, "as an earlier attempt may have been written");
      assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
      service.failFirst(fault);
      // the record is another writer's, but the first attempt may have come before it
      const stale = await settle(time, store.write("task", OTHER, kind.oldVersion));
      assertStringIncludes(stale.error!.message, "as an earlier attempt may have been written");
    });
  }

  test("a call retries a lost request", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    service.failFirst({ ends: "lost" });
    const version = await valueOf(time, store.write("task", RECORD, null));
    service.failFirst({ ends: "never" });
    assertEquals(typeof await valueOf(time, store.write("task", OTHER, version)), "string");
    service.failFirst({ ends: "lost" }, { ends: "truncated" }, { reply: { status: 500 } });
    assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
  });

  test("write() returns null for a conflict after HTTP 429, which wrote nothing", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    for (const version of [null, kind.oldVersion]) {
      service.failFirst({ reply: errorReply("RESOURCE_EXHAUSTED", "Quota exceeded.") });
      assertEquals(await valueOf(time, store.write("task", OTHER, version)), null);
    }
  });

  test("an attempt that takes effect after a later one changes nothing", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    const version = await store.write("task", RECORD, null);
    const late = Promise.withResolvers<void>();
    service.failFirst({ after: late.promise });
    const next = await valueOf(time, store.write("task", OTHER, version));
    const last = await store.write("task", RECORD, next);
    late.resolve();
    await time.runMicrotasks();
    assertEquals((await store.read("task"))?.version, last);
    assertEquals(service.requests.length, 5);
  });

  test("write() throws if an attempt without an answer takes effect", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    const late = Promise.withResolvers<void>();
    const land = async (): Promise<void> => {
      late.resolve();
      while (kind.names(service).length === 0) await late.promise;
    };
    service.script = (_, count) => {
      if (count === 1) return { after: late.promise };
      return count === 2 ? { after: land(), reply: { status: 503 } } : undefined;
    };
    const { error } = await settle(time, store.write("task", RECORD, null));
    assertStringIncludes(error!.message, "as an earlier attempt may have been written");
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("a call with an aborted signal rejects with its reason and sends nothing", async () => {
    const { service, store } = setUp(kind);
    const signal = AbortSignal.abort(new Error("enough"));
    assertEquals((await errorOf(store.read("task", { signal }))).message, "enough");
    assertEquals((await errorOf(store.write("task", RECORD, null, { signal }))).message, "enough");
    assertEquals(service.requests, []);
  });

  test("a call sends the same message with each attempt", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    service.failFirst({ ends: "lost" }, ABORTED);
    await valueOf(time, store.write("task", RECORD, null));
    const [first, ...others] = messages(service);
    assertEquals(others, [first, first]);
  });
}
