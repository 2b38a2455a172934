import { MemoryStore, type StatusStore, type StoreCallOptions } from "@neat/periodic-task";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { OwningStore } from "../../../stores/open/opened_store.ts";
import type { Connection } from "../../../stores/open/scheme.ts";
import { creatingOnce } from "../../../stores/open/tables.ts";

const RECORD = new TextEncoder().encode("{}");

function connection(options: Partial<Connection> = {}): Connection {
  return { store: new MemoryStore(), ...options };
}

Deno.test("an opened store passes calls on", async () => {
  const inner = new MemoryStore();
  await using store = new OwningStore(connection({ store: inner }));
  const version = await store.write("task", RECORD, null);
  assertEquals((await inner.read("task"))?.version, version);
  assertEquals((await store.read("task"))?.version, version);
  assertEquals(await Array.fromAsync(store.list()), ["task"]);
  const hints = store.watch?.("task")[Symbol.asyncIterator]();
  const hint = hints?.next();
  await store.write("task", RECORD, version ?? null);
  assertEquals((await hint)?.done, false);
  await hints?.return?.();
});

Deno.test("an opened store has readMany() and readsTogether if its store has, and waits until it is ready", async () => {
  const inner = new MemoryStore();
  const version = await inner.write("task", RECORD, null);
  let makeReady = (): void => {};
  const prepare = (): Promise<void> => new Promise((resolve) => makeReady = resolve);
  const { read, write, list } = inner;
  const without = new OwningStore(connection({ store: { read, write, list } }));
  assertEquals([without.readMany, without.readsTogether], [undefined, undefined]);
  const store = new OwningStore(connection({ store: Object.assign(inner, { readsTogether: true }), prepare }));
  const keys = ["task", "none"];
  const entries = store.readMany?.(keys);
  keys.reverse();
  makeReady();
  assertEquals((await entries)?.map((entry) => entry?.version), [version ?? undefined, undefined]);
  assertEquals(store.readsTogether, true);
  await store.close();
  await assertRejects(
    async () => await store.readMany?.(keys),
    Error,
    "Cannot read the records as the store must be open",
  );
});

Deno.test("an opened store has watch() if its store has", () => {
  const { read, write, list } = new MemoryStore();
  const store: Connection["store"] = { read, write, list };
  assertEquals(new OwningStore(connection({ store })).watch, undefined);
});

Deno.test("a watch ends at its signal and at return(), also before the store is ready", async () => {
  const store = new OwningStore(connection({ prepare: () => new Promise(() => {}) }));
  const controller = new AbortController();
  const [atSignal, atReturn] = [store.watch?.("task", { signal: controller.signal }), store.watch?.("task")]
    .map((hints) => hints?.[Symbol.asyncIterator]());
  const [first, second] = [atSignal?.next(), atReturn?.next()];
  controller.abort(new Error("enough"));
  await atReturn?.return?.();
  assertEquals([(await first)?.done, (await second)?.done], [true, true]);
});

Deno.test("a watch fails if the store can't be made ready", async () => {
  const store = new OwningStore(connection({ prepare: () => Promise.reject(new Error("down")) }));
  await assertRejects(() => Array.fromAsync(store.watch?.("task") ?? []), Error, "down");
});

Deno.test("the record is copied before the store is made ready", async () => {
  let makeReady = (): void => {};
  const prepare = (): Promise<void> => new Promise((resolve) => makeReady = resolve);
  const store = new OwningStore(connection({ prepare }));
  const value = RECORD.slice();
  const written = store.write("task", value, null);
  value.fill(0);
  makeReady();
  await written;
  const read = store.read("task");
  makeReady();
  assertEquals((await read)?.value, RECORD);
});

Deno.test("close() closes the client once, and never rejects", async () => {
  let closed = 0;
  const close = (): Promise<void> => {
    closed++;
    return Promise.reject(new Error("the connection is broken"));
  };
  const store = new OwningStore(connection({ close }));
  assertStrictEquals(store.close(), store.close());
  await store.close();
  await store[Symbol.asyncDispose]();
  assertEquals(closed, 1);
});

Deno.test("calls after close() fail, and so do those that wait until the store is ready", async () => {
  let makeReady = (): void => {};
  const prepare = (): Promise<void> => new Promise((resolve) => makeReady = resolve);
  const store: StatusStore & { close(): Promise<void> } = new OwningStore(connection({ prepare }));
  const waiting = store.read("task");
  await store.close();
  makeReady();
  const message = 'Cannot read the record as the store must be open: current value is "closed"';
  await assertRejects(() => waiting, Error, message);
  await assertRejects(() => store.read("task"), Error, message);
  await assertRejects(
    () => store.write("task", RECORD, null),
    Error,
    "Cannot write the record as the store must be open",
  );
  await assertRejects(() => Array.fromAsync(store.list?.() ?? []), Error, "Cannot list the records");
  await assertRejects(() => Array.fromAsync(store.watch?.("task") ?? []), Error, "Cannot watch the record");
});

