import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler, type StatusEntry, type StatusStore } from "../../mod.ts";
import { readShared } from "../../src/store/shared_reads.ts";
import { SILENT } from "../helpers/log.ts";

const MAX_CALLS = 4;

interface SentCall {
  readonly keys: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly resolve: (entries: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A store whose calls are answered by hand. */
class PendingStore implements StatusStore {
  readonly readsTogether: boolean;
  readonly calls: SentCall[] = [];

  constructor(readsTogether = true) {
    this.readsTogether = readsTogether;
  }

  async read(key: string, options?: { signal?: AbortSignal }): Promise<StatusEntry | null> {
    const [entry = null] = await this.#call<(StatusEntry | null)[]>([key], options?.signal);
    return entry;
  }

  readMany(keys: readonly string[], options?: { signal?: AbortSignal }): Promise<(StatusEntry | null)[]> {
    return this.#call(keys, options?.signal);
  }

  write(): Promise<null> {
    return Promise.resolve(null);
  }

  get sent(): string[] {
    return this.calls.map(({ keys }) => keys.join(" "));
  }

  /** Answers a call with entries whose versions are their keys. */
  async answer(index: number): Promise<void> {
    this.calls[index]?.resolve(this.calls[index].keys.map(entryAt));
    await turns();
  }

  #call<T>(keys: readonly string[], signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.calls.push({ keys, signal, resolve: (entries) => resolve(entries as T), reject });
    });
  }
}

function entryAt(key: string): StatusEntry {
  return { value: new Uint8Array(), version: key };
}

/** Lets microtasks run, as between two timers. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Reads a key. */
function read(store: StatusStore, key: string, signal = new AbortController().signal): Promise<StatusEntry | null> {
  const entry = readShared(store, key, { signal });
  // tests await it later
  entry.catch(() => {});
  return entry;
}

/** Reads keys, so that no place for a call is left. */
function fill(store: StatusStore, calls = MAX_CALLS): void {
  for (let call = 0; call < calls; call++) read(store, `other ${call}`);
}

Deno.test("readShared() calls read() at once while less than 4 calls are not answered", async () => {
  const store = new PendingStore();
  const entries = ["a", "b", "a", "c"].map((key) => read(store, key));
  assertEquals(store.sent, ["a", "b", "a", "c"]);
  for (const index of store.calls.keys()) await store.answer(index);
  assertEquals(await Promise.all(entries), ["a", "b", "a", "c"].map(entryAt));
  read(store, "d");
  assertEquals(store.sent.slice(4), ["d"]);
});

Deno.test("readShared() keeps reads while 4 calls are not answered, and passes each answer of the next one to its reader", async () => {
  const store = new PendingStore();
  fill(store);
  const entries = ["a", "b", "a"].map((key) => read(store, key));
  await turns();
  assertEquals(store.calls.length, MAX_CALLS);
  await store.answer(2);
  assertEquals(store.sent.slice(MAX_CALLS), ["a b a"]);
  const later = read(store, "c");
  await turns();
  assertEquals(store.calls.length, MAX_CALLS + 1);
  await store.answer(MAX_CALLS);
  assertEquals(await Promise.all(entries), ["a", "b", "a"].map(entryAt));
  await store.answer(MAX_CALLS + 1);
  assertEquals(await later, entryAt("c"));
});

Deno.test("readShared() calls read() for every read unless the store has readMany() and wants it", async () => {
  const { readMany, write } = new MemoryStore();
  for (const traits of [{ readMany }, { readsTogether: true }, { readMany, readsTogether: false }]) {
    const sent: string[] = [];
    const read = (key: string): Promise<null> => {
      sent.push(key);
      return Promise.resolve(null);
    };
    const store = { ...traits, read, write };
    const keys = Array.from({ length: 10 }, (_, index) => `task-${index}`);
    await Promise.all(keys.map((key) => readShared(store, key, new AbortController())));
    assertEquals(sent, keys);
  }
});

