import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { MemoryStore, type StatusEntry, type StatusStore } from "../../mod.ts";
import { readShared } from "../../src/store/shared_reads.ts";

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

/** Reads a key in each of several turns, until so many calls wait for their answers. */
async function fill(store: StatusStore): Promise<void> {
  for (let call = 0; call < MAX_CALLS; call++) {
    read(store, `other ${call}`);
    await turns();
  }
}

Deno.test("readShared() makes one call for reads of one moment, and passes each answer to its reader", async () => {
  const store = new PendingStore();
  const entries = Promise.all(["a", "b", "a"].map((key) => read(store, key)));
  await turns();
  assertEquals(store.sent, ["a b a"]);
  await store.answer(0);
  assertEquals(await entries, ["a", "b", "a"].map(entryAt));
});

Deno.test("readShared() calls read() for a read on its own, and for every one unless the store wants otherwise", async () => {
  const alone = new PendingStore();
  const entry = read(alone, "a");
  await turns();
  alone.calls[0]?.resolve([entryAt("a")]);
  assertEquals(await entry, entryAt("a"));

  const { read: readOne, readMany, write } = new MemoryStore();
  const sent: string[] = [];
  const counted = (key: string): Promise<null> => {
    sent.push(key);
    return Promise.resolve(null);
  };
  for (const store of [{ read: counted, write, readMany }, { read: counted, write, readsTogether: true }]) {
    await Promise.all(["a", "b"].map((key) => read(store, key)));
  }
  assertEquals(sent, ["a", "b", "a", "b"]);
  assertInstanceOf(readOne, Function);
});

Deno.test("readShared() keeps reads while 4 calls are not answered, and sends them together then", async () => {
  const store = new PendingStore();
  await fill(store);
  const entries = ["a", "b", "c"].map(async (key) => {
    await turns();
    return await read(store, key);
  });
  await turns();
  assertEquals(store.calls.length, MAX_CALLS);
  await store.answer(2);
  assertEquals(store.sent.slice(MAX_CALLS), ["a b c"]);
  await store.answer(MAX_CALLS);
  assertEquals(await Promise.all(entries), ["a", "b", "c"].map(entryAt));
});

Deno.test("readShared() fails each reader of a call with its error, and no other", async () => {
  const store = new PendingStore();
  const failing = [read(store, "a"), read(store, "b")];
  await turns();
  const later = read(store, "c");
  await turns();
  const down = new Error("down");
  store.calls[0]?.reject(down);
  for (const entry of failing) assertStrictEquals(await assertRejects(() => entry), down);
  store.calls[1]?.resolve([entryAt("c")]);
  assertEquals(await later, entryAt("c"));
});

Deno.test("readShared() fails the readers of a call whose answer has not an entry for each", async () => {
  for (const [answer, found] of [[[null], "1 entries"], [null, "null"], [{ length: 2 }, "length"]] as const) {
    const store = new PendingStore();
    const entries = [read(store, "a"), read(store, "b")];
    await turns();
    store.calls[0]?.resolve(answer);
    for (const entry of entries) {
      const { message } = await assertRejects(() => entry, TypeError, "readMany() of 2 keys must return an array");
      assert(message.includes(found), message);
    }
  }
});

Deno.test("readShared() aborts a call when none of its readers waits any longer, and gives its place to others", async () => {
  const store = new PendingStore();
  const [one, other] = [new AbortController(), new AbortController()];
  const entries = [read(store, "a", one.signal), read(store, "b", other.signal)];
  await turns();
  await fill(store);
  const last = read(store, "last");
  one.abort(new Error("one"));
  await turns();
  assertEquals([store.calls[0]?.signal?.aborted, store.sent.includes("last")], [false, false]);
  other.abort(new Error("other"));
  await turns();
  assert(store.calls[0]?.signal?.aborted);
  for (const entry of entries) await assertRejects(() => entry);
  const index = store.sent.indexOf("other 3 last");
  await store.answer(index);
  assertEquals(await last, entryAt("last"));
});

Deno.test("readShared() does not send a read for which nobody waits any longer", async () => {
  const store = new PendingStore();
  await fill(store);
  const controller = new AbortController();
  read(store, "a", controller.signal);
  read(store, "b");
  controller.abort();
  await store.answer(0);
  assertEquals(store.sent.slice(MAX_CALLS), ["b"]);
});

Deno.test("readShared() does not share calls among stores", async () => {
  const stores = [new PendingStore(), new PendingStore()];
  for (const store of stores) for (const key of ["a", "b"]) read(store, key);
  await turns();
  assertEquals(stores.map(({ sent }) => sent), [["a b"], ["a b"]]);
});
