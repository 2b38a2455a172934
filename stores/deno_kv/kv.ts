/**
 * The part of Deno KV that the store uses. The types are structural, so that all clients fit.
 *
 * @module
 */

/** A part of a key. */
export type KvKeyPart = Uint8Array | string | number | bigint | boolean;

/** A key: its parts, the most significant first. */
export type KvKey = readonly KvKeyPart[];

/** The result of a read. */
export interface KvEntry {
  /** The value; `null` if there is no entry, or if its value is `null`. */
  readonly value: unknown;
  /** The version of the entry, 20 hex digits; `null` if there is no entry. */
  readonly versionstamp: string | null;
}

/** The condition of a write. */
export interface KvCheck {
  /** The key of an entry. */
  readonly key: KvKey;
  /** The version that the entry must have, or `null` if there must be no entry. */
  readonly versionstamp: string | null;
}

/** The result of a write. It is not done if a check fails. */
export type KvCommit = { readonly ok: true; readonly versionstamp: string } | { readonly ok: false };

/** A write that is not sent yet. */
export interface KvAtomicOperation {
  /** Adds a condition. */
  check(check: KvCheck): KvAtomicOperation;
  /** Adds a value to write. */
  set(key: KvKey, value: Uint8Array): KvAtomicOperation;
  /** Sends the write. */
  commit(): Promise<KvCommit>;
}

/** The entries of one listing. */
export interface KvListIterator extends AsyncIterable<{ readonly key: readonly unknown[] }> {
  /** Where the next listing goes on, once an entry was read. */
  readonly cursor: string;
}

/** The versions of a watched entry: a `ReadableStream`, of which the store only uses the reader. */
export interface KvWatchStream {
  /** Starts to read. */
  getReader(): { read(): Promise<{ readonly done: boolean }>; cancel(): Promise<void> };
}

/** A Deno KV database: Deno's own, Deno Deploy's, one over KV Connect, or one of `npm:@deno/kv` on Node and Bun. */
export interface Kv {
  /** Reads an entry. */
  get(key: KvKey, options?: { readonly consistency?: "strong" | "eventual" }): Promise<KvEntry>;
  /** Reads several entries, at most 10. If absent, the store reads one after the other. */
  getMany?(
    keys: readonly KvKey[],
    options?: { readonly consistency?: "strong" | "eventual" },
  ): Promise<readonly KvEntry[]>;
  /** Starts a write. */
  atomic(): KvAtomicOperation;
  /** Lists the entries below a prefix. Only the listing of records needs it. */
  list?(
    selector: { readonly prefix: KvKey },
    options?: { readonly limit?: number; readonly cursor?: string; readonly consistency?: "strong" | "eventual" },
  ): KvListIterator;
  /** Watches an entry. Only the watch of a record needs it. */
  watch?(keys: readonly [KvKey], options?: { readonly raw?: boolean }): KvWatchStream;
}
