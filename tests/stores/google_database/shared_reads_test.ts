// Reads of both databases that share requests.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errorReply, type FakeDatabase } from "../../helpers/fake_database.ts";
import { errorOf } from "../helpers/errors.ts";
import { settle, valueOf } from "../helpers/settle.ts";
import { KINDS, messages, RECORD, setUp, TOKEN } from "./setup.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `task ${index}`);

/** How many records each read has asked for. */
function readSizes(service: FakeDatabase): number[] {
  return messages(service).flatMap((message) => {
    const { keys, documents = keys } = message as { keys?: unknown[]; documents?: unknown[] };
    return documents?.length ?? [];
  });
}

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);

  test("reads of one moment share a request, and each returns its own record", async () => {
    const { service, store } = setUp(kind);
    const odd = ["a/b", ".", "__a__", "%", "é", "e\u0301", "\u{1F600}"];
    const versions: (string | null)[] = [];
    for (const key of odd) versions.push(await store.write(key, new TextEncoder().encode(key), null));
    kind.put(service, { name: { stringValue: "a user's" } }, "foreign");
    service.nowMs = () => 1_801_000_000_123;
    const entries = await Promise.all([...odd, "none", "foreign"].map((key) => store.read(key)));
    assertEquals(readSizes(service), [9]);
    assertEquals(entries.slice(0, 7).map((entry) => new TextDecoder().decode(entry?.value)), odd);
    assertEquals(entries.slice(0, 7).map((entry) => entry?.version ?? null), versions);
    assertEquals(entries[7], null);
    assertStringIncludes(new TextDecoder().decode(entries[8]?.value), "not a status record");
    for (const entry of entries) assertEquals(entry?.storeTime ?? 1_801_000_000_123, 1_801_000_000_123);
  });

  test("a request reads at most 100 records, and the same record once", async () => {
    const { service, store } = setUp(kind);
    await Promise.all([...names(250), ...names(2)].map((key) => store.read(key)));
    assertEquals(readSizes(service), [100, 100, 52]);
    await Promise.all(names(2).flatMap((key) => [store.read(key), store.read(key)]));
    assertEquals(readSizes(service).slice(3), [2, 2]);
  });

  test("reads that come while 10 requests are not answered are sent together", async () => {
    const { service, store } = setUp(kind);
    const { promise, resolve } = Promise.withResolvers<void>();
    service.script = () => ({ after: promise });
    const calls: Promise<unknown>[] = [];
    for (const key of names(30)) {
      calls.push(store.read(key));
      for (let turn = 0; turn < 20; turn++) await undefined;
    }
    resolve();
    await Promise.all(calls);
    assertEquals(readSizes(service), [...Array(10).fill(1), 20]);
  });

  test("a request that is not carried out because of one of its records is sent for each on its own", async () => {
    for (const code of ["INVALID_ARGUMENT", "NOT_FOUND"] as const) {
      const { service, store } = setUp(kind);
      const version = await store.write("task 1", RECORD, null);
      service.failFirst({ reply: errorReply(code, "No.") }, { reply: errorReply("INVALID_ARGUMENT", "Bad name.") });
      const [first, other] = await Promise.allSettled(names(2).map((key) => store.read(key)));
      assertMatch(String(first?.status === "rejected" && first.reason), /task 0.* as .*Bad name/);
      assertEquals(other?.status === "fulfilled" && other.value?.version, version);
      assertEquals(readSizes(service), [2, 1, 1]);
    }
  });

  test("a record that is absent from the answer, or an answer that is cut off, is asked for again alone", async () => {
    const missing = kind.service === "Datastore" ? { missing: [] } : [{ transaction: "" }];
    for (
      const body of [JSON.stringify(missing), "[{", "null", '[{"missing":1},null]', '{"found":{},"missing":[null]}']
    ) {
      const { service, store } = setUp(kind);
      service.failFirst({ reply: { status: 200, body } });
      assertEquals(await Promise.all(names(2).map((key) => store.read(key))), [null, null]);
      assertEquals(readSizes(service), [2, 1, 1]);
    }
  });

  test("each read repeats a request without an answer within its own limit, and names its record", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind, { requestTimeout: 1_000 });
    service.failFirst({ ends: "lost" });
    const read = await settle(time, Promise.all(names(3).map((key) => store.read(key))));
    assertEquals(read.value, [null, null, null]);
    service.script = () => ({ ends: "never" });
    const { value, afterMs } = await settle(time, Promise.all(names(2).map((key) => errorOf(store.read(key)))));
    for (const [index, error] of (value ?? []).entries()) {
      assertStringIncludes(error.message, `task ${index}`);
      assertMatch(error.message, /gave no usable answer within 1000 ms: .*no answer \(timed out after 500 ms\)$/);
    }
    assert(afterMs <= 1_000);
  });

  test("a caller that ends its call leaves the others alone, and the last one ends the request", async () => {
    const { service, store } = setUp(kind);
    const answered = Promise.withResolvers<void>();
    let signal: AbortSignal | null | undefined;
    const own = kind.open({
      projectId: "project",
      token: () => TOKEN,
      fetch: (_input, init) => {
        signal = init?.signal;
        return new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("ended"))));
      },
    });
    const [one, other] = [new AbortController(), new AbortController()];
    const calls = [own.read("a", one), own.read("b", other)].map(errorOf);
    for (let turn = 0; turn < 20; turn++) await undefined;
    one.abort(new Error("one"));
    assertEquals([(await calls[0])?.message, signal?.aborted], ["one", false]);
    other.abort(new Error("other"));
    assertEquals([(await calls[1])?.message, signal?.aborted], ["other", true]);
    service.script = () => ({ after: answered.promise });
    const left = new AbortController();
    const [kept, gone] = [store.read("a"), errorOf(store.read("b", left))];
    left.abort(new Error("enough"));
    answered.resolve();
    assertEquals([await kept, (await gone).message, readSizes(service)], [null, "enough", [1]]);
  });

  test("a rejected token is replaced by a fresh one, and calls with different tokens share no request", async () => {
    const { service, store } = setUp(kind, { token: (options) => options?.fresh ? "fresh" : "old" });
    service.tokens = new Set(["fresh"]);
    assertEquals(await Promise.all(names(3).map((key) => store.read(key))), [null, null, null]);
    assertEquals(readSizes(service), [3, 3]);
    const tokens = ["one", "other", "other", "one"];
    const mixed = setUp(kind, { token: () => tokens.shift() ?? "" });
    await Promise.all(names(4).map((key) => mixed.store.read(key)));
    assertEquals(readSizes(mixed.service), [1, 2, 1]);
  });

  test("a request that the service declines is repeated by each call", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    service.failFirst({ reply: errorReply("RESOURCE_EXHAUSTED", "Quota exceeded.") }, {
      reply: errorReply("ABORTED", "too much contention"),
    });
    assertEquals(await valueOf(time, Promise.all(names(2).map((key) => store.read(key)))), [null, null]);
    service.script = () => ({ reply: errorReply("PERMISSION_DENIED", "No.") });
    const count = service.requests.length;
    const errors = await Promise.all(names(2).map((key) => errorOf(store.read(key))));
    for (const { message } of errors) assertStringIncludes(message, "the account may lack datastore.entities.get");
    assertEquals(service.requests.length, count + 1);
  });
}
