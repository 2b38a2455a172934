/**
 * A store in a bucket of NATS JetStream, which uses the bucket that `@nats-io/kv` opens.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { type NatsKv, NatsStore } from "@neat/periodic-task/stores/nats";
 *
 * function startBackups(kv: NatsKv): NeatPeriodicTaskScheduler {
 *   const scheduler = new NeatPeriodicTaskScheduler({
 *     name: "backup",
 *     interval: { hours: 6 },
 *     timeout: { minutes: 30 },
 *     store: new NatsStore({ kv }),
 *     task: () => {},
 *   });
 *   scheduler.start();
 *   return scheduler;
 * }
 *
 * console.assert(startBackups.length === 1);
 * ```
 *
 * @module
 */
import { cannot } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import { hintsOf } from "../src/store/hints.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readEach } from "./batching/read_many.ts";
import { callRepeatedly } from "./calls/repeated_call.ts";
import { listPages } from "./listing/key_pages.ts";
import { SharedWatch } from "./listing/shared_watch.ts";
import type { NatsKv } from "./nats/bucket.ts";
import { encodeName, nameIn } from "./nats/keys.ts";
import { BucketError, checkBucket, failure, isConflict, isRevision, recordIn, versionOf } from "./nats/records.ts";
import { canWatch, startWatch } from "./nats/watch.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { NatsIterator, NatsKv, NatsKvEntry, NatsKvStatus, NatsWatchOptions } from "./nats/bucket.ts";

/** Options of a {@linkcode NatsStore}. */
export interface NatsStoreOptions {
  /**
   * The bucket, as `Kvm` of `@nats-io/kv` opens or creates it, with `allow_direct: false`. The store never closes its connection; close
   * it after its schedulers have stopped.
   */
  readonly kv: NatsKv;
  /** The beginning of the keys, of parts that each end with a dot; `neat-periodic-task.` if absent. It may be empty. */
  readonly prefix?: string;
  /** How long a read, a write or a listing may take; 8 s if absent. */
  readonly requestTimeout?: Duration;
  /** Whether the store has the method `watch`; true if absent and the bucket can watch. */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = { kv: "any", prefix: "string", requestTimeout: "any", watch: "boolean" };
const CREATE = "create the NATS store";

/** How many requests of a `readMany` wait for their answers. */
const MAX_READS = 32;

/** Shorter than the scheduler's limit of 10 s, so that the error names the key. */
const DEFAULT_LIMIT_MS = 8_000;

/** A server accepts lines of 4,096 bytes, with the key, the name of the bucket and an inbox. It ends the connection at longer ones. */
const MAX_KEY_BYTES = 3_000;

/**
 * Keeps records as entries of a bucket of JetStream.
 *
 * The version of a record is its revision, which counts the writes of the whole bucket. A deleted entry leaves a marker, which is read
 * as no record.
 *
 * **Consistency.** A write names the revision that the leader of the bucket must have, so exactly one of several writes succeeds. Reads
 * are answered by the leader. A bucket with `allow_direct`, as most clients create it, lets any of its servers answer, which may
 * be behind: the first call finds that out, and all calls fail. A bucket that is deleted and created again counts from 1: stop the
 * schedulers before.
 *
 * **Clock.** A read has no time of the server, so there is no `storeTime`: synchronise the clocks of the hosts, and let `clockTolerance`
 * cover their differences.
 *
 * **Unknown outcomes.** A call that takes too long, or whose signal aborts, ends at once, but the client keeps its request and may send
 * it after it has connected again. The write then takes effect only if its revision is still there.
 *
 * **Limits.** A key takes at most 3,000 bytes, with the prefix. Names with other characters than letters, digits and `-_/` are kept in
 * base64. A bucket with `ttl` or with `max_bytes` may lose or refuse records.
 *
 * **Cost.** 1 request a read and a write, 1 for the check at the first call, and a consumer for each listing. Watches share one consumer.
 *
 * **Permissions.** For a bucket BUCKET: to publish to `$KV.BUCKET.>`, `$JS.API.STREAM.INFO.KV_BUCKET` and
 * `$JS.API.STREAM.MSG.GET.KV_BUCKET`, and, for watches and listings, `$JS.API.CONSUMER.*.KV_BUCKET.>` and `$JS.FC.>`; to subscribe to
 * `_INBOX.>`. In Deno, what the client needs.
 *
 * @example A bucket that is created if there is none
 * ```ts
 * import { NatsStore } from "@neat/periodic-task/stores/nats";
 * import { Kvm } from "@nats-io/kv";
 * import { connect } from "@nats-io/transport-node";
 *
 * async function openStore(servers: string): Promise<NatsStore> {
 *   const connection = await connect({ servers });
 *   const kv = await new Kvm(connection).create("tasks", { history: 1, replicas: 3, allow_direct: false });
 *   return new NatsStore({ kv });
 * }
 *
 * console.assert(openStore.length === 1);
 * ```
 */
export class NatsStore implements StatusStore {
  readonly #kv: NatsKv;
  readonly #prefix: string;
  readonly #limitMs: number;
  #checking: Promise<void> | undefined;

