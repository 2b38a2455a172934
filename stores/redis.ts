/**
 * A store in Redis or Valkey, which uses an open client of ioredis, of node-redis or of Bun.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { RedisStore } from "@neat/periodic-task/stores/redis";
 * import { Redis } from "ioredis";
 *
 * function startBackups(url: string): NeatPeriodicTaskScheduler {
 *   const client = new Redis(url);
 *   const scheduler = new NeatPeriodicTaskScheduler({
 *     name: "backup",
 *     interval: { hours: 6 },
 *     timeout: { minutes: 30 },
 *     store: new RedisStore({ client }),
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
import { newId } from "../src/record/ids.ts";
import { hintsOf } from "../src/store/hints.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readEach, readInParts } from "./batching/read_many.ts";
import { listPages } from "./listing/key_pages.ts";
import { callRedis } from "./redis/call.ts";
import { driverOf, type RedisClient } from "./redis/client.ts";
import type { RedisDriver } from "./redis/driver.ts";
import { scanPage } from "./redis/list.ts";
import { encodeValue, entriesIn, entryIn, isVersion } from "./redis/record.ts";
import { READ, READ_MANY, runScript, WRITE } from "./redis/scripts.ts";
import { findingsOf, type RedisServerFinding } from "./redis/server_findings.ts";
import { Subscriptions } from "./redis/subscriptions.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { BunRedisClient } from "./redis/bun_redis.ts";
export type { RedisClient } from "./redis/client.ts";
export type { IoredisClient, IoredisCluster, IoredisSubscriber } from "./redis/ioredis.ts";
export type { NodeRedisClient, NodeRedisCluster, NodeRedisNode, NodeRedisSubscriber } from "./redis/node_redis.ts";
export type { RedisServerFinding } from "./redis/server_findings.ts";

/** Options of a {@linkcode RedisStore}. */
export interface RedisStoreOptions {
  /**
   * The open client: a `Redis` or a `Cluster` of ioredis, a client or a cluster of node-redis, or a `RedisClient` of Bun. The store
   * never closes it; close it after its schedulers have stopped.
   */
  readonly client: RedisClient;
  /** The beginning of the keys; `neat-periodic-task:` if absent. It may be empty. */
  readonly prefix?: string;
  /** How long a read, a write or a page of a listing may take; 8 s if absent. */
  readonly requestTimeout?: Duration;
  /**
   * Whether the store has the method `watch`, which opens one more connection for all of its watches; true if absent and the client
   * has a method `duplicate`, or is a cluster.
   */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = { client: "any", prefix: "string", requestTimeout: "any", watch: "boolean" };
const CREATE = "create the Redis store";

/** How many records a script of `readMany` reads: the server does nothing else meanwhile. */
const MAX_READS = 100;

/** How many scripts of a `readMany` wait for their answers, so that many records don't take as many round trips. */
const MAX_CALLS = 10;

/** Shorter than the scheduler's limit of 10 s, so that the error names the key. */
const DEFAULT_LIMIT_MS = 8_000;

/**
 * Keeps records as hashes of Redis 6 or later, or of Valkey.
 *
 * The hash at the prefix and the name of the task has the fields `version`, a random id that is new with each write, `encoding` and
 * `value`. A read is one Lua script, which answers with the record and the server's time, the `storeTime`; a write is one that
 * compares the version. Servers run a script by its digest, and get its text when they don't know it. Any other data at the key
 * belongs to another program: the scheduler reports it, and no write replaces it.
 *
 * **Consistency.** On one master, reads and writes are linearisable. Redis replicates asynchronously: a failover may lose the last
 * writes, and a restart or an eviction may lose more. Then a task may run early, twice, or on two replicas at once, and a `term`
 * may come again. {@linkcode RedisStore.checkServer} warns of such settings. Reads from replicas fail.
 *
 * **Unknown outcomes.** A call that takes too long, or whose signal aborts, ends at once, but the client keeps its command: ioredis
 * and Bun also send one that still waits for a connection; node-redis drops that one. The write then takes effect only if its
 * version is still there. A client may send a command again after a lost connection: the script recognises its own write.
 *
 * **Limits.** One key is in one slot of a cluster. Bun's client knows no clusters. The option `keyPrefix` of ioredis comes before
 * `prefix`.
 *
 * **Cost.** 1 command a read and a write, with a script of about 4 commands; a record takes about 1 KiB of memory. Watches share one
 * connection.
 *
 * **Permissions.** For the keys: `EVALSHA`, `EVAL`, `TIME`, `TYPE`, `HGET`, `HMGET`, `HSET`, `HDEL` and `PERSIST`. Watches need
 * `PUBLISH` and `SUBSCRIBE` for channels that are named like the keys; {@linkcode RedisStore.list} needs `SCAN`, and `PING` in a
 * cluster of ioredis; {@linkcode RedisStore.checkServer} needs `INFO` and, if it may, `CONFIG GET`. In Deno, `--allow-net` and what
 * the client needs.
 *
 * @example A client of node-redis, with warnings about the server's settings
 * ```ts
 * import { RedisStore } from "@neat/periodic-task/stores/redis";
 * import { createClient } from "redis";
 *
 * async function openStore(url: string): Promise<RedisStore> {
 *   const client = createClient({ url });
 *   client.on("error", (error) => console.error(error));
 *   await client.connect();
 *   const store = new RedisStore({ client, prefix: "my-service:" });
 *   for (const { message } of await store.checkServer()) console.warn(message);
 *   return store;
 * }
 *
 * console.assert(openStore.length === 1);
 * ```
 */
export class RedisStore implements StatusStore {
  readonly #driver: RedisDriver;
  readonly #prefix: string;
  readonly #limitMs: number;

