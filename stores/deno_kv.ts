/**
 * A store in a Deno KV database: of Deno, of Deno Deploy or of `npm:@deno/kv`.
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
import { cannot } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readEach } from "./batching/read_many.ts";
import { callRepeatedly } from "./calls/repeated_call.ts";
import { EntryBatches } from "./deno_kv/batches.ts";
import { isKeyPart, isLocked, isVersionstamp, keyText, recordIn, versionIn } from "./deno_kv/entries.ts";
import type { Kv, KvKey, KvKeyPart } from "./deno_kv/kv.ts";
import { canList, readPage } from "./deno_kv/list.ts";
import { canWatch, isOfDeno, watchEntry } from "./deno_kv/watch.ts";
import { listPages } from "./listing/key_pages.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type {
  Kv,
  KvAtomicOperation,
  KvCheck,
  KvCommit,
  KvEntry,
  KvKey,
  KvKeyPart,
  KvListIterator,
  KvWatchStream,
} from "./deno_kv/kv.ts";

/** Options of a {@linkcode DenoKvStore}. */
export interface DenoKvStoreOptions {
  /** The open database. The store never closes it; close it after its schedulers have stopped. */
  readonly kv: Kv;
  /** The parts of a key before the name of the task; `["neat-periodic-task"]` if absent. It may be empty. */
  readonly prefix?: KvKey;
  /** How long a read, a write or a page of a listing may take, with all of its attempts; 8 s if absent. */
  readonly requestTimeout?: Duration;
  /**
   * Whether the store has the method `watch`; if absent, only with a database of Deno itself. Databases of `npm:@deno/kv` 0.14 can
   * watch, but keep the process alive after a watch until the record is written again.
   */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = { kv: "any", prefix: "any", requestTimeout: "any", watch: "boolean" };
const CREATE = "create the Deno KV store";

/** How many reads of a `readMany` wait for their answers: as many as share the calls that the store makes at a time. */
const MAX_READS = 100;

/** Shorter than the scheduler's limit of 10 s, so that the error names the key. */
const DEFAULT_LIMIT_MS = 8_000;

/**
 * Keeps records as entries of a Deno KV database.
 *
 * A record is a `Uint8Array` at `[...prefix, name]`. Its version is the versionstamp of the entry, and writes are atomic
 * operations that check it. Any other value belongs to another program: the scheduler reports it, and no write replaces it.
 * Calls of the same moment share a call of the database: 10 at most.
 *
 * **Consistency.** Reads are strong: on Deno Deploy they go to the primary region of the database. The database has no clock
 * that can be read, so there is no `storeTime`: synchronise the clocks of the hosts, and let `clockTolerance` cover their
 * differences.
 *
 * **One file, several processes.** Processes on one machine may share a file. Pass its path to `Deno.openKv()`: without one,
 * the file depends on the program and its configuration. SQLite's locks don't work on network file systems; for several
 * machines use Deno Deploy, or a `denokv` server over KV Connect. `database is locked` means that another process used the file
 * and nothing was done; the call is retried with jitter until `requestTimeout`.
 *
 * **Unknown outcomes.** Calls of Deno KV can't be cancelled. A call that takes too long throws, and so does any other error: a
 * write may still succeed later. Clients of KV Connect repeat a request without an answer, and may report a conflict with their
 * own write. The scheduler reads the record after errors and conflicts, and recognises its own.
 *
 * **Limits.** A key takes at most 2,048 bytes: the UTF-8 of each string in it and 2 bytes more. The name of any task fits if
 * the prefix takes at most 500. A value takes at most 64 KiB; a record needs 4.
 *
 * **Cost.** 2 writes a run, and about 1 read a replica and interval; many tasks of a process share calls. Deno Deploy
 * counts writes in units of 1 KiB and reads in units of 4 KiB: a usual record takes 1 to 3 write units and 1 read unit.
 *
 * **Permissions.** Deno KV is unstable in Deno: use `--unstable-kv`, or `"unstable": ["kv"]` in deno.json. A file needs
 * `--allow-read` and `--allow-write`; KV Connect needs `--allow-net` and the token in `DENO_KV_ACCESS_TOKEN`.
 *
 * @example On Node and Bun, with the package @deno/kv
 * ```ts
 * import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
 * import { makeLimitedV8Serializer, openKv } from "@deno/kv";
 *
 * // records are bytes, which need no serialiser; Bun lacks the default one
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
  readonly #batches: EntryBatches;

  /**
   * Watches the record of a task, with `kv.watch()`. Present if the option `watch` says so.
   *
   * The first hint comes immediately, with the present version. The watch throws what `kv.watch()` throws: some databases have the
   * method and don't support it. A file shows the writes of its own process only.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for the next write
   * ```ts
   * import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
   *
   * using kv = await Deno.openKv(":memory:");
   * const store = new DenoKvStore({ kv });
   * const hints = store.watch?.("backup")[Symbol.asyncIterator]();
   * await hints?.next();
   * await store.write("backup", new TextEncoder().encode("{}"), null);
   * console.assert((await hints?.next())?.done === false);
   * await hints?.return?.();
   * ```
   */
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  /**
   * Checks the options. Does not use the database.
   *
   * @param options The database, and the keys of the records.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: DenoKvStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { kv, prefix = ["neat-periodic-task"], requestTimeout = DEFAULT_LIMIT_MS } = options;
    if (typeof kv?.get !== "function" || typeof kv.atomic !== "function") {
      throw new TypeError(cannot(CREATE, '"kv" must be { get(), atomic() }', kv));
    }
    if (!Array.isArray(prefix) || !prefix.every(isKeyPart)) {
      throw new TypeError(cannot(CREATE, '"prefix" must be an array of parts of a key', prefix));
    }
    this.#kv = kv;
    this.#batches = new EntryBatches(kv);
    this.#prefix = prefix.map((part: KvKeyPart) => typeof part === "object" ? new Uint8Array(part) : part);
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
    const { watch = canWatch(kv) && isOfDeno(kv) } = options;
    if (!watch) return;
    if (!canWatch(kv)) throw new TypeError(cannot(CREATE, '"kv" must have a method watch(), as "watch" is true', kv));
    this.watch = (name, options) => watchEntry(kv, () => this.#key(name), options?.signal);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record, or `null` if there is none. Data of another program becomes a text that is not a record.
   * @throws {TypeError} If the answer of the database is not an entry.
   * @throws {Error} If the database fails or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const kvKey = this.#key(key);
    const action = `read the record at ${keyText(kvKey)} of Deno KV`;
    const request = { name: key, key: kvKey };
    const entry = await this.#call(action, options?.signal, (signal) => this.#batches.read(request, signal));
    return recordIn(entry, action);
  }

  /**
   * Reads the records of several tasks. A call of the database reads 10 of them.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {TypeError} If an answer of the database is not an entry.
   * @throws {Error} If the database fails or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it is still at the given version.
   *
   * @param key The name of the task.
   * @param value The new record, which is copied.
   * @param version The versionstamp of the entry to replace, or `null` if there must be no entry.
   * @param options The signal that ends the call.
   * @returns The new versionstamp, or `null` if the record had changed: then nothing was written.
   * @throws {TypeError} If the version is neither a string nor `null`: then nothing was sent.
   * @throws {RangeError} If the version is not a versionstamp: then nothing was sent.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const kvKey = this.#key(key);
    const action = `write the record at ${keyText(kvKey)} of Deno KV`;
    // Deno KV treats undefined like null, as if there must be no entry
    if (version !== null && !isVersionstamp(version)) {
      const ErrorType = typeof version === "string" ? RangeError : TypeError;
      throw new ErrorType(cannot(action, "its version must be null or 20 hex digits", version));
    }
    const write = { name: key, key: kvKey, value: new Uint8Array(value), version };
    const commit = await this.#call(action, options?.signal, (signal) => this.#batches.write(write, signal));
    return versionIn(commit, action);
  }

  /**
   * Lists the names of the tasks, with `kv.list()`: the strings that directly follow the prefix in the keys of entries.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 entries.
   * @throws {TypeError} If the database has no method `list()`.
   * @throws {Error} If the database fails or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
   *
   * using kv = await Deno.openKv(":memory:");
   * const store = new DenoKvStore({ kv });
   * await store.write("backup", new TextEncoder().encode("{}"), null);
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const action = `list the records below ${keyText(this.#prefix)} of Deno KV`;
    const kv = this.#kv;
    if (!canList(kv)) throw new TypeError(cannot(action, '"kv" must have a method list()', kv));
    const readNext = (cursor: string | undefined) =>
      this.#call(action, options?.signal, () => readPage(kv, this.#prefix, cursor));
    yield* listPages(readNext, options?.signal, action);
  }

  #key(name: string): KvKey {
    // all lone surrogates would be stored as the same character
    if (typeof name !== "string" || /\p{Surrogate}/u.test(name)) {
      throw new RangeError(cannot("use the key in Deno KV", "it must be a string without lone surrogates", name));
    }
    return [...this.#prefix, name];
  }

  #call<T>(action: string, cancel: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return callRepeatedly({ action, limitMs: this.#limitMs, cancel, isRepeatable: isLocked }, send);
  }
}
