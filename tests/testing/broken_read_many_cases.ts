// Stores that break a rule about readMany().

import { MemoryStore, type StatusEntry, type StatusStore, type StoreCallOptions } from "../../mod.ts";
import type { Cases } from "./broken_store_case.ts";
import { never } from "./broken_stores.ts";

type Entries = (StatusEntry | null)[];
type ReadMany = (inner: MemoryStore, keys: readonly string[], options?: StoreCallOptions) => Promise<Entries>;

/** Makes a store in memory with another readMany(). All clients share the records. */
function storeWith(readMany: ReadMany, inner = new MemoryStore()): () => StatusStore {
  return () => ({
    read: (key, options) => inner.read(key, options),
    write: (key, value, version, options) => inner.write(key, value, version, options),
    readMany: (keys, options) => readMany(inner, keys, options),
  });
}

/** Maps the entries. */
function answering(map: (entries: Entries, keys: readonly string[]) => unknown): () => StatusStore {
  return storeWith(async (inner, keys, options) => map(await inner.readMany(keys, options), keys) as Entries);
}

/** Maps each entry. */
function mapEntry(map: (entry: StatusEntry) => unknown): () => StatusStore {
  return answering((entries) => entries.map((entry) => entry && map(entry)));
}

/** Keeps the first answer about a key. */
function caching(): () => StatusStore {
  const known = new Map<string, StatusEntry | null>();
  return storeWith(async (inner, keys, options) => {
    const entries = await inner.readMany(keys, options);
    entries.forEach((entry, index) => known.has(keys[index]!) || known.set(keys[index]!, entry));
    return keys.map((key) => known.get(key) ?? null);
  });
}

/** Stores with a broken readMany(), by the name of the check that fails for them. */
export const READ_MANY_CASES: Cases = {
  "readMany(), if the store has it, returns a record or null for each key, in their order": [
    [
      "leaves out keys without a record",
      answering((entries) => entries.filter((entry) => entry !== null)),
      "readMany() of 1 keys must return an array of as many entries",
    ],
    [
      "returns a key once",
      answering((entries, keys) => entries.filter((_, index) => keys.indexOf(keys[index]!) === index)),
      "readMany() of 6 keys must return an array of as many entries",
    ],
    [
      "sorts its entries",
      answering((entries) => entries.toSorted((one, other) => Number(one?.version ?? 0) - Number(other?.version ?? 0))),
      "readMany() must return what is at",
    ],
    [
      "answers a key that comes again with null",
      answering((entries, keys) => entries.map((entry, index) => keys.indexOf(keys[index]!) === index ? entry : null)),
      "readMany() must return what is at",
    ],
    [
      "refuses an empty list",
      storeWith((inner, keys) => keys.length ? inner.readMany(keys) : Promise.reject(new RangeError("no keys"))),
      "no keys",
    ],
    [
      "returns a map",
      answering((entries, keys) => new Map(keys.map((key, index) => [key, entries[index]]))),
      "an array",
    ],
    [
      "returns undefined for no record",
      answering((entries) => entries.map((entry) => entry ?? undefined)),
      "null or an",
    ],
    ["returns texts", mapEntry(({ value, version }) => ({ value: `${value}`, version })), "value is a Uint8Array"],
    [
      "returns numbers",
      mapEntry(({ value }) => ({ value, version: 1 })),
      "the version that readMany() returns must be",
    ],
    [
      "has no method of that name",
      () => ({ ...storeWith((inner, keys) => inner.readMany(keys))(), readMany: true as never }),
      "readMany must be absent or a method: current value is",
    ],
  ],
  "readMany(), if the store has it, reads 500 keys": [
    [
      "reads 100 keys",
      answering((entries) => entries.map((entry, index) => index < 100 ? entry : null)),
      "readMany() must return what is at",
    ],
    [
      "rejects more than 100 keys",
      storeWith((inner, keys) => keys.length > 100 ? Promise.reject(new Error("too many keys")) : inner.readMany(keys)),
      "too many keys",
    ],
  ],
  "readMany(), if the store has it, returns what read() returns": [
    [
      "cuts the bytes",
      mapEntry((entry) => ({ ...entry, value: entry.value.slice(1) })),
      "readMany() must return the bytes and the version that read() returns",
    ],
    [
      "has versions of its own",
      mapEntry((entry) => ({ ...entry, version: `many ${entry.version}` })),
      "readMany() must return the bytes and the version that read() returns",
    ],
    [
      "has another clock",
      mapEntry((entry) => ({ ...entry, storeTime: 1 })),
      "readMany() must return a storeTime where read() does",
    ],
    [
      "answers similar keys alike",
      storeWith((inner, keys) => inner.readMany(keys.map((key) => key.toLowerCase()))),
      "readMany() must return the bytes and the version",
    ],
  ],
  "readMany(), if the store has it, returns no older record than the last that was written": [
    ["keeps its first answer", caching(), "readMany() must return what is at"],
  ],
  "readMany(), if the store has it, rejects when its signal aborts": [
    ["ignores its signal", storeWith((inner, keys) => inner.readMany(keys)), "must reject within 1000 ms"],
    [
      "hangs at an aborted signal",
      storeWith((inner, keys, options) => options?.signal?.aborted ? never() : inner.readMany(keys)),
      "must reject within 1000 ms",
    ],
  ],
};
