// Stores that each break one rule on purpose.

import type { StatusEntry, StatusStore, StoreCallOptions } from "../../mod.ts";

interface StoredRecord {
  readonly value: Uint8Array;
  readonly version: string;
}

/** What a store does in another way than a correct store. */
export interface Behaviour {
  /** Maps a key. */
  readonly key?: (key: string) => string;
  /** Whether a write succeeds. */
  readonly accepts?: (current: string | null, expected: string | null) => boolean;
  /** The version of a new record, by the number of all writes. */
  readonly version?: (writes: number, value: Uint8Array) => string;
  /** Maps the bytes of a write. */
  readonly mapWritten?: (value: Uint8Array) => Uint8Array;
  /** Maps the bytes of a read. */
  readonly mapRead?: (value: Uint8Array) => Uint8Array;
  /** Maps the entry of a read. */
  readonly mapEntry?: (entry: StatusEntry | null, key: string) => StatusEntry | null;
  /** Waits between the check of the version and the write. */
  readonly beforeWrite?: (current: string | null) => Promise<unknown> | undefined;
  /** Called for a write that fails. */
  readonly onConflict?: (records: Map<string, StoredRecord>, key: string, value: Uint8Array) => void;
  /** Called before each call, with its signal. */
  readonly beforeCall?: (signal: AbortSignal | undefined, call: "read" | "write") => Promise<unknown> | void;
}

/** Creates a store in memory. Returns a function that opens a client; all clients share the records. */
export function store(behaviour: Behaviour = {}): () => StatusStore {
  const records = new Map<string, StoredRecord>();
  let writes = 0;
  const {
    key: keyOf = (key) => key,
    accepts = (current, expected) => current === expected,
    version: versionOf = (writes) => String(writes),
    mapWritten = (value) => value.slice(),
    mapRead = (value) => value.slice(),
    mapEntry = (entry) => entry,
    beforeWrite,
    onConflict,
    beforeCall = (signal) => signal?.throwIfAborted(),
  } = behaviour;
  return () => ({
    async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
      await beforeCall(options?.signal, "read");
      const entry = records.get(keyOf(key));
      return mapEntry(entry ? { ...entry, value: mapRead(entry.value) } : null, key);
    },
    async write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions) {
      await beforeCall(options?.signal, "write");
      const current = records.get(keyOf(key))?.version ?? null;
      const isAccepted = accepts(current, version);
      // a correct store has no await here
      if (beforeWrite) await beforeWrite(current);
      if (!isAccepted) {
        onConflict?.(records, keyOf(key), value);
        return null;
      }
      const next = versionOf(++writes, value);
      records.set(keyOf(key), { value: mapWritten(value), version: next });
      return next;
    },
  });
}

/** Creates a store whose clients are wrapped. */
export function client(wrap: (inner: StatusStore) => StatusStore, behaviour: Behaviour = {}): () => StatusStore {
  const open = store(behaviour);
  return () => wrap(open());
}

/** A call that never ends. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** Caches the first read of each key. */
export function caching(inner: StatusStore): StatusStore {
  const cache = new Map<string, StatusEntry>();
  return {
    read: async (key) => {
      const entry = cache.get(key) ?? await inner.read(key);
      if (entry) cache.set(key, entry);
      return entry;
    },
    write: async (key, value, version) => {
      const next = await inner.write(key, value, version);
      if (next !== null) cache.set(key, { value, version: next });
      return next;
    },
  };
}

/** Returns the previous result at every third read. */
export function returningOldEntries(inner: StatusStore): StatusStore {
  let last: StatusEntry | null = null;
  let reads = 0;
  return {
    read: async (key) => {
      const before = last;
      last = await inner.read(key);
      return ++reads % 3 === 0 ? before : last;
    },
    write: (key, value, version) => inner.write(key, value, version),
  };
}

/** Uses the version of the last read instead of the given one. */
export function cachingVersions(inner: StatusStore): StatusStore {
  let last: string | undefined;
  return {
    read: async (key) => {
      const entry = await inner.read(key);
      last = entry?.version;
      return entry;
    },
    write: (key, value, version) => inner.write(key, value, version === null ? null : last ?? version),
  };
}

/** Keeps the key of a call where a concurrent call overwrites it. */
export function mixingKeys(inner: StatusStore): StatusStore {
  let current = "";
  return {
    read: async (key) => {
      current = key;
      await undefined;
      return inner.read(current);
    },
    write: (key, value, version) => inner.write(key, value, version),
  };
}

