/**
 * A store in etcd 3.4 or later, which uses the JSON gateway of its servers through `fetch`.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { EtcdStore } from "@neat/periodic-task/stores/etcd";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new EtcdStore({ endpoint: "http://127.0.0.1:2379" }),
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import { cannot } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import { hintsOf } from "../src/store/hints.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { readEach } from "./batching/read_many.ts";
import { isRevision, readNames, readRecord, writeRecord } from "./etcd/records.ts";
import { type EtcdService, etcdService, type EtcdServiceOptions, SERVICE_OPTION_TYPES } from "./etcd/service.ts";
import { startWatch } from "./etcd/watch.ts";
import { callService } from "./http/call.ts";
import { listPages } from "./listing/key_pages.ts";
import { SharedWatch } from "./listing/shared_watch.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { EtcdServiceOptions } from "./etcd/service.ts";
export type { Fetch } from "./http/fetch.ts";

/** Options of an {@linkcode EtcdStore}. */
export interface EtcdStoreOptions extends EtcdServiceOptions {
  /** The beginning of the keys; `neat-periodic-task/` if absent. It may be empty. */
  readonly prefix?: string;
  /** Whether the store has the method `watch`, which keeps one request open for all of its watches; true if absent. */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = {
  prefix: "string",
  watch: "boolean",
  ...SERVICE_OPTION_TYPES,
};

const CREATE = "create the etcd store";

/** How many requests of a `readMany` wait for their answers. */
const MAX_READS = 32;

/**
 * Keeps records as keys of etcd.
 *
 * The version of a record is the `mod_revision` of its key, which counts the writes of the whole cluster, so that a deleted key never
 * has an old version again. A write is a transaction that compares it.
 *
 * **Consistency.** Reads and writes are linearisable: a member asks the others before it answers a read. Without a majority of the
 * members, calls fail. A cluster that is restored from a snapshot counts its revisions from an earlier one again; stop the
 * schedulers before, or restore with `--bump-revision` (etcd 3.6).
 *
 * **Clock.** etcd has no clock. `storeTime` is the `Date` header of the member that answers, in whole seconds, if there is one address or
 * `serverTime` is true. Otherwise keep the clocks of the hosts in step, and let `clockTolerance` cover their differences.
 *
 * **Unknown outcomes.** Status 408, 429 and 5xx and broken connections are retried within `requestTimeout`, at the next address if
 * there are several. A conflict after such an attempt may be one with the attempt itself: then the write throws, and the scheduler
 * reads the record. A token that is not accepted is renewed once a call.
 *
 * **Limits.** A request takes at most 1.5 MiB, and a key any bytes. Each write keeps the old value until the cluster compacts it: set
 * `--auto-compaction-retention`, or the database grows until it is full, which etcd answers with status 429.
 *
 * **Cost.** 1 request a read and a write, and one for 100 listed names. Watches share one open request, which receives each write below
 * the prefix. With a user, one more request every 4 minutes at most.
 *
 * **Permissions.** If authentication is on: a role with `readwrite` for the keys with the prefix. In Deno, `--allow-net` for the
 * addresses.
 *
 * @example A user, and several members
 * ```ts
 * import { EtcdStore } from "@neat/periodic-task/stores/etcd";
 *
 * const none = { header: { revision: "7" } };
 * const store = new EtcdStore({
 *   endpoint: ["https://etcd-0.example:2379", "https://etcd-1.example:2379"],
 *   user: "tasks",
 *   password: "a-password",
 *   fetch: (url) => Promise.resolve(Response.json(url.endsWith("/authenticate") ? { token: "abc.7" } : none)),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class EtcdStore implements StatusStore {
  readonly #service: EtcdService;
  readonly #prefix: string;

  /**
   * Watches the record of a task. Present unless the option `watch` is false.
   *
   * All watches of a store share one open request for the keys with the prefix. The first hint comes when it has begun. The watch fails
   * when its connection is lost; a scheduler starts it again.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for the next write
   * ```ts
   * import type { EtcdStore } from "@neat/periodic-task/stores/etcd";
   *
   * async function nextWrite(store: EtcdStore): Promise<void> {
   *   let hints = 0;
   *   // the first hint comes when the watch has begun
   *   for await (const _ of store.watch?.("backup") ?? []) if (++hints === 2) return;
   * }
   *
   * console.assert(nextWrite.length === 1);
   * ```
   */
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  /**
   * Checks the options. Sends no request.
   *
   * @param options The addresses, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: EtcdStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { prefix = "neat-periodic-task/", watch = true } = options;
    if (/\p{Surrogate}/u.test(prefix)) {
      throw new RangeError(cannot(CREATE, '"prefix" must be without lone surrogates', prefix));
    }
    this.#service = etcdService(options, CREATE);
    this.#prefix = prefix;
    if (!watch) return;
    const action = `watch the records at ${JSON.stringify(prefix)} of etcd`;
    const shared = new SharedWatch(startWatch({ service: this.#service, prefix, action }));
    this.watch = (key, options) =>
      hintsOf((sink) => {
        this.#key(key);
        return shared.add(key, sink);
      }, options?.signal);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its revision, or `null` if there is none.
   * @throws {RangeError} If no key can have the name: then no request was sent.
   * @throws {Error} If etcd rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const etcdKey = this.#key(key);
    const action = `read the record at ${JSON.stringify(etcdKey)} of etcd`;
    const service = this.#service;
    return await callService(
      service.http,
      action,
      options?.signal,
      (call) => readRecord(call, service, etcdKey, action),
    );
  }

  /**
   * Replaces the record of a task if it is still at the given revision.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The revision to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new revision, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no key can have the name or the version: then no request was sent.
   * @throws {Error} If etcd rejects the request, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const etcdKey = this.#key(key);
    const action = `write the record at ${JSON.stringify(etcdKey)} of etcd`;
    if (version !== null && !isRevision(version)) {
      throw new RangeError(cannot(action, "its version must be a revision", version));
    }
    const service = this.#service;
    // a copy, as the caller may change its array before the request is sent
    const write = { key: etcdKey, value: value.slice(), version };
    return await callService(
      service.http,
      action,
      options?.signal,
      (call) => writeRecord(call, service, write, action),
    );
  }

  /**
   * Reads the records of several tasks. There is no request for several: there are as many requests, 32 at a time.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no key can have one of the names.
   * @throws {Error} If etcd rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Lists the names of the tasks: those of the keys that begin with the prefix.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 keys.
   * @throws {Error} If etcd rejects the request or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { EtcdStore } from "@neat/periodic-task/stores/etcd";
   *
   * const kvs = [{ key: btoa("neat-periodic-task/backup"), mod_revision: "7" }];
   * const store = new EtcdStore({
   *   endpoint: "http://127.0.0.1:2379",
   *   fetch: () => Promise.resolve(Response.json({ header: { revision: "7" }, kvs, count: "1" })),
   * });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const prefix = this.#prefix;
    const service = this.#service;
    const action = `list the records at ${JSON.stringify(prefix)} of etcd`;
    const readPage = (start: string | undefined) =>
      callService(service.http, action, options?.signal, (call) => readNames(call, service, { prefix, start }, action));
    yield* listPages(readPage, options?.signal, action);
  }

  #key(name: string): string {
    const key = this.#prefix + name;
    // all lone surrogates would be sent as the same character
    if (typeof name !== "string" || key === "" || /\p{Surrogate}/u.test(name)) {
      const state = "it must be a string without lone surrogates, and no empty key";
      throw new RangeError(cannot("use the key in etcd", state, name));
    }
    return key;
  }
}
