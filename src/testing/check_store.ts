/**
 * A guard for programs that are about to rely on a store.
 *
 * @module
 */
import { systemClock } from "../time/clock.ts";
import { refuse } from "../errors.ts";
import { newId } from "../record/ids.ts";
import { UNPRINTABLE } from "../record/status_record.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { MAX_CALL_MS } from "../time/delay.ts";
import { limited } from "../store/deadline.ts";
import { CheckedClient, type Outcome, outcomeOf } from "./checked_client.ts";
import { must, sameBytes } from "./expectation.ts";
import { checkIsStore, checkOptions } from "./options.ts";
import { bytesOf } from "./record.ts";

/** What {@linkcode checkStore} is told. */
export interface CheckStoreOptions {
  /**
   * Where the record of the check is: the name of no task. Programs that share a store may share the key, too.
   * @default {`neat-periodic-task-check`}
   */
  readonly key?: string | undefined;
  /** Ends the check.  @default {none} */
  readonly signal?: AbortSignal | undefined;
}

const DOING = "check the store";
const RELYING = "rely on the store";

const FORMAT = "neat-periodic-task-check";

/** How many writes are made at once with one version. */
const WRITERS = 3;

/**
 * Makes sure, when a program starts, that its store keeps one replica from overwriting what another has written.
 *
 * Writes with wrong versions on purpose, and refuses a store that lets one pass: a version that was replaced, `null` where
 * there is a record, and one version given by several writers at once. Also refused is a store whose reads don't show what was
 * written. It is quick, some ten calls, and sees what is wrong with a store in general; `storeChecks` sees much more.
 *
 * All happens at one key of its own, where one record of about 100 bytes is left behind, as a store has no way to delete. The
 * next check replaces it. Any number of replicas may check at once. Data of others at the key is left alone, and the check
 * fails. Each call is given up after 10 seconds.
 *
 * @param store The store.
 * @param options Where its record is.
 * @throws {StoreCheckError} If the store can't be relied upon; the message says why.
 * @throws {TypeError} If the store is none, or an option is unknown or of the wrong type.
 * @throws {RangeError} If the key is none.
 * @throws What the store throws when it fails, a `TimeoutError`, or the reason of the signal.
 *
 * @example A store that pays no heed to versions
 * ```ts
 * import { MemoryStore, type StatusEntry, type StatusStore } from "@neat/periodic-task";
 * import { checkStore } from "@neat/periodic-task/testing";
 *
 * await checkStore(new MemoryStore());
 *
 * class HeedlessStore implements StatusStore {
 *   #entry: StatusEntry | null = null;
 *   #writes = 0;
 *   read = () => Promise.resolve(this.#entry);
 *   write(_key: string, value: Uint8Array): Promise<string> {
 *     this.#entry = { value, version: String(++this.#writes) };
 *     return Promise.resolve(this.#entry.version);
 *   }
 * }
 *
 * const message = await checkStore(new HeedlessStore()).then(() => "relied upon", (error) => error.message);
 * console.assert(message.startsWith("Cannot rely on the store as a write with a version that was replaced must be refused"));
 * ```
 */
export async function checkStore(store: StatusStore, options: CheckStoreOptions = {}): Promise<void> {
  checkIsStore(store, DOING);
  checkOptions(options, { key: "string", signal: "object" }, DOING);
  const { key = "neat-periodic-task-check", signal } = options;
  if (!key || key.length > 500 || key.search(UNPRINTABLE) >= 0) {
    refuse(RangeError, '"key" must be 1 to 500 printable characters', key, DOING);
  }
  const guard = new Guard(store, key, signal);
  const replaced = await guard.replace(await guard.recordToReplace());
  await guard.mustRefuse("a version that was replaced", replaced.version);
  await guard.mustRefuse("no version, where there is a record,", null);
  await guard.race();
}

/** A store seen from one key, where others may be writing as well: each record there is written once and never again. */
class Guard {
  readonly #client: CheckedClient;
  readonly #key: string;

  constructor(store: StatusStore, key: string, signal: AbortSignal | undefined) {
    const call = <T>(made: (options: StoreCallOptions) => Promise<T>): Promise<T> =>
      limited(systemClock, MAX_CALL_MS, signal, made);
    const ending: StatusStore = {
      read: (key) => call((options) => store.read(key, options)),
      write: (key, value, version) => call((options) => store.write(key, value, version, options)),
    };
    this.#client = new CheckedClient(ending, MAX_CALL_MS * 2, false);
    this.#key = key;
  }

  /** What is at the key, made first if there is nothing. */
  async recordToReplace(): Promise<StatusEntry> {
    const found = await this.#read();
    if (found) return found;
    // if another is faster, its record is as good
    const made = await outcomeOf(this.#write(newRecord(), null));
    const entry = await this.#read();
    if (!entry && !made.isAnswered) throw made.error;
    must(entry !== null, "a record that was written must be there", null, RELYING);
    return entry;
  }

  /** Has a record replaced, by this check or by another's, and answers with the old one. */
  async replace(old: StatusEntry): Promise<StatusEntry> {
    const outcome = await outcomeOf(this.#write(newRecord(), old.version));
    const entry = await this.#mustRead();
    const isUnchanged = entry.version === old.version || sameBytes(entry.value, old.value);
    if (isUnchanged && !outcome.isAnswered) throw outcome.error;
    const rule = outcome.value === null
      ? "a write with the version that stands must be accepted"
      : "a read must show what was written, and a version of its own";
    must(!isUnchanged, rule, entry, RELYING);
    return old;
  }

  /** Writes what must not be written. */
  async mustRefuse(what: string, version: string | null): Promise<void> {
    const record = newRecord();
    const { value = null } = await outcomeOf(this.#write(record, version));
    must(value === null, `a write with ${what} must be refused`, value, RELYING);
    const entry = await this.#mustRead();
    must(!sameBytes(entry.value, record), `a refused write with ${what} must change nothing`, entry, RELYING);
  }

  /** Writes several records at once, of which one at most may be written. */
  async race(): Promise<void> {
    const { version } = await this.#mustRead();
    const records = Array.from({ length: WRITERS }, newRecord);
    const outcomes = await Promise.all(records.map((record) => outcomeOf(this.#write(record, version))));
    const isWinner = ({ value }: Outcome<string | null>): boolean => typeof value === "string";
    const winners = outcomes.filter(isWinner).length;
    must(winners <= 1, "of several writes at once with one version, one at most must be accepted", winners, RELYING);
    const entry = await this.#mustRead();
    const refused = records.filter((_, index) => outcomes[index]!.value === null);
    const isRefused = refused.some((record) => sameBytes(record, entry.value));
    must(!isRefused, "of several writes at once, one that was refused must change nothing", entry, RELYING);
  }

  async #read(): Promise<StatusEntry | null> {
    const entry = await this.#client.read(this.#key);
    const isOurs = entry === null || new TextDecoder().decode(entry.value).startsWith(`{"format":"${FORMAT}"`);
    must(isOurs, `there must be no data of others at the key ${JSON.stringify(this.#key)}`, entry, DOING);
    return entry;
  }

  async #mustRead(): Promise<StatusEntry> {
    const entry = await this.#read();
    must(entry !== null, "a record that was written must be there", null, RELYING);
    return entry;
  }

  #write(record: Uint8Array, version: string | null): Promise<string | null> {
    return this.#client.write(this.#key, record, version);
  }
}

/** Different from all others. */
function newRecord(): Uint8Array {
  return bytesOf(JSON.stringify({ format: FORMAT, write: newId() }));
}
