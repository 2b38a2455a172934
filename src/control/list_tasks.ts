/**
 * Lists the tasks in a store.
 *
 * @module
 */
import type { StatusStore } from "../store/store.ts";
import { type ListedTask, readListedTask } from "./listed_task.ts";
import { checkStore, type ReadSettings, readSettingsOf, type ReadTaskOptions } from "./options.ts";
import { taskNames } from "./task_names.ts";

/** The number of records that are read at the same time. */
const READS_AHEAD = 8;

/**
 * Lists the tasks in a store with their status.
 *
 * The order is that of the store. Up to 8 records are read at the same time. Tasks that are added during the listing may be
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
  const reads: Promise<ListedTask | null>[] = [];
  try {
    for await (const name of taskNames(store, settings)) {
      const read = readListedTask({ store, name, ...settings });
      // an earlier read may fail first, or the consumer may stop
      read.catch(() => {});
      reads.push(read);
      if (reads.length < READS_AHEAD) continue;
      const task = await reads.shift();
      if (task) yield task;
    }
    for (const read of reads) {
      const task = await read;
      if (task) yield task;
      signal?.throwIfAborted();
    }
  } finally {
    end.abort();
  }
}
