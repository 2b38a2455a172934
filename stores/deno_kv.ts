/**
 * A store in a Deno KV database: of Deno, Deno Deploy, or `npm:@deno/kv`.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
 *
 * // all replicas on this machine open the same file
 * using kv = await Deno.openKv(":memory:");
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new DenoKvStore({ kv }),
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import { backoffMs, pause } from "../src/time/backoff.ts";
import { elapsedMs, instant, systemClock } from "../src/time/clock.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { refusal, refuse } from "../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { limited } from "../src/store/deadline.ts";
import {
  isKeyPart,
  isLocked,
  isVersionstamp,
  keyText,
  type Kv,
  type KvKey,
  type KvKeyPart,
  recordOf,
  versionOf,
} from "./deno_kv/kv.ts";

export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { Kv, KvAtomicOperation, KvCheck, KvCommit, KvEntry, KvKey, KvKeyPart } from "./deno_kv/kv.ts";

/** What a {@linkcode DenoKvStore} is made with. */
export interface DenoKvStoreOptions {
  /** The database, open. The store never closes it: do so when its schedulers have stopped. */
  readonly kv: Kv;
  /** The parts that stand before a task's name in its key; `["neat-periodic-task"]` if absent. May be empty. */
  readonly prefix?: KvKey;
  /** How long a read or write may take, with all its attempts; 8 s if absent. */
  readonly requestTimeout?: Duration;
}

const OPTIONS = ["kv", "prefix", "requestTimeout"];
const DOING = "create the Deno KV store";

/** Shorter than the scheduler's own limit of 10 s, so that the error says what was waited for. */
const LIMIT_MS = 8_000;

/** The wait before the second attempt is from the first length to twice that; it doubles up to the second length. */
const BASE_MS = 10;
const LONGEST_MS = 500;

/**
 * Keeps records as entries of a Deno KV database.
 *
 * A record is a `Uint8Array` at `[...prefix, name]`, its version is the entry's versionstamp, and writes are atomic operations
 * that check it. What is no `Uint8Array` is someone else's: the scheduler is told so, and no write can replace it.
 *
 * **Consistency.** Reads are strong: on Deno Deploy they go to the database's primary region, whatever is nearer. The
 * database has no clock that could be asked, so there is no `storeTime`: keep the hosts' clocks in step, and see to it that
 * `clockTolerance` covers what they differ by.
 *
 * **One file, several processes.** Processes of one machine may share a file; give all of them its path, as what
 * `Deno.openKv()` opens without one depends on the program and its configuration. SQLite's locks can't be relied upon on
 * network file systems: for several machines take Deno Deploy, or a `denokv` server over KV Connect. `database is locked`
 * means that nothing was done, as another process was at it, and is tried again with jitter until `requestTimeout`.
 *
 * **Unknown outcomes.** Calls to Deno KV can't be cancelled. One that takes too long is given up on and throws, and so does
 * any other error: a write may take effect even later. Clients of KV Connect repeat a request whose answer was lost, without
 * saying so, and may then report a conflict with what they have written themselves. The scheduler reads back after errors and
 * conflicts alike, and knows its own record again.
 *
 * **Limits.** A key takes at most 2,048 bytes: the UTF-8 of each text in it and 2 bytes more. Any task's name fits if the
 * prefix takes at most 500. A value takes at most 64 KiB, of which a record needs 4.
 *
 * **Cost.** 2 writes a run, and about 1 read a replica and interval. Deno Deploy counts a write in units of 1 KiB and a read
 * in units of 4 KiB: a record of usual length is 1 to 3 write units and 1 read unit.
 *
 * **Permissions.** Deno KV is unstable in Deno: `--unstable-kv`, or `"unstable": ["kv"]` in deno.json; with a file
 * `--allow-read` and `--allow-write` for it, over KV Connect `--allow-net` and the token in `DENO_KV_ACCESS_TOKEN`.
 *
 * @example On Node and Bun, with the package @deno/kv
 * ```ts
 * import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
 * import { makeLimitedV8Serializer, openKv } from "@deno/kv";
 *
 * // records are bytes, which no serialiser touches; Bun lacks the one that @deno/kv would take
 * const kv = await openKv(":memory:", makeLimitedV8Serializer());
 * const store = new DenoKvStore({ kv, prefix: ["my-service", "tasks"] });
 * const version = await store.write("backup", new TextEncoder().encode("{}"), null);
 * console.assert((await store.read("backup"))?.version === version);
 * kv.close();
 * ```
 */
