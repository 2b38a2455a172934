/**
 * The record of a task with its bytes, so that a change keeps the fields that this version does not know.
 *
 * @module
 */
import { parseRecord } from "../record/parse.ts";
import { type FoundRecord, NONE } from "../record/status_record.ts";
import { withDeadline } from "../store/deadline.ts";
import { checkedEntries } from "../store/read_many_answer.ts";
import { checkedEntry, checkedVersion, MAX_CALL_MS } from "../store/record_store.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { sampleStoreTime, type StoreTimeSample } from "../store/store_time.ts";
import { type Clock, type Instant, instant } from "../time/clock.ts";

/** The result of a read. */
export interface StoredRecord {
  readonly found: FoundRecord;
  /** The bytes; none if there is no record. */
  readonly value: Uint8Array;
  /** The version; `null` if there is no record. */
  readonly version: string | null;
  /** The store's time at the read, if the store has a clock. */
  readonly sample: StoreTimeSample | undefined;
}

/** The dependencies of a {@linkcode TaskRecord}. */
export interface TaskRecordOptions {
  readonly store: StatusStore;
  readonly name: string;
  readonly clock: Clock;
  /** Ends the calls. */
  readonly signal: AbortSignal | undefined;
}

/** The record of one task. Each call has a deadline, and its answer is checked. */
export class TaskRecord {
  readonly #options: TaskRecordOptions;

  /** Creates the record of one task. */
  constructor(options: TaskRecordOptions) {
    this.#options = options;
  }

  /** Reads the record. */
  async read(limitMs?: number): Promise<StoredRecord> {
    const { store, name, clock } = this.#options;
    const sent = instant(clock);
    const answer = await this.#call<StatusEntry | null>(limitMs, (options) => store.read(name, options));
    return storedRecord(answer, sent, clock);
  }

  /** Writes bytes if the store still has the version to replace. Returns the new version, or `null` if it has not. */
  async write(value: Uint8Array, version: string | null, limitMs?: number): Promise<string | null> {
    const { store, name } = this.#options;
    return checkedVersion(
      await this.#call<string | null>(limitMs, (options) => store.write(name, value, version, options)),
    );
  }

  #call<T>(limitMs: number = MAX_CALL_MS, call: (options: StoreCallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#options;
    // async, as a store of a user may throw synchronously or return no promise
    return withDeadline(clock, Math.min(limitMs, MAX_CALL_MS), signal, async (options) => await call(options));
  }
}

/** The records of several tasks, and what their read needs. */
export interface TaskRecordsOptions extends Omit<TaskRecordOptions, "name"> {
  readonly names: readonly string[];
}

/** Whether a store reads many records by one call. */
export function canReadMany(store: StatusStore): store is StatusStore & Required<Pick<StatusStore, "readMany">> {
  return typeof store.readMany === "function";
}

/**
 * Reads the records of several tasks by one call of a store that can do so.
 *
 * @returns The records, in the order of the names.
 * @throws {unknown} The error of the store, a `TimeoutError` after 10 seconds, or the reason of the signal.
 */
export async function readStoredRecords(
  { store, names, clock, signal }: TaskRecordsOptions & { readonly store: Required<Pick<StatusStore, "readMany">> },
): Promise<StoredRecord[]> {
  const sent = instant(clock);
  const answer = await withDeadline(
    clock,
    MAX_CALL_MS,
    signal,
    async (options) => await store.readMany(names, options),
  );
  return checkedEntries(answer, names.length).map((entry) => storedRecord(entry, sent, clock));
}

/** Checks the answer of a read that was sent at an instant, and parses the record. */
function storedRecord(answer: StatusEntry | null, sent: Instant, clock: Clock): StoredRecord {
  const entry = checkedEntry(answer);
  if (entry === null) return { found: NONE, value: new Uint8Array(), version: null, sample: undefined };
  const { value, version, storeTime } = entry;
  return { found: parseRecord(value), value, version, sample: sampleStoreTime(storeTime, sent, instant(clock)) };
}
