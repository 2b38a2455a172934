// Stores that are broken on purpose: each is right but for one thing.

import type { StatusEntry, StatusStore, StoreCallOptions } from "../../mod.ts";

interface Kept {
  readonly value: Uint8Array;
  readonly version: string;
}

/** What one kind of store does in another way than a store should. */
export interface Habits {
  /** What becomes of a key. */
  readonly key?: (key: string) => string;
  /** Whether a write is let through. */
  readonly accepts?: (current: string | null, given: string | null) => boolean;
  /** The version of a new record, by the count of all writes. */
  readonly version?: (writes: number, value: Uint8Array) => string;
  /** What becomes of bytes that are written. */
  readonly take?: (value: Uint8Array) => Uint8Array;
  /** What becomes of bytes that are read. */
  readonly give?: (value: Uint8Array) => Uint8Array;
  /** What becomes of a record that is read. */
  readonly show?: (entry: StatusEntry | null, key: string) => StatusEntry | null;
  /** What goes on between looking at the version and writing. */
  readonly between?: (current: string | null) => Promise<unknown> | undefined;
  /** What a refused write does. */
  readonly refused?: (kept: Map<string, Kept>, key: string, value: Uint8Array) => void;
  /** Looks at the signal before a call. */
  readonly begin?: (signal: AbortSignal | undefined, call: "read" | "write") => Promise<unknown> | void;
}

/** All clients of one store, each made by `open`, share its records. */
export function store(habits: Habits = {}): () => StatusStore {
  const kept = new Map<string, Kept>();
  let writes = 0;
  const {
    key: keyOf = (key) => key,
    accepts = (current, given) => current === given,
    version: versionOf = (writes) => String(writes),
    take = (value) => value.slice(),
    give = (value) => value.slice(),
    show = (entry) => entry,
    between,
    refused,
    begin = (signal) => signal?.throwIfAborted(),
  } = habits;
  return () => ({
    async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
      await begin(options?.signal, "read");
      const entry = kept.get(keyOf(key));
      return show(entry ? { ...entry, value: give(entry.value) } : null, key);
    },
    async write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions) {
      await begin(options?.signal, "write");
      const current = kept.get(keyOf(key))?.version ?? null;
      const isAccepted = accepts(current, version);
      // without it, nothing may come between
      if (between) await between(current);
      if (!isAccepted) {
        refused?.(kept, keyOf(key), value);
        return null;
      }
      const next = versionOf(++writes, value);
      kept.set(keyOf(key), { value: take(value), version: next });
      return next;
    },
  });
}

/** A store whose clients each wrap a right one in something of their own. */
export function client(wrap: (inner: StatusStore) => StatusStore, habits: Habits = {}): () => StatusStore {
  const open = store(habits);
  return () => wrap(open());
}

/** A call that nothing ends. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** Reads once per key and then answers from memory. */
export function caching(inner: StatusStore): StatusStore {
  const seen = new Map<string, StatusEntry>();
  return {
    read: async (key) => {
      const entry = seen.get(key) ?? await inner.read(key);
      if (entry) seen.set(key, entry);
      return entry;
    },
    write: async (key, value, version) => {
      const next = await inner.write(key, value, version);
      if (next !== null) seen.set(key, { value, version: next });
      return next;
    },
  };
}

/** Shows now and then what it has shown before. */
export function laggingBehind(inner: StatusStore): StatusStore {
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

/** Trusts in the version that it has read last more than in the one that it is given. */
export function rememberingVersions(inner: StatusStore): StatusStore {
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

/** Keeps the key of the call under way where the next call finds it. */
export function mixingCallsUp(inner: StatusStore): StatusStore {
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

/** Is of no use any more once a call was aborted. */
export function endedByAbort(inner: StatusStore): StatusStore {
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

/** Calls all a conflict once a write was aborted. */
export function refusingAfterAbort(inner: StatusStore): StatusStore {
  let isRefusing = false;
  return {
    read: (key) => inner.read(key),
    write: async (key, value, version, options) => {
      await undefined;
      isRefusing ||= options?.signal?.aborted ?? false;
      options?.signal?.throwIfAborted();
      return isRefusing ? null : await inner.write(key, value, version);
    },
  };
}

/** Has a version of its own for each record, but lets any pass whose record had the same digest. */
export function takingForEachOther(digest: (value: Uint8Array) => string): () => StatusStore {
  const digests = new Map<string | null, string>();
  return store({
    version: (writes, value) => {
      digests.set(String(writes), digest(value));
      return String(writes);
    },
    accepts: (current, given) => digests.get(current) === digests.get(given),
  });
}

/** Does something odd with calls that are aborted as soon as they are made. */
export function oddAtAbort(odd: {
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
      return await (options?.signal?.aborted && odd.read ? odd.read() : inner.read(key, options));
    },
    write: async (key, value, version, options) => {
      await undefined;
      const isOdd = options?.signal?.aborted && odd.write;
      return await (isOdd ? isOdd(inner, key, value, version) : inner.write(key, value, version, options));
    },
  }));
}

/** Waits for the signal, and then answers as if all were well. */
export function answeringAtAbort(answer: string | null): () => StatusStore {
  const call = (options?: StoreCallOptions): Promise<never> =>
    new Promise((resolve) => options?.signal?.addEventListener("abort", () => resolve(answer as never)));
  return () => ({ read: (_key, options) => call(options), write: (_key, _value, _version, options) => call(options) });
}

/** Rejects when the signal has aborted, and writes all the same a little later. */
export function writingLater(inner: StatusStore): StatusStore {
  return {
    read: (key, options) => inner.read(key, options),
    write: async (key, value, version, options) => {
      if (options?.signal?.aborted) setTimeout(() => inner.write(key, value, version), 10);
      return await inner.write(key, value, version, options);
    },
  };
}

/** Shows the record of a run only when the run has ended. */
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

/** Refuses keys that match. */
export function refusing(pattern: RegExp): (inner: StatusStore) => StatusStore {
  const look = (key: string): void => {
    if (pattern.test(key)) throw new TypeError("key rejected");
  };
  return (inner) => ({
    read: async (key, options) => {
      look(key);
      return await inner.read(key, options);
    },
    write: async (key, value, version, options) => {
      look(key);
      return await inner.write(key, value, version, options);
    },
  });
}

/** A key without its percent signs, if it can be decoded. */
export function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** A character as far as it fits into 16 bits. */
export function lowHalf(character: string): string {
  return String.fromCharCode(character.codePointAt(0)! & 0xffff);
}
