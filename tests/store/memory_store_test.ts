import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStore } from "../../mod.ts";
import { abortListeners } from "../helpers/abort_listeners.ts";

const BYTES = new Uint8Array([1]);

/** Lists all keys. */
async function keysOf(store: MemoryStore, signal?: AbortSignal): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(signal && { signal })) keys.push(key);
  return keys;
}

/** Replaces the record at a key. */
async function touch(store: MemoryStore, key: string): Promise<void> {
  await store.write(key, BYTES, (await store.read(key))?.version ?? null);
}

/** Starts a watch. */
function watchOf(store: MemoryStore, key: string, signal?: AbortSignal): AsyncIterator<void> {
  return store.watch(key, signal && { signal })[Symbol.asyncIterator]();
}

/** Whether a promise is pending after all microtasks. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const later = new Promise((resolve) => setTimeout(resolve, 0, pending));
  return await Promise.race([promise, later]) === pending;
}

Deno.test("MemoryStore.list() yields each key once, in the order of their first writes", async () => {
  const store = new MemoryStore();
  assertEquals(await keysOf(store), []);
  for (const key of ["b", "a", "b", "c", "a"]) await touch(store, key);
  await store.read("never written");
  assertEquals(await keysOf(store), ["b", "a", "c"]);
});

Deno.test("MemoryStore.list() yields the keys that there were at its start", async () => {
  const store = new MemoryStore();
  for (const key of ["a", "b"]) await touch(store, key);
  const keys: string[] = [];
  for await (const key of store.list()) {
    keys.push(key);
    await touch(store, `${key}, later`);
  }
  assertEquals(keys, ["a", "b"]);
});

Deno.test("MemoryStore.list() throws the reason of a signal that has aborted, or aborts between two keys", async () => {
  const store = new MemoryStore();
  for (const key of ["a", "b"]) await touch(store, key);
  await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("before"))), Error, "before");
  const controller = new AbortController();
  const keys = store.list({ signal: controller.signal })[Symbol.asyncIterator]();
  assertEquals((await keys.next()).value, "a");
  controller.abort(new Error("between"));
  await assertRejects(() => keys.next(), Error, "between");
});

Deno.test("MemoryStore.watch() yields after a write at its key, and not after others", async () => {
  const store = new MemoryStore();
  const hints = watchOf(store, "a");
  const next = hints.next();
  await touch(store, "b");
  assertEquals(await store.write("a", BYTES, "no such version"), null);
  await store.read("a");
  assertEquals(await isPending(next), true);
  await touch(store, "a");
  assertEquals(await next, { done: false, value: undefined });
  await hints.return?.();
});

Deno.test("MemoryStore.watch() makes one hint of the writes while its consumer is busy", async () => {
  const store = new MemoryStore();
  const hints = watchOf(store, "a");
  for (let write = 0; write < 3; write++) await touch(store, "a");
  assertEquals(await hints.next(), { done: false, value: undefined });
  const next = hints.next();
  assertEquals(await isPending(next), true);
  await touch(store, "a");
  assertEquals((await next).done, false);
  await hints.return?.();
});

Deno.test("MemoryStore.watch() hints to every watcher of a key", async () => {
  const store = new MemoryStore();
  const all = Array.from({ length: 3 }, () => watchOf(store, "a"));
  await all[1]?.return?.();
  await touch(store, "a");
  assertEquals((await Promise.all(all.map((hints) => hints.next()))).map(({ done }) => done), [false, true, false]);
  for (const hints of all) await hints.return?.();
});

Deno.test("MemoryStore.watch() ends without an error when its signal aborts, and drops the hint that is left", async () => {
  const store = new MemoryStore();
  const controller = new AbortController();
  const [idle, busy] = [watchOf(store, "a", controller.signal), watchOf(store, "a", controller.signal)];
  await touch(store, "a");
  await idle.next();
  const next = idle.next();
  controller.abort(new Error("no longer needed"));
  assertEquals([(await next).done, (await idle.next()).done, (await busy.next()).done], [true, true, true]);
  const aborted = watchOf(store, "a", AbortSignal.abort());
  await touch(store, "a");
  assertEquals((await aborted.next()).done, true);
});

Deno.test("MemoryStore.watch() ends at once when its consumer returns, even while it waits", async () => {
  const store = new MemoryStore();
  const hints = watchOf(store, "a");
  const [one, other] = [hints.next(), hints.next()];
  assertEquals((await hints.return?.())?.done, true);
  assertEquals([(await one).done, (await other).done], [true, true]);
  await touch(store, "a");
  assertEquals((await hints.next()).done, true);
});

Deno.test("MemoryStore.watch() leaves no listener at its signal", async () => {
  const store = new MemoryStore();
  const { signal, count } = abortListeners();
  store.watch("a", { signal });
  assertEquals(count(), 0);
  const hints = watchOf(store, "a", signal);
  assertEquals(count(), 1);
  await hints.return?.();
  assertEquals(count(), 0);
});