Deno.test("readShared() fails each reader of a call with its error, and no other", async () => {
  const store = new PendingStore();
  fill(store);
  const failing = [read(store, "a"), read(store, "b")];
  await store.answer(0);
  const later = read(store, "c");
  const down = new Error("down");
  store.calls[MAX_CALLS]?.reject(down);
  for (const entry of failing) assertStrictEquals(await assertRejects(() => entry), down);
  await store.answer(MAX_CALLS + 1);
  assertEquals(await later, entryAt("c"));
});

Deno.test("readShared() fails the readers of a call whose answer has not an entry for each", async () => {
  for (const [answer, found] of [[[null], "1 entries"], [null, "null"], [{ length: 2 }, "length"]] as const) {
    const store = new PendingStore();
    fill(store);
    const entries = [read(store, "a"), read(store, "b")];
    await store.answer(0);
    store.calls[MAX_CALLS]?.resolve(answer);
    for (const entry of entries) {
      const { message } = await assertRejects(() => entry, TypeError, "readMany() of 2 keys must return an array");
      assert(message.includes(found), message);
    }
  }
});

Deno.test("readShared() aborts a call when none of its readers waits any longer, and gives its place to others", async () => {
  const store = new PendingStore();
  fill(store);
  const [one, other] = [new AbortController(), new AbortController()];
  read(store, "a", one.signal);
  read(store, "b", other.signal);
  await store.answer(0);
  const last = read(store, "last");
  one.abort(new Error("one"));
  await turns();
  const { signal } = store.calls[MAX_CALLS]!;
  assertEquals([signal?.aborted, store.sent.includes("last")], [false, false]);
  other.abort(new Error("other"));
  assertEquals([signal?.aborted, signal?.reason.message], [true, "other"]);
  await store.answer(store.sent.indexOf("last"));
  assertEquals(await last, entryAt("last"));
});

Deno.test("readShared() gives the place of a read that ignores its signal to others, once", async () => {
  const store = new PendingStore();
  const controller = new AbortController();
  read(store, "hung", controller.signal);
  fill(store, MAX_CALLS - 1);
  read(store, "a");
  controller.abort();
  assertEquals(store.sent.slice(MAX_CALLS), ["a"]);
  read(store, "b");
  await store.answer(0);
  assertEquals(store.sent.slice(MAX_CALLS), ["a"], "the late answer frees no other place");
});

Deno.test("readShared() does not send a read for which nobody waits any longer", async () => {
  const store = new PendingStore();
  fill(store);
  const controller = new AbortController();
  read(store, "a", controller.signal);
  read(store, "b");
  controller.abort();
  await store.answer(0);
  assertEquals(store.sent.slice(MAX_CALLS), ["b"]);
});

Deno.test("readShared() does not share calls among stores", async () => {
  const stores = [new PendingStore(), new PendingStore()];
  for (const store of stores) {
    fill(store);
    for (const key of ["a", "b"]) read(store, key);
  }
  for (const store of stores) await store.answer(0);
  assertEquals(stores.map(({ sent }) => sent.slice(MAX_CALLS)), [["a b"], ["a b"]]);
});

Deno.test("schedulers that share a store share calls, each with its own record", async () => {
  const inner = new MemoryStore();
  const calls: (string | number)[] = [];
  const store: StatusStore = {
    readsTogether: true,
    read: (key, options) => {
      calls.push(key);
      return inner.read(key, options);
    },
    readMany: (keys, options) => {
      calls.push(keys.length);
      return inner.readMany(keys, options);
    },
    write: inner.write.bind(inner),
  };
  const runs: string[] = [];
  const names = Array.from({ length: 20 }, (_, index) => `task-${index}`);
  const schedulers = names.map((name) =>
    new NeatPeriodicTaskScheduler({
      name,
      interval: 60_000,
      timeout: 10_000,
      store,
      log: SILENT,
      task: (run) => void runs.push(run.name),
    })
  );
  const outcomes = await Promise.all(schedulers.map((scheduler) => scheduler.trigger()));
  assertEquals(outcomes.map(({ outcome }) => outcome), names.map(() => "finished"));
  assertEquals([runs.toSorted(), calls[0], calls[4]], [names.toSorted(), "task-0", 16]);
});
