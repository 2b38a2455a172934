/**
 * A key of a store, and the data there.
 *
 * @module
 */
import { type TaskStatus, taskStatusOf } from "../results.ts";
import { type StoreAhead, storeAheadOf } from "../store/store_time.ts";
import {
  canReadMany,
  readStoredRecords,
  type StoredRecord,
  TaskRecord,
  type TaskRecordOptions,
  type TaskRecordsOptions,
} from "./task_record.ts";

/** A key of a store, and the data there. `kind` determines the other properties. */
export type ListedTask =
  | {
    /** The data is a status record. */
    readonly kind: "task";
    /** The name of the task. */
    readonly name: string;
    /** The status of the task, in the host's time. */
    readonly status: TaskStatus;
  }
  | {
    /** The data is not a status record (`foreign`), or the record is of a newer version (`newer`). It is never overwritten. */
    readonly kind: "foreign" | "newer";
    /** The key. */
    readonly name: string;
    /** The data, for people. */
    readonly description: string;
  };

/** A key of a store, the data there, and what their read has found beside. */
export interface ReadTask {
  readonly task: ListedTask;
  /** The version of the data. */
  readonly version: string;
  /** The lead of the store's clock over the host's, as measured by this read. */
  readonly ahead: StoreAhead;
}

/** Reads the data at a key. Returns `null` if there is none. */
export async function readListedTask(options: TaskRecordOptions): Promise<ListedTask | null> {
  return (await readTaskVersion(options))?.task ?? null;
}

/** Reads the data at a key, and its version. Returns `null` if there is none. */
export async function readTaskVersion(options: TaskRecordOptions): Promise<ReadTask | null> {
  return readTask(options.name, await new TaskRecord(options).read());
}

/**
 * Reads the data at several keys by one call of the store.
 *
 * @returns The data by the name, `null` where there is none; `undefined` if the store has no such call.
 * @throws {unknown} The error of the store, a `TimeoutError` after 10 seconds, or the reason of the signal.
 */
export async function readTaskVersions(
  { store, ...options }: TaskRecordsOptions,
): Promise<ReadonlyMap<string, ReadTask | null> | undefined> {
  if (!canReadMany(store)) return undefined;
  const records = await readStoredRecords({ store, ...options });
  return new Map(records.map((record, index) => {
    const name = options.names[index] ?? "";
    return [name, readTask(name, record)];
  }));
}

function readTask(name: string, { found, version, sample }: StoredRecord): ReadTask | null {
  if (version === null) return null;
  const ahead = storeAheadOf(sample);
  if (found.kind === "foreign" || found.kind === "newer") {
    return { task: { kind: found.kind, name, description: found.description }, version, ahead };
  }
  const status = taskStatusOf(found.kind === "record" ? found.record : undefined, ahead);
  return { task: { kind: "task", name, status }, version, ahead };
}
