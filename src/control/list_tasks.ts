/**
 * Lists the tasks in a store.
 *
 * @module
 */
import type { StatusStore } from "../store/store.ts";
import { type ListedTask, readListedTask, readTaskVersions } from "./listed_task.ts";
import { checkStore, type ReadSettings, readSettingsOf, type ReadTaskOptions } from "./options.ts";
import { taskNames } from "./task_names.ts";
import { canReadMany } from "./task_record.ts";

/** The number of records that are read at the same time, if the store reads each by a call. */
const READS_AHEAD = 8;

/** The number of records that are read by one call. Most stores list as many names by one. */
const READS_TOGETHER = 100;

/**
 * Lists the tasks in a store with their status.
 *
 * The order is that of the store. Up to 8 records are read at the same time, or up to 100 by one call
 * if the store has the method `readMany()`. Tasks that are added during the listing may be
 * missing. A task whose record is removed is left out.
 *
 * @param store The store that the replicas share. It must have the method `list()`.
 * @param options A signal.
 * @returns The tasks, read as they are consumed.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type. Thrown by the call itself.
 * @throws The error of the store, a `TimeoutError` if the next name or a read takes longer than 10 seconds, or the reason of
 * the signal. Thrown by the iteration, and ends it.
 *
 * @example Print the tasks of a store
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { listTasks, pauseTask } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * await pauseTask(store, "backup", { create: true });
 * for await (const task of listTasks(store)) {
 *   console.log(task.name, task.kind === "task" ? task.status.state : task.description);
 * }
 * ```
 */
export function listTasks(store: StatusStore, options: ReadTaskOptions = {}): AsyncIterable<ListedTask> {
  const doing = "list the tasks";
  checkStore(store, ["read", "list"], doing);
  return tasksOf(store, readSettingsOf(options, doing));
}

async function* tasksOf(store: StatusStore, { clock, signal }: ReadSettings): AsyncGenerator<ListedTask, void, void> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const settings = { clock, signal: AbortSignal.any(signal ? [signal, end.signal] : [end.signal]) };
  try {
    const tasks = canReadMany(store) ? readTogether(store, settings) : readAhead(store, settings);
    for await (const task of tasks) {
      signal?.throwIfAborted();
      if (task) yield task;
    }
  } finally {
    end.abort();
  }
}

/** Reads some records at the same time. */
async function* readAhead(store: StatusStore, settings: ReadSettings): AsyncGenerator<ListedTask | null, void, void> {
  const reads: Promise<ListedTask | null>[] = [];
  for await (const name of taskNames(store, settings)) {
    const read = readListedTask({ store, name, ...settings });
    // an earlier read may fail first, or the consumer may stop
    read.catch(() => {});
    reads.push(read);
    if (reads.length < READS_AHEAD) continue;
    yield await reads.shift() ?? null;
  }
  for (const read of reads) yield await read;
}

/** Reads many records by one call of the store. */
async function* readTogether(
  store: StatusStore,
  settings: ReadSettings,
): AsyncGenerator<ListedTask | null, void, void> {
  let names: string[] = [];
  for await (const name of taskNames(store, settings)) {
    names.push(name);
    if (names.length < READS_TOGETHER) continue;
    yield* listedTasks(store, names, settings);
    names = [];
  }
  yield* listedTasks(store, names, settings);
}

async function* listedTasks(
  store: StatusStore,
  names: readonly string[],
  settings: ReadSettings,
): AsyncGenerator<ListedTask | null, void, void> {
  if (names.length === 0) return;
  const found = await readTaskVersions({ store, names, ...settings });
  for (const name of names) yield found?.get(name)?.task ?? null;
}