  /** Whether schedulers that read at the same moment share a script: not in a cluster, where keys are on several servers. */
  readonly readsTogether: boolean;

  /**
   * Watches the record of a task, with a subscription to the channel to which each write publishes. Present if the option `watch`
   * and the client allow it.
   *
   * The first hint comes when the subscription has begun. The watch fails when its connection is lost; a scheduler starts it again.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for the next write
   * ```ts
   * import type { RedisStore } from "@neat/periodic-task/stores/redis";
   *
   * async function nextWrite(store: RedisStore): Promise<void> {
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
   * Checks the options. Does not use the client.
   *
   * @param options The client, and the keys of the records.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: RedisStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { client, prefix = "neat-periodic-task:", requestTimeout = DEFAULT_LIMIT_MS } = options;
    const driver = driverOf(client);
    if (!driver) {
      // a URL may hold a password
      const state = '"client" must be an open client of ioredis, redis or Bun';
      throw new TypeError(`Cannot ${CREATE} as ${state}: current value is of type ${typeof client}`);
    }
    if (/\p{Surrogate}/u.test(prefix)) {
      throw new RangeError(cannot(CREATE, '"prefix" must be without lone surrogates', prefix));
    }
    this.#driver = driver;
    this.readsTogether = !driver.isCluster;
    this.#prefix = prefix;
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
    const { watch = driver.subscriber !== undefined } = options;
    if (!watch) return;
    if (!driver.subscriber) {
      const state = '"client" must have a method duplicate(), as "watch" is true';
      throw new TypeError(`Cannot ${CREATE} as ${state}: current value is of type ${typeof client}`);
    }
    const subscriptions = new Subscriptions(driver.subscriber);
    this.watch = (name, options) =>
      hintsOf((sink) => subscriptions.add(driver.keyPrefix + this.#key(name), sink), options?.signal);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with the time of the server, or `null` if there is none. Data of another program becomes a text that is not a
   * record.
   * @throws {RangeError} If the key has lone surrogates: then nothing was sent.
   * @throws {TypeError} If the answer is not that of the script.
   * @throws {Error} If the server is a replica, fails or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const redisKey = this.#key(key);
    const action = `read the record at ${this.#shown(redisKey)} of Redis`;
    const answer = await this.#call(
      action,
      options?.signal,
      (signal) => runScript(this.#driver, READ, [redisKey], [], signal),
    );
    return entryIn(answer, action);
  }

  /**
   * Reads the records of several tasks. A script reads 100 of them; in a cluster, where keys are on
   * several servers, there is a script for each, 100 at a time. Each has its own `requestTimeout`.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If one of the keys has lone surrogates.
   * @throws {TypeError} If an answer is not that of the script.
   * @throws {Error} If a server is a replica, fails or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    if (this.#driver.isCluster) {
      return await readEach(keys, (key, signal) => this.read(key, { signal }), {
        maxCalls: MAX_READS,
        signal: options?.signal,
      });
    }
    const readPart = async (part: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> => {
      const action = `read ${part.length} records at ${this.#shown(this.#prefix)} of Redis`;
      const redisKeys = part.map((key) => this.#key(key));
      const answer = await this.#call(
        action,
        signal,
        (signal) => runScript(this.#driver, READ_MANY, redisKeys, [], signal),
      );
      return entriesIn(answer, part.length, action);
    };
    return await readInParts(keys, { readPart, maxKeys: MAX_READS, maxCalls: MAX_CALLS, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it is still at the given version.
   *
   * @param key The name of the task.
   * @param value The new record, which is copied.
   * @param version The version to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record had changed: then nothing was written.
   * @throws {TypeError} If the version is neither a string nor `null`: then nothing was sent.
   * @throws {RangeError} If the key has lone surrogates or the version is none of this store: then nothing was sent.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const redisKey = this.#key(key);
    const action = `write the record at ${this.#shown(redisKey)} of Redis`;
    if (version !== null && !isVersion(version)) {
      const ErrorType = typeof version === "string" ? RangeError : TypeError;
      throw new ErrorType(cannot(action, "its version must be null or one that a call has returned", version));
    }
    const encoded = encodeValue(value);
    const newVersion = newId();
    const channel = this.#driver.keyPrefix + redisKey;
    const args = [version ?? "", newVersion, encoded.encoding, encoded.value, channel];
    const answer = await this.#call(
      action,
      options?.signal,
      (signal) => runScript(this.#driver, WRITE, [redisKey], args, signal),
    );
    // a client may be set to return numbers as strings
    if (String(answer) === "1") return newVersion;
    if (String(answer) === "0") return null;
    throw new TypeError(cannot(action, "the answer must say whether the record was written", answer));
  }

  /**
   * Lists the names of the tasks, with `SCAN` on each master: those of all hashes whose keys begin with the prefix.
   *
   * It goes through all keys of the database, 1,000 a call, so that it takes many calls where other programs have many keys. Keys
   * that a cluster moves to another node during the listing may be missing.
   *
   * @param options The signal that ends the listing.
   * @returns The names.
   * @throws {Error} If a server fails or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import type { RedisStore } from "@neat/periodic-task/stores/redis";
   *
   * async function printNames(store: RedisStore): Promise<void> {
   *   for await (const name of store.list()) console.log(name);
   * }
   *
   * console.assert(printNames.length === 1);
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const prefix = this.#driver.keyPrefix + this.#prefix;
    const action = `list the records at ${JSON.stringify(prefix)} of Redis`;
    const cancel = options?.signal;
    const listed = new Set<string>();
    for (const send of await this.#call(action, cancel, this.#driver.masters)) {
      const readPage = async (cursor: string | undefined) => {
        const query = { prefix, cursor, action };
        const { keys, next } = await this.#call(action, cancel, (signal) => scanPage(send, { ...query, signal }));
        return { keys: keys.filter((key) => !listed.has(key) && listed.add(key)), next };
      };
      yield* listPages(readPage, cancel, action);
    }
  }

  /**
   * Asks the server, or each master of a cluster, for settings that weaken the promises of the store.
   *
   * Call it when a program starts, and log what it finds. It finds a `maxmemory-policy` that may evict records, missing or coarse
   * persistence, replicas and servers older than Redis 6, and says so when a server does not tell.
   *
   * @param options The signal that ends the call.
   * @returns What was found; empty if all is well.
   * @throws {Error} If a server fails, does not answer in time, or does not permit `INFO`.
   *
   * @example Log warnings
   * ```ts
   * import type { RedisStore } from "@neat/periodic-task/stores/redis";
   *
   * async function logWarnings(store: RedisStore): Promise<void> {
   *   for (const { problem, message } of await store.checkServer()) console.warn(problem, message);
   * }
   *
   * console.assert(logWarnings.length === 1);
   * ```
   */
  async checkServer(options?: StoreCallOptions): Promise<RedisServerFinding[]> {
    return await this.#call("check the settings of Redis", options?.signal, async (signal) => {
      const masters = await this.#driver.masters(signal);
      const found = await Promise.all(masters.map((send) => findingsOf(send, signal)));
      // masters mostly have the same settings
      return [...new Map(found.flat().map((finding) => [finding.message, finding])).values()];
    });
  }

  #key(name: string): string {
    // clients would send all lone surrogates as the same character
    if (typeof name !== "string" || /\p{Surrogate}/u.test(name)) {
      throw new RangeError(cannot("use the key in Redis", "it must be a string without lone surrogates", name));
    }
    return this.#prefix + name;
  }

  #shown(key: string): string {
    return JSON.stringify(this.#driver.keyPrefix + key);
  }

  #call<T>(action: string, cancel: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return callRedis({ action, limitMs: this.#limitMs, cancel }, send);
  }
}
