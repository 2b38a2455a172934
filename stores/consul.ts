/**
 * A store in the keys and values of Consul, which uses the HTTP API of an agent through `fetch`.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { ConsulStore } from "@neat/periodic-task/stores/consul";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new ConsulStore({ token: "a-token" }),
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
import { encodeName } from "./consul/keys.ts";
import { isIndex, readNames, readRecord, writeRecord } from "./consul/records.ts";
import {
  type ConsulService,
  consulService,
  type ConsulServiceOptions,
  SERVICE_OPTION_TYPES,
} from "./consul/service.ts";
import { startWatch } from "./consul/watch.ts";
import { callService } from "./http/call.ts";
import { listPages } from "./listing/key_pages.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { ConsulServiceOptions } from "./consul/service.ts";
export type { Fetch } from "./http/fetch.ts";
export type { TokenSource } from "./http/token_source.ts";

/** Options of a {@linkcode ConsulStore}. */
export interface ConsulStoreOptions extends ConsulServiceOptions {
  /** The beginning of the keys; `neat-periodic-task/` if absent. It may be empty. */
  readonly prefix?: string;
  /** Whether the store has the method `watch`, which keeps one request open for each watch; true if absent. */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = { prefix: "string", watch: "boolean", ...SERVICE_OPTION_TYPES };

const CREATE = "create the Consul store";

/** How many requests of a `readMany` wait for their answers. */
const MAX_READS = 32;

/** Consul's limit for a value. */
const MAX_VALUE_BYTES = 524_288;

/** A beginning of keys that addresses keep as it is. */
const USABLE_PREFIX = /^(?:[^/?#%\\\s]+\/)*[^/?#%\\\s]*$/;

/**
 * Keeps records as keys of Consul.
 *
 * The version of a record is the `ModifyIndex` of its key, which counts the writes of the whole datacenter, so that a deleted key
 * never has an old version again. A write is a transaction with `cas`, whose answer has the new index.
 *
 * **Consistency.** Reads have `consistent`, for which the leader asks the other servers, and writes go through the leader: both are
 * linearisable. The records of a datacenter are not those of another one. A datacenter that is restored from a snapshot goes back to its
 * records and indices; stop the schedulers before.
 *
 * **Clock.** Consul has no clock that can be asked, and the `Date` header is that of the agent, which mostly runs on the same host. So
 * there is no `storeTime`: synchronise the clocks of the hosts, and let `clockTolerance` cover their differences.
 *
 * **Unknown outcomes.** Status 408, 429 and 5xx and broken connections are retried within `requestTimeout`, with exponential backoff and
 * full jitter. A conflict after such an attempt may be one with the attempt itself: then the write throws, and the scheduler reads the
 * record.
 *
 * **Limits.** A value takes at most 512 KiB; a record needs 4. In the part of a key after the prefix, characters other than letters,
 * digits and `-._~` are percent-encoded. A list is one answer with all names, as Consul has no pages. An agent accepts 200 connections of
 * one address (`http_max_conns_per_client`), and each watched task takes one.
 *
 * **Cost.** 1 request a read, a write and a list. A watch is one open request, repeated every minute.
 *
 * **Permissions.** A policy with `key_prefix "neat-periodic-task/" { policy = "write" }`. In Deno, `--allow-net` for the agent.
 *
 * @example An agent of your own
 * ```ts
 * import { ConsulStore } from "@neat/periodic-task/stores/consul";
 *
 * const store = new ConsulStore({
 *   endpoint: "https://consul.example:8501",
 *   prefix: "my-service/tasks/",
 *   token: () => Promise.resolve("a-token"),
 *   fetch: () => Promise.resolve(new Response(null, { status: 404, headers: { "x-consul-index": "1" } })),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class ConsulStore implements StatusStore {
  readonly #service: ConsulService;
  readonly #prefix: string;

  /**
   * Watches the record of a task, with blocking queries. Present unless the option `watch` is false.
   *
   * The first hint comes when the watch has begun. The watch fails when its connection is lost; a scheduler starts it again.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for the next write
   * ```ts
   * import type { ConsulStore } from "@neat/periodic-task/stores/consul";
   *
   * async function nextWrite(store: ConsulStore): Promise<void> {
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
   * @param options The agent, the token and the keys of the records.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: ConsulStoreOptions = {}) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { prefix = "neat-periodic-task/", watch = true } = options;
    const hasDots = prefix.split("/").some((part) => part === "." || part === "..");
    if (!USABLE_PREFIX.test(prefix) || hasDots || /[^\x21-\x7e]/.test(prefix)) {
      const state =
        '"prefix" must be printable ASCII without ?, #, %, \\, "//" and segments of dots, and not begin with /';
      throw new RangeError(cannot(CREATE, state, prefix));
    }
    this.#service = consulService(options, CREATE);
    this.#prefix = prefix;
    if (!watch) return;
    this.watch = (name, options) =>
      hintsOf((sink) => {
        const key = this.#key(name);
        return startWatch(this.#service, key, `watch the record at ${JSON.stringify(key)} of Consul`, sink);
      }, options?.signal);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its index, or `null` if there is none.
   * @throws {RangeError} If no key can have the name: then no request was sent.
   * @throws {Error} If Consul rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const consulKey = this.#key(key);
    const action = `read the record at ${JSON.stringify(consulKey)} of Consul`;
    const service = this.#service;
    return await callService(
      service.http,
      action,
      options?.signal,
      (call) => readRecord(call, service, consulKey, action),
    );
  }

  /**
   * Replaces the record of a task if it is still at the given index.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The index to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new index, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no key can have the name or the version, or the value is too long: then no request was sent.
   * @throws {Error} If Consul rejects the request, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const consulKey = this.#key(key);
    const action = `write the record at ${JSON.stringify(consulKey)} of Consul`;
    if (version !== null && !isIndex(version)) {
      throw new RangeError(cannot(action, "its version must be an index", version));
    }
    if (value.length > MAX_VALUE_BYTES) {
      throw new RangeError(cannot(action, `it must take at most ${MAX_VALUE_BYTES} bytes`, value.length));
    }
    const service = this.#service;
    // a copy, as the caller may change its array before the request is sent
    const write = { key: consulKey, value: value.slice(), version };
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
   * @throws {Error} If Consul rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Lists the names of the tasks: those of the keys directly below the prefix.
   *
   * @param options The signal that ends the listing.
   * @returns The names, which are read in one request.
   * @throws {Error} If Consul rejects the request or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { ConsulStore } from "@neat/periodic-task/stores/consul";
   *
   * const store = new ConsulStore({ fetch: () => Promise.resolve(Response.json(["neat-periodic-task/backup"])) });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const prefix = this.#prefix;
    const service = this.#service;
    const action = `list the records at ${JSON.stringify(prefix)} of Consul`;
    const readAll = async () => {
      const read = callService(
        service.http,
        action,
        options?.signal,
        (call) => readNames(call, service, prefix, action),
      );
      return { keys: await read, next: undefined };
    };
    yield* listPages(readAll, options?.signal, action);
  }

  #key(name: string): string {
    if (typeof name !== "string" || name === "" || /\p{Surrogate}/u.test(name)) {
      const state = "it must be a string without lone surrogates, and not empty";
      throw new RangeError(cannot("use the key in Consul", state, name));
    }
    return this.#prefix + encodeName(name);
  }
}
