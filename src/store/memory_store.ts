/**
 * The store in memory.
 *
 * @module
 */
import { type HintSink, hintsOf } from "./hints.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "./store.ts";

/**
 * Keeps records in memory, for schedulers of one process.
 *
 * Schedulers that share a `MemoryStore` share their records. A single scheduler does not need one. The records end with the
 * process, so a run is due at every start of the process. The store has no clock of its own.
 *
 * @example Share a record between two schedulers of one process
 * ```ts
 * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * let runs = 0;
 * const options = {
 *   name: "count",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 1 },
 *   store: new MemoryStore(),
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => void runs++,
 * };
 * await using one = new NeatPeriodicTaskScheduler(options);
 * await using other = new NeatPeriodicTaskScheduler(options);
 * one.start();
 * other.start();
 * await new Promise((resolve) => setTimeout(resolve, 50));
 * console.assert(runs === 1);
 * ```
 */
export class MemoryStore implements StatusStore {
  readonly #entries = new Map<string, StatusEntry>();
  readonly #watchers = new Map<string, Set<HintSink>>();
  #writes = 0;

  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns A copy of the record, or `null` if there is none.
   * @throws The signal's reason, if it has aborted.
   */
  // async, so that an aborted signal causes a rejection and not a synchronous error
  // deno-lint-ignore require-await
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    options?.signal?.throwIfAborted();
    const entry = this.#entries.get(key);
    return entry ? { ...entry, value: entry.value.slice() } : null;
  }

  /**
   * Reads the records at several keys.
   *
   * @param keys The names of the tasks.
   * @param options The signal that ends the call.
   * @returns A copy of each record, or `null` if there is none, in the order of the keys.
   * @throws The signal's reason, if it has aborted.
   *
   * @example Read two records
   * ```ts
   * import { MemoryStore } from "@neat/periodic-task";
   *
   * const store = new MemoryStore();
   * const version = await store.write("backup", new Uint8Array([1]), null);
   * const [backup, report] = await store.readMany(["backup", "report"]);
   * console.assert(backup?.version === version && report === null);
   * ```
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    options?.signal?.throwIfAborted();
    return await Promise.all(keys.map((key) => this.read(key)));
  }

  /**
   * Replaces the record at a key if it still has the expected version.
   *
   * @param key The task's name.
   * @param value The new record. The store copies it.
   * @param version The version of the record to replace, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record has changed.
   * @throws The signal's reason, if it has aborted. Then nothing was written.
   */
  // deno-lint-ignore require-await
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    options?.signal?.throwIfAborted();
    if ((this.#entries.get(key)?.version ?? null) !== version) return null;
    const next = String(++this.#writes);
    this.#entries.set(key, { value: value.slice(), version: next });
    for (const watcher of this.#watchers.get(key) ?? []) watcher.hint();
    return next;
  }

  /**
   * Lists the keys of the records.
   *
   * @param options The signal that ends the listing.
   * @returns The keys at the time of the first one, in the order in which they were first written.
   * @throws The signal's reason, if it has aborted.
   *
   * @example Show the tasks of a process
   * ```ts
   * import { MemoryStore } from "@neat/periodic-task";
   *
   * const store = new MemoryStore();
   * await store.write("backup", new Uint8Array([1]), null);
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    options?.signal?.throwIfAborted();
    for (const key of [...this.#entries.keys()]) {
      yield key;
      options?.signal?.throwIfAborted();
    }
  }

  /**
   * Watches the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the watch.
   * @returns A hint after each write. Several writes while the consumer is busy give one hint.
   *
   * @example Wait for the next change
   * ```ts
   * import { MemoryStore } from "@neat/periodic-task";
   *
   * const store = new MemoryStore();
   * let changes = 0;
   * const watching = (async () => {
   *   for await (const _ of store.watch("backup")) {
   *     changes++;
   *     break;
   *   }
   * })();
   * await store.write("backup", new Uint8Array([1]), null);
   * await watching;
   * console.assert(changes === 1);
   * ```
   */
  watch(key: string, options?: StoreCallOptions): AsyncIterable<void> {
    return hintsOf((watcher) => {
      const watchers = this.#watchers.get(key) ?? new Set();
      this.#watchers.set(key, watchers.add(watcher));
      return () => {
        watchers.delete(watcher);
        if (watchers.size === 0) this.#watchers.delete(key);
      };
    }, options?.signal);
  }
}