/** Fails all calls after an abort. */
export function failingAfterAbort(inner: StatusStore): StatusStore {
  let isEnded = false;
  const begin = (options?: StoreCallOptions): void => {
    if (isEnded) throw new Error("closed");
    options?.signal?.addEventListener("abort", () => isEnded = true, { once: true });
  };
  return {
    read: async (key, options) => {
      begin(options);
      return await inner.read(key, options);
    },
    write: async (key, value, version, options) => {
      begin(options);
      return await inner.write(key, value, version, options);
    },
  };
}

/** Reports a conflict for every write after an abort. */
export function conflictingAfterAbort(inner: StatusStore): StatusStore {
  let isBroken = false;
  return {
    read: (key) => inner.read(key),
    write: async (key, value, version, options) => {
      await undefined;
      isBroken ||= options?.signal?.aborted ?? false;
      options?.signal?.throwIfAborted();
      return isBroken ? null : await inner.write(key, value, version);
    },
  };
}

/** Accepts any version whose record has the same digest as the current one. */
export function comparingDigests(digest: (value: Uint8Array) => string): () => StatusStore {
  const digests = new Map<string | null, string>();
  return store({
    version: (writes, value) => {
      digests.set(String(writes), digest(value));
      return String(writes);
    },
    accepts: (current, given) => digests.get(current) === digests.get(given),
  });
}

/** Replaces calls that are aborted at once. */
export function replacingAborted(replacement: {
  readonly read?: () => Promise<StatusEntry | null>;
  readonly write?: (
    inner: StatusStore,
    key: string,
    value: Uint8Array,
    version: string | null,
  ) => Promise<string | null>;
}): () => StatusStore {
  return client((inner) => ({
    read: async (key, options) => {
      await undefined;
      return await (options?.signal?.aborted && replacement.read ? replacement.read() : inner.read(key, options));
    },
    write: async (key, value, version, options) => {
      await undefined;
      const write = options?.signal?.aborted && replacement.write;
      return await (write ? write(inner, key, value, version) : inner.write(key, value, version, options));
    },
  }));
}

/** Returns an answer when the signal aborts. */
export function answeringAtAbort(answer: string | null): () => StatusStore {
  const call = (options?: StoreCallOptions): Promise<never> =>
    new Promise((resolve) => options?.signal?.addEventListener("abort", () => resolve(answer as never)));
  return () => ({ read: (_key, options) => call(options), write: (_key, _value, _version, options) => call(options) });
}

/** Rejects if the signal has aborted, and still writes a little later. */
export function writingLater(inner: StatusStore): StatusStore {
  return {
    read: (key, options) => inner.read(key, options),
    write: async (key, value, version, options) => {
      if (options?.signal?.aborted) setTimeout(() => inner.write(key, value, version), 10);
      return await inner.write(key, value, version, options);
    },
  };
}

/** Returns the record of a run only after the run has ended. */
export function hidingRuns(inner: StatusStore): StatusStore {
  let last: StatusEntry | null = null;
  return {
    read: async (key) => {
      const entry = await inner.read(key);
      const isRunning = new TextDecoder().decode(entry?.value).includes('"state":"running"');
      return isRunning ? last : last = entry;
    },
    write: (key, value, version) => inner.write(key, value, version),
  };
}

/** Rejects keys that match. */
export function rejectingKeys(pattern: RegExp): (inner: StatusStore) => StatusStore {
  const checkKey = (key: string): void => {
    if (pattern.test(key)) throw new TypeError("key rejected");
  };
  return (inner) => ({
    read: async (key, options) => {
      checkKey(key);
      return await inner.read(key, options);
    },
    write: async (key, value, version, options) => {
      checkKey(key);
      return await inner.write(key, value, version, options);
    },
  });
}

/** Decodes a key, if that is possible. */
export function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The lower 16 bits of a character. */
export function lowHalf(character: string): string {
  return String.fromCharCode(character.codePointAt(0)! & 0xffff);
}

/** Maps the text of a record. */
export function mapText(map: (text: string) => string): (value: Uint8Array) => Uint8Array {
  return (value) => new TextEncoder().encode(map(new TextDecoder().decode(value)));
}

/** Maps the version of an entry, maybe to a value that is not a string. */
export function mapVersion(map: (version: string) => unknown): (entry: StatusEntry | null) => StatusEntry | null {
  return (entry) => entry && { ...entry, version: map(entry.version) as string };
}
