// A database that is locked, fails or never answers, in fake time.

import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { fails, NODE_LOCKED, ScriptedKv } from "./scripted_kv.ts";

const STAMP = "00000000000000a10000";
const WRITTEN = { ok: true, versionstamp: "00000000000000a70000" };
const BYTES = new Uint8Array([1, 2, 3]);
const LOCKED = new TypeError("database is locked");

interface KvSetup {
  readonly time: FakeTime;
  readonly kv: ScriptedKv;
  readonly store: DenoKvStore;
}

/** Runs a test with a store in fake time. */
async function inFakeTime(check: (setting: KvSetup) => Promise<void>): Promise<void> {
  using time = new FakeTime();
  const kv = new ScriptedKv();
  await check({ time, kv, store: new DenoKvStore({ kv }) });
}

/** Lets fake time pass, millisecond by millisecond, so that a timer can start another. */
async function pass(time: FakeTime, ms: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed++) {
    if (passed > 0) time.tick(1);
    for (let turn = 0; turn < 40; turn++) await undefined;
  }
}

/** The result of a promise after a time, or "pending". */
async function after(time: FakeTime, ms: number, promise: Promise<unknown>): Promise<unknown> {
  let answer: (() => unknown) | undefined;
  promise.then((value) => answer = () => value, (error) => answer = fails(error));
  await pass(time, ms);
  return answer ? answer() : "pending";
}

const never = (): Promise<never> => new Promise(() => {});

Deno.test("a call retries while the database is locked", () =>
  inFakeTime(async ({ time, kv, store }) => {
    const messages = ["database is locked", "database table is locked", NODE_LOCKED];
    const locks = messages.map((message) => fails(new Error(message)));
    kv.commits.push(...locks, WRITTEN);
    kv.entries.push(...locks, { value: BYTES, versionstamp: STAMP });
    assertEquals(await after(time, 200, store.write("task", BYTES, STAMP)), WRITTEN.versionstamp);
    assertEquals(await after(time, 200, store.read("task")), { value: BYTES, version: STAMP });
    assertEquals([kv.writes.length, kv.reads.length], [4, 4]);
    for (const write of kv.writes) assertEquals(write, kv.writes[0]!);
  }));

Deno.test("waits for a lock are random, from 10 ms, and double up to 500 ms", () =>
  inFakeTime(async ({ time, kv, store }) => {
    kv.commits.push(...Array.from({ length: 12 }, () => fails(LOCKED)), WRITTEN);
    await after(time, 7_000, store.write("task", BYTES, null));
    const waits = kv.times.slice(1).map((at, index) => at - kv.times[index]!);
    assertEquals(waits.length, 12);
    for (const [index, ms] of waits.entries()) {
      assertGreaterOrEqual(ms, 10);
      // rounded up to whole milliseconds
      assertLess(ms, Math.min(500, 10 * 2 ** (index + 1)) + 1);
    }
    assert(new Set(waits.slice(6)).size > 1 && Math.max(...waits) > 100, `too much alike: ${waits}`);
  }));

Deno.test("write() returns null for a conflict after a lock, which wrote nothing", () =>
  inFakeTime(async ({ time, kv, store }) => {
    kv.commits.push(fails(LOCKED), { ok: false });
    assertEquals(await after(time, 50, store.write("task", BYTES, null)), null);
    assertEquals(kv.writes.length, 2);
  }));

Deno.test("a call throws the error of a database that stays locked, within its time limit", () =>
  inFakeTime(async ({ time, kv }) => {
    const store = new DenoKvStore({ kv, requestTimeout: { seconds: 2 } });
    kv.commits.push(...Array.from({ length: 1_000 }, () => fails(LOCKED)));
    const error = await assertRejects(() => after(time, 2_000, store.write("task", BYTES, null)), TypeError);
    assertStrictEquals(error, LOCKED);
    const { length } = kv.writes;
    assertGreaterOrEqual(length, 5);
    await pass(time, 20_000);
    assertEquals(kv.writes.length, length);
  }));

Deno.test("a call throws any other error at once", () =>
  inFakeTime(async ({ time, kv, store }) => {
    const errors = [
      new Error("disk I/O error"),
      new Error("KV Connect failed to call 'x' (status=400): database is locked"),
      new Error("database is locked out"),
      "database is locked",
      { message: "database is locked" },
      undefined,
    ];
    for (const error of errors) {
      kv.commits.push(fails(error));
      kv.entries.push(fails(error));
      for (const call of [() => store.write("task", BYTES, null), () => store.read("task")]) {
        const answer = await after(time, 0, call().then(String, (thrown) => [thrown]));
        assert(Array.isArray(answer), `not thrown: ${answer}`);
        assertStrictEquals(answer[0], error);
      }
    }
    assertEquals([kv.writes.length, kv.reads.length], [errors.length, errors.length]);
  }));

