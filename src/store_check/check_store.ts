/**
 * A quick check of a store for the start of a program.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { newId } from "../record/ids.ts";
import { isPrintable } from "../record/text.ts";
import { withDeadline } from "../store/deadline.ts";
import { MAX_CALL_MS } from "../store/record_store.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { systemClock } from "../time/clock.ts";
import { CheckedClient } from "./checked_client.ts";
import { bytesOf } from "./bytes.ts";
import { settle } from "./settle.ts";
import { requireThat, sameBytes } from "./store_check_error.ts";
import { checkStoreShape } from "./store_shape.ts";

/** The key of the record that is written, unless another one is given. */
export const CHECK_KEY = "neat-periodic-task-check";

/** Options of {@linkcode checkStore}. */
export interface CheckStoreOptions {
  /**
   * The key of the record that is written. It must not be the name of a task. Programs that share a store may share the key.
   * @default {`neat-periodic-task-check`}
   */
  readonly key?: string | undefined;
  /**
   * Whether the store must list the key, too. Schedulers never list; dashboards and the command line do. In a store with many
   * records it takes many calls.
   * @default {false}
   */
  readonly list?: boolean | undefined;
  /**
   * Whether the store must hint at a write, too. Schedulers work without hints; they react sooner with them.
   * @default {false}
   */
  readonly watch?: boolean | undefined;
  /** Ends the check.  @default {none} */
  readonly signal?: AbortSignal | undefined;
}

const OPTION_TYPES: OptionTypes = { key: "string", list: "boolean", watch: "boolean", signal: "object" };

const CHECK = "check the store";
const RELY = "rely on the store";

const FORMAT = "neat-periodic-task-check";

/** How many writes are sent at once with the same version. */
const CONCURRENT_WRITES = 3;

/** Longer than the calls and waits of a watch together. */
const WATCH_LIMIT_MS = MAX_CALL_MS * 4;

/**
 * Checks, when a program starts, that its store keeps one replica from overwriting the record of another.
 *
 * It writes with wrong versions on purpose: a version that was replaced, `null` where there is a record, and the same version in
 * concurrent writes. It rejects if the store accepts one of them, or if a read does not return the last record. It makes about
 * ten calls, and finds only basic faults; `storeChecks` of `@neat/periodic-task/testing` finds more.
 *
 * All calls use one key. One record of about 100 bytes stays there, as a store can't delete; the next check replaces it. Any
 * number of replicas may check at once. If the key holds data of another program, the check fails and does not overwrite it.
 * Each call may take 10 seconds.
 *
 * @param store The store.
 * @param options The key, optional methods to check, and a signal.
 * @throws {StoreCheckError} If the store is not reliable; the message says why.
 * @throws {TypeError} If the store lacks a method, or if an option is unknown or of the wrong type.
 * @throws {RangeError} If the key can't be used.
 * @throws The error of a failing store, a `TimeoutError`, or the reason of the signal.
 *
 * @example A store that ignores versions
 * ```ts
 * import { MemoryStore, type StatusEntry, type StatusStore } from "@neat/periodic-task";
 * import { checkStore } from "@neat/periodic-task/testing";
 *
 * await checkStore(new MemoryStore());
 *
 * class UnconditionalStore implements StatusStore {
 *   #entry: StatusEntry | null = null;
 *   #writes = 0;
 *   read = () => Promise.resolve(this.#entry);
 *   write(_key: string, value: Uint8Array): Promise<string> {
 *     this.#entry = { value, version: String(++this.#writes) };
 *     return Promise.resolve(this.#entry.version);
 *   }
 * }
 *
 * const message = await checkStore(new UnconditionalStore()).then(() => "reliable", (error) => error.message);
 * console.assert(message.startsWith("Cannot rely on the store as a write with a version that was replaced must fail"));
 * ```
 */
export async function checkStore(store: StatusStore, options: CheckStoreOptions = {}): Promise<void> {
  checkStoreShape(store, CHECK);
  checkOptions(options, OPTION_TYPES, CHECK, { hidesValues: true });
  const { key = CHECK_KEY, list = false, watch = false, signal } = options;
  if (!key || key.length > 500 || !isPrintable(key)) {
    throw new RangeError(cannot(CHECK, '"key" must be 1 to 500 printable characters', key));
  }
  const checked = new CheckedKey(store, key, signal);
  const replacedVersion = await checked.replace(await checked.readOrCreate());
  await checked.mustReject("a version that was replaced", replacedVersion);
  await checked.mustReject("no version, where there is a record,", null);
  await checked.race();
  if (list) await checked.mustBeListed();
  if (watch) await checked.mustBeWatched();
}

/** One key of a store, to which other programs may be writing. Each record is written at most once. */
class CheckedKey {
  readonly #client: CheckedClient;
  /** Lists and watches, which take longer than one call. */
  readonly #iterating: CheckedClient;
  readonly #key: string;
  readonly #signal: AbortSignal | undefined;

