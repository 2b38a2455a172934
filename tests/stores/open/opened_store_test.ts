import { MemoryStore, type StatusStore } from "@neat/periodic-task";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { OwningStore } from "../../../stores/open/opened_store.ts";
import type { Connection } from "../../../stores/open/scheme.ts";
import { creatingOnce, orAborted } from "../../../stores/open/tables.ts";

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

Deno.test("an opened store has watch() if its store has", () => {
  const { read, write, list } = new MemoryStore();
  const store: Connection["store"] = { read, write, list };
  assertEquals(new OwningStore(connection({ store })).watch, undefined);
});

Deno.test("a watch ends at its signal and at return(), also before the store is ready", async () => {
  const store = new OwningStore(connection({ prepare: (signal) => orAborted(new Promise(() => {}), signal) }));
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

Deno.test("a table is created once, by one of the calls of the same moment", async () => {
  let created = 0;
  const ready = creatingOnce(() => Promise.resolve(void created++));
  await Promise.all([ready(undefined), ready(undefined), ready(new AbortController().signal)]);
  await ready(undefined);
  assertEquals(created, 1);
});

Deno.test("a table that could not be created is tried again by the next call", async () => {
  const outcomes = [() => Promise.reject(new Error("down")), () => Promise.resolve()];
  const ready = creatingOnce(() => outcomes.shift()!());
  await assertRejects(() => ready(undefined), Error, "down");
  await ready(undefined);
  assertEquals(outcomes.length, 0);
});

Deno.test("an aborted call does not end the creation of the table for others", async () => {
  let finish = (): void => {};
  const ready = creatingOnce(() => new Promise((resolve) => finish = resolve));
  const controller = new AbortController();
  const [aborted, other] = [ready(controller.signal), ready(undefined)];
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  finish();
  await other;
  await assertRejects(
    () => creatingOnce(() => new Promise(() => {}))(AbortSignal.abort(new Error("late"))),
    Error,
    "late",
  );
});

Deno.test("a creation that fails after its call was aborted is no unhandled rejection", async () => {
  let fail = (_: Error): void => {};
  const ready = creatingOnce(() => new Promise((_, reject) => fail = reject));
  const controller = new AbortController();
  const aborted = ready(controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  fail(new Error("down"));
  await new Promise((resolve) => setTimeout(resolve, 0));
});