/** Ends a call at its time limit, and returns its error and the time it took. */
async function failureOf(time: FakeTime, call: () => Promise<unknown>): Promise<[message: string, ms: number]> {
  const startMs = Date.now();
  let failure: [string, number] | undefined;
  call().catch((error) => failure = [error.message, Date.now() - startMs]);
  for (let step = 0; step < 40 && !failure; step++) await time.tickAsync(10);
  assert(failure);
  return failure;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

Deno.test("one time limit is over the preparation and the call", async () => {
  using time = new FakeTime();
  const signals: (AbortSignal | undefined)[] = [];
  const hang = (options?: StoreCallOptions): Promise<never> => {
    signals.push(options?.signal);
    return never();
  };
  const inner: Connection["store"] = {
    read: (_, options) => hang(options),
    write: (_, __, ___, options) => hang(options),
    async *list(options) {
      yield await hang(options);
    },
  };
  const prepare = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
  const store = new OwningStore(connection({ store: inner, prepare, limitMs: 100 }));
  const state = 'the store did not answer within the "timeout" of its URL: current value is 100 ms';
  const calls: [action: string, call: () => Promise<unknown>][] = [
    ["read the record", () => store.read("task")],
    ["write the record", () => store.write("task", RECORD, null)],
    ["list the records", () => Array.fromAsync(store.list())],
  ];
  for (const [action, call] of calls) {
    assertEquals(await failureOf(time, call), [`Cannot ${action} as ${state}`, 100]);
  }
  await time.runMicrotasks();
  assertEquals(signals.map((signal) => signal?.aborted), [true, true, true]);
  assertEquals(time.next(), false);
});

Deno.test("a store that can't be made ready in time fails all calls and watches of the moment", async () => {
  using time = new FakeTime();
  const store = new OwningStore(connection({ prepare: never, limitMs: 100 }));
  const reads = [() => store.read("task"), () => Array.fromAsync(store.watch?.("task") ?? [])];
  const failures = await Promise.all(reads.map((read) => failureOf(time, read)));
  assertEquals(failures.map(([message]) => message.includes("did not answer")), [true, true]);
});

Deno.test("a store that is ready is called with the caller's signal, and without another time limit", async () => {
  using time = new FakeTime();
  const { signal } = new AbortController();
  const inner = new MemoryStore();
  let received: AbortSignal | undefined;
  const read: StatusStore["read"] = (key, options) => {
    received = options?.signal;
    return inner.read(key);
  };
  const store = new OwningStore(connection({
    store: { read, write: inner.write.bind(inner), list: inner.list.bind(inner) },
    prepare: () => undefined,
  }));
  await store.read("task", { signal });
  assertStrictEquals(received, signal);
  assertEquals(time.next(), false);
});

Deno.test("a listing goes on after its first page without the time limit of the start, and ends at its signal", async () => {
  using time = new FakeTime();
  const inner = new MemoryStore();
  for (const key of ["a", "b"]) await inner.write(key, RECORD, null);
  const store = new OwningStore(connection({ store: inner, prepare: () => Promise.resolve(), limitMs: 100 }));
  const keys = store.list()[Symbol.asyncIterator]();
  assertEquals((await keys.next()).value, "a");
  await time.tickAsync(1_000);
  assertEquals((await keys.next()).value, "b");
  await keys.return?.();
  await assertRejects(
    () => Array.fromAsync(store.list({ signal: AbortSignal.abort(new Error("enough")) })),
    Error,
    "enough",
  );
});

Deno.test("a table is created once, by one of the calls of the same moment", async () => {
  let created = 0;
  const ready = creatingOnce(() => Promise.resolve(void created++), 100);
  await Promise.all([ready(), ready(), ready()]);
  assertEquals([ready(), created], [undefined, 1]);
});

Deno.test("a table that could not be created is tried again by the next call", async () => {
  const outcomes = [() => Promise.reject(new Error("down")), () => Promise.resolve()];
  const ready = creatingOnce(() => outcomes.shift()?.() ?? never(), 100);
  await assertRejects(async () => await ready(), Error, "down");
  await ready();
  assertEquals(outcomes.length, 0);
});

Deno.test("the creation of a table ends at the time limit, with all of its statements", async () => {
  using time = new FakeTime();
  let received: AbortSignal | undefined;
  const ready = creatingOnce(({ signal }) => {
    received = signal;
    return never();
  }, 100);
  const [message, ms] = await failureOf(time, async () => await ready());
  assertEquals([message.includes('within the "timeout" of its URL'), ms], [true, 100]);
  assert(received?.aborted);
});

Deno.test("an aborted call does not end the creation of the table for others", async () => {
  let finish = (): void => {};
  const prepare = creatingOnce(() => new Promise((resolve) => finish = resolve), 1_000);
  const store = new OwningStore(connection({ prepare }));
  const controller = new AbortController();
  const [aborted, other] = [store.read("task", controller), store.read("task")];
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  finish();
  assertEquals(await other, null);
  await assertRejects(() => store.read("task", { signal: AbortSignal.abort(new Error("late")) }), Error, "late");
});

Deno.test("a creation that fails after its call was aborted is no unhandled rejection", async () => {
  let fail = (_: Error): void => {};
  const prepare = creatingOnce(() => new Promise((_, reject) => fail = reject), 1_000);
  const store = new OwningStore(connection({ prepare }));
  const controller = new AbortController();
  const aborted = store.read("task", controller);
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  fail(new Error("down"));
  await new Promise((resolve) => setTimeout(resolve, 0));
});