  constructor(store: StatusStore, key: string, signal: AbortSignal | undefined) {
    const limit = <T>(call: (options: StoreCallOptions) => Promise<T>): Promise<T> =>
      withDeadline(systemClock, MAX_CALL_MS, signal, call);
    const limitedStore: StatusStore = {
      read: (key) => limit((options) => store.read(key, options)),
      write: (key, value, version) => limit((options) => store.write(key, value, version, options)),
    };
    this.#client = new CheckedClient(limitedStore, MAX_CALL_MS * 2, false);
    this.#iterating = new CheckedClient(store, MAX_CALL_MS, false);
    this.#key = key;
    this.#signal = signal;
  }

  /** Reads the record at the key, and creates one if there is none. */
  async readOrCreate(): Promise<StatusEntry> {
    const found = await this.#read();
    if (found) return found;
    // returns null if another program is faster, which is fine
    const created = await settle(this.#write(newRecord(), null));
    const entry = await this.#read();
    if (!entry && !created.isFulfilled) throw created.error;
    requireThat(entry !== null, "a record that was written must exist", null, RELY);
    return entry;
  }

  /** Replaces a record, or lets another program do so. Returns the version that was replaced. */
  async replace(old: StatusEntry): Promise<string> {
    const written = await settle(this.#write(newRecord(), old.version));
    const entry = await this.#mustRead();
    const isUnchanged = entry.version === old.version || sameBytes(entry.value, old.value);
    if (isUnchanged && !written.isFulfilled) throw written.error;
    const rule = written.value === null
      ? "a write with the current version must succeed"
      : "a read must return the last record, and a new version";
    requireThat(!isUnchanged, rule, entry, RELY);
    return old.version;
  }

  /** Makes a write that must fail. */
  async mustReject(description: string, version: string | null): Promise<void> {
    const record = newRecord();
    const { value = null } = await settle(this.#write(record, version));
    requireThat(value === null, `a write with ${description} must fail`, value, RELY);
    const entry = await this.#mustRead();
    const isChanged = sameBytes(entry.value, record);
    requireThat(!isChanged, `a failed write with ${description} must change nothing`, entry, RELY);
  }

  /** Makes concurrent writes, of which at most one may succeed. */
  async race(): Promise<void> {
    const { version } = await this.#mustRead();
    const records = Array.from({ length: CONCURRENT_WRITES }, newRecord);
    const writes = await Promise.all(records.map(async (record) => {
      const { value } = await settle(this.#write(record, version));
      return { record, newVersion: value };
    }));
    const succeeded = writes.filter(({ newVersion }) => typeof newVersion === "string").length;
    const rule = "of several concurrent writes with the same version, at most one must succeed";
    requireThat(succeeded <= 1, rule, succeeded, RELY);
    const entry = await this.#mustRead();
    const hasFailed = writes.some(({ record, newVersion }) => newVersion === null && sameBytes(record, entry.value));
    requireThat(!hasFailed, "of several concurrent writes, a failed one must change nothing", entry, RELY);
  }

  /** Lists keys until this one is found. */
  async mustBeListed(): Promise<void> {
    requireThat(this.#iterating.has("list"), "the store must have a method list()", undefined, RELY);
    const keys = this.#iterating.list(this.#signal);
    for (let listed = 0;; listed++) {
      const key = await keys.next();
      requireThat(key !== undefined, "list() must yield a key that was written", `${listed} other keys`, RELY);
      if (key === this.#key) return await keys.leave();
    }
  }

  /** Replaces the record, or lets another program do so, and waits for the hint. */
  async mustBeWatched(): Promise<void> {
    requireThat(this.#iterating.has("watch"), "the store must have a method watch()", undefined, RELY);
    await withDeadline(systemClock, WATCH_LIMIT_MS, this.#signal, async ({ signal }) => {
      const controller = new AbortController();
      signal.addEventListener("abort", () => controller.abort());
      const watch = this.#iterating.watch(this.#key, controller);
      try {
        await watch.settle();
        await this.replace(await this.#mustRead());
        await watch.mustHint();
      } finally {
        await watch.stop();
      }
    });
  }

  async #read(): Promise<StatusEntry | null> {
    const entry = await this.#client.read(this.#key);
    const isOwn = entry === null || new TextDecoder().decode(entry.value).startsWith(`{"format":"${FORMAT}"`);
    const rule = `there must be no data of another program at the key ${JSON.stringify(this.#key)}`;
    requireThat(isOwn, rule, entry, CHECK);
    return entry;
  }

  async #mustRead(): Promise<StatusEntry> {
    const entry = await this.#read();
    requireThat(entry !== null, "a record that was written must exist", null, RELY);
    return entry;
  }

  #write(record: Uint8Array, version: string | null): Promise<string | null> {
    return this.#client.write(this.#key, record, version);
  }
}

/** A record that differs from all others. */
function newRecord(): Uint8Array {
  return bytesOf(JSON.stringify({ format: FORMAT, write: newId() }));
}