Deno.test("a call that never settles throws after 8 s, or after requestTimeout, and names the key", () =>
  inFakeTime(async ({ time, kv, store }) => {
    const quick = new DenoKvStore({ kv, prefix: ["p"], requestTimeout: 300 });
    const cases = [
      { one: store, limitMs: 8_000, key: '["neat-periodic-task", "task"]' },
      { one: quick, limitMs: 300, key: '["p", "task"]' },
    ];
    kv.commits.push(never, never);
    kv.entries.push(never, never);
    for (const { one, limitMs, key } of cases) {
      for (
        const [action, call] of [["write", () => one.write("task", BYTES, null)], [
          "read",
          () => one.read("task"),
        ]] as const
      ) {
        const answered = call();
        assertEquals(await after(time, limitMs - 1, answered), "pending");
        const error = await assertRejects(() => after(time, 1, answered), Error);
        const state = "it did not answer within requestTimeout";
        const expected = `Cannot ${action} the record at ${key} of Deno KV as ${state}: current value is ${limitMs} ms`;
        assertEquals(error.message, expected);
      }
    }
    assertEquals([kv.writes.length, kv.reads.length], [2, 2]);
  }));

Deno.test("a late answer or error is ignored", () =>
  inFakeTime(async ({ time, kv }) => {
    const late: PromiseWithResolvers<unknown>[] = [];
    const answerLate = (): Promise<unknown> => {
      late.push(Promise.withResolvers());
      return late.at(-1)!.promise;
    };
    kv.commits.push(answerLate, answerLate, answerLate);
    const writes = Promise.allSettled([0, 1, 2].map(() => new DenoKvStore({ kv }).write("task", BYTES, null)));
    await pass(time, 8_000);
    assertEquals((await writes).map(({ status }) => status), ["rejected", "rejected", "rejected"]);
    late[0]!.resolve(WRITTEN);
    late[1]!.reject(new Error("too late"));
    late[2]!.reject(LOCKED);
    // an unhandled rejection would fail the test
    await pass(time, 20_000);
    assertEquals(kv.writes.length, 3);
  }));

Deno.test("a signal ends a call at once with its reason: before it is sent, while it is pending, between two attempts", () =>
  inFakeTime(async ({ time, kv, store }) => {
    const reason = new Error("enough");
    const calls = [
      (signal: AbortSignal): Promise<unknown> => store.read("task", { signal }),
      (signal: AbortSignal): Promise<unknown> => store.write("task", BYTES, null, { signal }),
    ];
    for (const call of calls) {
      assertStrictEquals(await assertRejects(() => call(AbortSignal.abort(reason))), reason);
      assertEquals(kv.times, []);
    }
    for (const answer of [never, fails(LOCKED)]) {
      for (const call of calls) {
        const sent = kv.times.length;
        kv.entries.splice(0, 1, answer);
        kv.commits.splice(0, 1, answer);
        const controller = new AbortController();
        const answered = call(controller.signal);
        assertEquals(await after(time, 5, answered), "pending");
        controller.abort(reason);
        assertStrictEquals(await assertRejects(() => after(time, 0, answered)), reason);
        await pass(time, 20_000);
        assertEquals(kv.times.length, sent + 1);
      }
    }
  }));

Deno.test("a call leaves no timer and no listener", () =>
  inFakeTime(async ({ time, kv, store }) => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener: (
        ...args: Parameters<typeof addEventListener>
      ) => (listeners++, addEventListener.apply(signal, args)),
      removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
        listeners--;
        removeEventListener.apply(signal, args);
      },
    });
    kv.commits.push(fails(LOCKED), WRITTEN, fails(new Error("disk full")));
    await after(time, 50, store.write("task", BYTES, null, { signal }));
    await assertRejects(() => store.write("task", BYTES, null, { signal }), Error, "disk full");
    assertEquals([listeners, time.next()], [0, false]);
  }));

Deno.test("write() writes the bytes at the time of the call with each attempt", () =>
  inFakeTime(async ({ time, kv, store }) => {
    kv.commits.push(fails(LOCKED), WRITTEN);
    const value = new Uint8Array([1]);
    const written = store.write("task", value, null);
    value[0] = 2;
    await after(time, 50, written);
    assertEquals(kv.writes.map(({ sets }) => sets[0]?.value), [new Uint8Array([1]), new Uint8Array([1])]);
  }));

Deno.test("calls don't wait for those of earlier moments", () =>
  inFakeTime(async ({ time, kv, store }) => {
    kv.entries.push(never);
    const hung = store.read("one");
    await pass(time, 0);
    assertEquals(await after(time, 0, store.read("other")), null);
    await assertRejects(() => after(time, 8_000, hung), Error, "did not answer");
  }));