  /**
   * Watches the record of a task. Present if the option `watch` and the bucket allow it.
   *
   * All watches of a store share one of the bucket. The first hint comes when it has begun. The client goes on with it when it has
   * connected again.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for the next write
   * ```ts
   * import type { NatsStore } from "@neat/periodic-task/stores/nats";
   *
   * async function nextWrite(store: NatsStore): Promise<void> {
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
   * Checks the options. Does not use the bucket.
   *
   * @param options The bucket, and the keys of the records.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: NatsStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { kv, prefix = "neat-periodic-task.", requestTimeout = DEFAULT_LIMIT_MS } = options;
    const methods = ["get", "create", "update", "keys", "status"] as const;
    if (methods.some((method) => typeof kv?.[method] !== "function")) {
      const state = '"kv" must be a bucket of @nats-io/kv';
      throw new TypeError(`Cannot ${CREATE} as ${state}: current value is of type ${typeof kv}`);
    }
    if (!/^(?:[\w/=-]+\.)*$/.test(prefix)) {
      throw new RangeError(
        cannot(CREATE, '"prefix" must be parts of letters, digits and -_/=, each with a dot', prefix),
      );
    }
    this.#kv = kv;
    this.#prefix = prefix;
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
    const { watch = canWatch(kv) } = options;
    if (!watch) return;
    if (!canWatch(kv)) throw new TypeError(cannot(CREATE, '"kv" must have a method watch(), as "watch" is true', kv));
    const shared = new SharedWatch(startWatch(kv, prefix, `watch the records at ${JSON.stringify(prefix)} of NATS`));
    this.watch = (name, options) =>
      hintsOf((sink) => {
        this.#key(name);
        return shared.add(name, sink);
      }, options?.signal);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its revision, or `null` if there is none, or only the marker of a deleted one.
   * @throws {RangeError} If no key can have the name: then nothing was sent.
   * @throws {TypeError} If the answer is not an entry.
   * @throws {Error} If the bucket can't be used, fails or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const natsKey = this.#key(key);
    const action = `read the record at ${JSON.stringify(natsKey)} of NATS`;
    const entry = await this.#call(action, options?.signal, () => this.#kv.get(natsKey));
    return recordIn(entry, action);
  }

  /**
   * Replaces the record of a task if it is still at the given revision.
   *
   * @param key The name of the task.
   * @param value The new record, which is copied.
   * @param version The revision to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new revision, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no key can have the name or the version: then nothing was sent.
   * @throws {Error} If the bucket can't be used, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const natsKey = this.#key(key);
    const action = `write the record at ${JSON.stringify(natsKey)} of NATS`;
    if (version !== null && !isRevision(version)) {
      throw new RangeError(cannot(action, "its version must be a revision", version));
    }
    const kv = this.#kv;
    const copy = value.slice();
    const revision = await this.#call(action, options?.signal, async () => {
      try {
        return await (version === null ? kv.create(natsKey, copy) : kv.update(natsKey, copy, Number(version)));
      } catch (error) {
        if (isConflict(error)) return null;
        throw error;
      }
    });
    return revision === null ? null : versionOf(revision, action);
  }

  /**
   * Reads the records of several tasks. There is no request for several: there are as many requests, 32 at a time.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no entry can have one of the names.
   * @throws {Error} If the bucket rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Lists the names of the tasks: those of the keys that begin with the prefix.
   *
   * @param options The signal that ends the listing.
   * @returns The names, which are read at once.
   * @throws {Error} If the bucket can't be used, fails or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import type { NatsStore } from "@neat/periodic-task/stores/nats";
   *
   * async function printNames(store: NatsStore): Promise<void> {
   *   for await (const name of store.list()) console.log(name);
   * }
   *
   * console.assert(printNames.length === 1);
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const prefix = this.#prefix;
    const action = `list the records at ${JSON.stringify(prefix)} of NATS`;
    const readAll = async () => {
      const keys = await this.#call(action, options?.signal, (signal) => this.#readKeys(signal));
      return { keys: [...new Set(keys)].flatMap((key) => nameIn(key, prefix) ?? []), next: undefined };
    };
    yield* listPages(readAll, options?.signal, action);
  }

  async #readKeys(signal: AbortSignal): Promise<string[]> {
    const found = await this.#kv.keys(`${this.#prefix}>`);
    const stop = (): void => found.stop();
    signal.addEventListener("abort", stop);
    const keys: string[] = [];
    try {
      signal.throwIfAborted();
      for await (const key of found) keys.push(key);
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
    return keys;
  }

  #key(name: string): string {
    const action = "use the key in NATS";
    if (typeof name !== "string" || name === "" || /\p{Surrogate}/u.test(name)) {
      throw new RangeError(cannot(action, "it must be a string without lone surrogates, and not empty", name));
    }
    const key = this.#prefix + encodeName(name);
    if (key.length > MAX_KEY_BYTES) {
      throw new RangeError(cannot(action, `the key must take at most ${MAX_KEY_BYTES} bytes`, key.length));
    }
    return key;
  }

  /** Makes a call within its limit, after the check of the bucket. */
  async #call<T>(
    action: string,
    cancel: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limits = { action, limitMs: this.#limitMs, cancel, isRepeatable: () => false };
    const explain = (cause: unknown): unknown => cause instanceof BucketError ? cause : failure(action, cause);
    return await callRepeatedly({ ...limits, explain }, async (signal) => {
      await this.#checked();
      signal.throwIfAborted();
      return await send(signal);
    });
  }

  /** Checks the bucket once. A check that fails is repeated with the next call. */
  #checked(): Promise<void> {
    return this.#checking ??= checkBucket(this.#kv, "use the bucket of NATS").catch((error) => {
      this.#checking = undefined;
      throw error;
    });
  }
}
