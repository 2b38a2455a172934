import type { Kv, KvAtomicOperation, KvCheck, KvCommit, KvEntry, KvKey } from "@neat/periodic-task/stores/deno-kv";

/** What a call answers with; a function is called for it, and may throw or never settle. */
export type Answer<T> = T | Promise<T> | (() => T | Promise<T>);

/** What one commit would write. */
export interface SentWrite {
  readonly checks: readonly KvCheck[];
  readonly sets: readonly { readonly key: KvKey; readonly value: Uint8Array }[];
}

/** A database that answers by a script, each answer once, and keeps what it was sent. */
export class ScriptedKv implements Kv {
  readonly reads: { readonly key: KvKey; readonly options: unknown }[] = [];
  readonly writes: SentWrite[] = [];
  /** When each call came, by the clock of the moment. */
  readonly times: number[] = [];
  /** What reads answer; there is no entry once they are used up. */
  readonly entries: Answer<unknown>[] = [];
  /** What commits answer; a conflict once they are used up. */
  readonly commits: Answer<unknown>[] = [];

  get(key: KvKey, options?: unknown): Promise<KvEntry> {
    this.times.push(Date.now());
    this.reads.push({ key, options });
    return this.#answer(this.entries, { value: null, versionstamp: null });
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
        // what is sent is serialised at once
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

/** Throws an error when it is called for. */
export function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** What @deno/kv says where Deno says the first line alone. */
export const NODE_LOCKED =
  "database is locked\n\nCaused by:\n    Error code 5: database is locked\n\nStack backtrace:\n   0: x";
