/**
 * The interface of stores.
 *
 * @module
 */

/** The options of a store call. */
export interface StoreCallOptions {
  /**
   * Aborts when the caller no longer waits: at the limit of the call (10 s, or the lease if it is shorter), or when the
   * scheduler stops. Then the store must reject promptly. A later answer is ignored.
   */
  readonly signal?: AbortSignal;
}

/** A record in a store. */
export interface StatusEntry {
  /** The bytes of the record, as they were written. */
  readonly value: Uint8Array;
  /** The version of these bytes at this key. Every write has another version. */
  readonly version: string;
  /**
   * The time of the store's own clock at the read, in milliseconds since 1970, if the store has a clock (for HTTP, the
   * `Date` header). If it is present, all replicas calculate in store time, regardless of their own clocks. A multiple of
   * 1000 counts as a time that was cut to whole seconds.
   */
  readonly storeTime?: number;
}

/**
 * A store for status records with optimistic concurrency.
 *
 * A store keeps no state of its callers, and serves any number of tasks and schedulers at once. Reads and writes of one key
 * must be linearisable: a read that starts after the answer of a write returns that record or a later one.
 *
 * @example Implement a store with a `Map`
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
   * @throws If the record could not be read.
   */
  read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null>;

  /**
   * Replaces the record at a key if it still has the expected version.
   *
   * @param key The task's name.
   * @param value The new record. The store must not change the bytes.
   * @param version The version of the record to replace, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record has changed. Then nothing was written.
   * @throws If it is not known whether the record was written.
   */
  write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions): Promise<string | null>;

  /**
   * Reads the records at several keys, for dashboards, the command line, and schedulers that need them at the same moment.
   * Optional.
   *
   * Each entry is as fresh as one of `read`: a write that was answered before the call is seen. The entries need not be of the
   * same moment. There may be any number of keys, also none, and a key may come twice: the store splits the call by its own
   * limits. There is one answer for all: if one record can't be read, the call fails.
   *
   * @param keys The names of tasks.
   * @param options The signal that ends the call.
   * @returns The record at each key, or `null` if there is none, in the order of the keys.
   * @throws If a record could not be read.
   */
  readMany?(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]>;

  /**
   * Whether schedulers of a process that read at the same moment do so by one call of `readMany`. Optional.
   *
   * For a store whose `readMany` costs less than as many reads. If such a call fails, the reads of all of these schedulers have
   * failed, and each of them tries again as after any failure. Absent for a store that joins reads by itself.
   */
  readonly readsTogether?: boolean;

  /**
   * Lists the keys of the records, for dashboards and the command line. Optional.
   *
   * The order is not specified. Keys that are added or removed during the listing may be missing.
   *
   * @param options The signal that ends the listing.
   * @returns The keys, read page by page as they are consumed.
   * @throws If a page could not be read.
   */
  list?(options?: StoreCallOptions): AsyncIterable<string>;

  /**
   * Watches the record at a key. Optional.
   *
   * Yields when the record may have changed since the last time. A hint: it may be late, missing or wrong, and several changes
   * may yield once. A scheduler checks the record soon after a hint, and as often as before without one.
   *
   * @param key The task's name.
   * @param options The signal that ends the watch.
   * @returns The hints. They end without an error when the signal aborts.
   * @throws If the watch fails. The caller may start another one.
   */
  watch?(key: string, options?: StoreCallOptions): AsyncIterable<void>;
}
