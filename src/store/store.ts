/**
 * The interface of stores: one small record at a key, replaced only if it is still at a known version.
 *
 * @module
 */

/** The options of a store call. */
export interface StoreCallOptions {
  /**
   * Aborts when the caller stops waiting: at the limit of the call (10 s, less if the lease is shorter) or when the scheduler
   * stops. A store must reject promptly then. The answer of a store that does not is ignored.
   */
  readonly signal?: AbortSignal;
}

/** A record as a store keeps it. */
export interface StatusEntry {
  /** The record's bytes, as they were written. */
  readonly value: Uint8Array;
  /** The version of these bytes at this key. Every write has another version. */
  readonly version: string;
  /**
   * The store's own clock at the read, in milliseconds since 1970, if it has one (for HTTP, the `Date` header). If it is given,
   * all replicas calculate in it, whatever their own clocks say. A multiple of 1000 counts as cut to whole seconds.
   */
  readonly storeTime?: number;
}

/**
 * A place for status records with optimistic concurrency.
 *
 * A store is stateless for its callers and may serve any number of tasks and schedulers at once. Reads and writes of one key
 * must be linearisable: a read that begins after a write was answered shows that write or a later one.
 *
 * @example A store on top of a `Map`
 * ```ts
 * import type { StatusEntry, StatusStore, StoreCallOptions } from "@neat/periodic-task";
 *
 * class MapStore implements StatusStore {
 *   #entries = new Map<string, StatusEntry>();
 *
 *   async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
 *     options?.signal?.throwIfAborted();
 *     const entry = this.#entries.get(key);
 *     return entry ? { ...entry, value: entry.value.slice() } : null;
 *   }
 *
 *   async write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions) {
 *     options?.signal?.throwIfAborted();
 *     if ((this.#entries.get(key)?.version ?? null) !== version) return null;
 *     const next = crypto.randomUUID();
 *     this.#entries.set(key, { value: value.slice(), version: next });
 *     return next;
 *   }
 * }
 *
 * const store = new MapStore();
 * console.assert(await store.write("key", new Uint8Array([1]), null) !== null);
 * console.assert(await store.write("key", new Uint8Array([2]), null) === null);
 * ```
 */
export interface StatusStore {
  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns The record, or `null` if there is none.
   * @throws If the store did not answer.
   */
  read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null>;

  /**
   * Replaces the record at a key, if it is still at a version.
   *
   * @param key The task's name.
   * @param value The new record. The store must not change it.
   * @param version The version of the record to replace, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record has changed. Then nothing was written.
   * @throws If it is not known whether the record was written.
   */
  write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions): Promise<string | null>;
}