export class DenoKvStore implements StatusStore {
  readonly #kv: Kv;
  readonly #prefix: KvKey;
  readonly #limitMs: number;

  /**
   * Checks the options; asks nothing of the database.
   *
   * @param options The database, and where in it the records are.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If an option's value can't be used.
   */
  constructor(options: DenoKvStoreOptions) {
    if (typeof options !== "object" || !options) refuse(TypeError, "its options must be an object", options, DOING);
    for (const [option, value] of Object.entries(options)) {
      if (value !== undefined && !OPTIONS.includes(option)) {
        refuse(TypeError, `"${option}" must be left out`, value, DOING);
      }
    }
    const { kv, prefix = ["neat-periodic-task"], requestTimeout = LIMIT_MS } = options;
    if (typeof kv?.get !== "function" || typeof kv.atomic !== "function") {
      refuse(TypeError, '"kv" must be { get(), atomic() }', kv, DOING);
    }
    if (!Array.isArray(prefix) || !prefix.every(isKeyPart)) {
      refuse(TypeError, '"prefix" must be an array of parts of a key', prefix, DOING);
    }
    this.#kv = kv;
    this.#prefix = prefix.map((part: KvKeyPart) => typeof part === "object" ? new Uint8Array(part) : part);
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", DOING);
  }

  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns The record, or `null` if there is none. For data of someone else's, a remark in its place that is no record.
   * @throws {TypeError} If what the database answered is no entry.
   * @throws {Error} If the database refuses, or has not answered in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const kvKey = this.#key(key);
    const doing = `read the record at ${keyText(kvKey)} of Deno KV`;
    return await this.#call(doing, options?.signal, async () => {
      return recordOf(await this.#kv.get(kvKey, { consistency: "strong" }), doing);
    });
  }

  /**
   * Replaces the record at a key, if it is still at the given version.
   *
   * @param key The task's name.
   * @param value The new record, which is copied.
   * @param version The versionstamp that must still stand, or `null` if there must be no entry yet.
   * @param options The signal that ends the call.
   * @returns The new versionstamp, or `null` if the record had changed: then nothing was written.
   * @throws {TypeError} If the version is neither a text nor `null`: nothing was sent then.
   * @throws {RangeError} If the version is no versionstamp: nothing was sent then.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const kvKey = this.#key(key);
    const doing = `write the record at ${keyText(kvKey)} of Deno KV`;
    // Deno KV takes a versionstamp that is undefined for null: there must be no entry
    if (version !== null && !isVersionstamp(version)) {
      const Kind = typeof version === "string" ? RangeError : TypeError;
      refuse(Kind, "its version must be null or 20 hex digits", version, doing);
    }
    const bytes = new Uint8Array(value);
    return await this.#call(doing, options?.signal, async () => {
      return versionOf(
        await this.#kv.atomic().check({ key: kvKey, versionstamp: version }).set(kvKey, bytes).commit(),
        doing,
      );
    });
  }

  #key(name: string): KvKey {
    if (typeof name !== "string" || /\p{Surrogate}/u.test(name)) {
      // all of these would be stored as the same sign
      refuse(RangeError, "it must be a text without halves of surrogate pairs", name, "use the key in Deno KV");
    }
    return [...this.#prefix, name];
  }

  /** Attempts until one is not kept out by a lock; ends in time, whatever the database does. */
  async #call<T>(doing: string, cancel: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const limitMs = this.#limitMs;
    const began = instant(systemClock);
    let ended: AbortSignal | undefined;
    try {
      return await limited(systemClock, limitMs, cancel, async ({ signal }) => {
        ended = signal;
        for (let failures = 1;; failures++) {
          try {
            return await attempt();
          } catch (error) {
            const delayMs = backoffMs(failures, LONGEST_MS, systemClock.random(), BASE_MS);
            if (!isLocked(error) || elapsedMs(systemClock, began) + delayMs >= limitMs) throw error;
            await pause(systemClock, delayMs, signal);
            signal.throwIfAborted();
          }
        }
      });
    } catch (cause) {
      cancel?.throwIfAborted();
      if (!ended?.aborted) throw cause;
      throw new Error(refusal("it did not answer within requestTimeout", `${limitMs} ms`, doing), { cause });
    }
  }
}
