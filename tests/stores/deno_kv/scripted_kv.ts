import type { Kv, KvAtomicOperation, KvCheck, KvCommit, KvEntry, KvKey } from "@neat/periodic-task/stores/deno-kv";

/** The answer of a call, or a function that returns it, throws or never settles. */
export type Answer<T> = T | Promise<T> | (() => T | Promise<T>);

/** The write of one commit. */
export interface SentWrite {
  readonly checks: readonly KvCheck[];
  readonly sets: readonly { readonly key: KvKey; readonly value: Uint8Array }[];
}

/** A database with scripted answers, each used once. It keeps all calls. */
export class ScriptedKv implements Kv {
  readonly reads: { readonly key: KvKey; readonly options: unknown }[] = [];
  readonly writes: SentWrite[] = [];
  /** The keys of each read of several entries. */
  readonly readsOfMany: (readonly KvKey[])[] = [];
  /** The time of each call. */
  readonly times: number[] = [];
  /** The answers of reads. When they are used up, there is no entry. */
  readonly entries: Answer<unknown>[] = [];
  /** The answers of commits. When they are used up, there is a conflict. */
  readonly commits: Answer<unknown>[] = [];

  get(key: KvKey, options?: unknown): Promise<KvEntry> {
    this.times.push(Date.now());
    this.reads.push({ key, options });
    return this.#answer(this.entries, { value: null, versionstamp: null });
  }

  getMany(keys: readonly KvKey[], options?: unknown): Promise<readonly KvEntry[]> {
    this.times.push(Date.now());
    this.readsOfMany.push(keys);
    for (const key of keys) this.reads.push({ key, options });
    return this.#answer(this.entries, keys.map(() => ({ value: null, versionstamp: null })));
  }

  atomic(): KvAtomicOperation {
    const checks: KvCheck[] = [];
    const sets: { key: KvKey; value: Uint8Array }[] = [];
    const operation: KvAtomicOperation = {
      check: (check) => {
        checks.push(check);
        return operation;
      },
      set: (key, value) => {
        sets.push({ key, value });
        return operation;
      },
      commit: () => {
        this.times.push(Date.now());
        // a copy, as a database serialises the value at once
        this.writes.push({ checks, sets: sets.map((set) => ({ ...set, value: set.value.slice() })) });
        return this.#answer<KvCommit>(this.commits, { ok: false });
      },
    };
    return operation;
  }

  async #answer<T>(script: Answer<unknown>[], otherwise: T): Promise<T> {
    const answer = script.length > 0 ? script.shift() : otherwise;
    return await (typeof answer === "function" ? answer() : answer) as T;
  }
}

/** An answer that throws an error. */
export function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** The message of @deno/kv; that of Deno is the first line. */
export const NODE_LOCKED =
  "database is locked\n\nCaused by:\n    Error code 5: database is locked\n\nStack backtrace:\n   0: x";
