/**
 * Reads the status of a task.
 *
 * @module
 */
import { unusableRecordError } from "../errors.ts";
import type { TaskStatus } from "../results.ts";
import type { StatusStore } from "../store/store.ts";
import { readListedTask } from "./listed_task.ts";
import { checkTask, readSettingsOf, type ReadTaskOptions } from "./options.ts";

/**
 * Reads the status of a task.
 *
 * @param store The store that the replicas of the task share.
 * @param name The name of the task.
 * @param options A signal.
 * @returns The status in the host's time, or `null` if the store has no record of the task.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If no task can have the name.
 * @throws {Error} If the data at the key is not a status record, or the record is of a newer version.
 * @throws The error of the store, a `TimeoutError` after 10 seconds, or the reason of the signal.
 *
 * @example Show whether a task is paused
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { pauseTask, readTask } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * console.assert(await readTask(store, "backup") === null);
 * await pauseTask(store, "backup", { create: true, reason: "migration" });
 * const status = await readTask(store, "backup");
 * console.assert(status?.paused !== undefined && status.pauseReason === "migration");
 * ```
 */
export async function readTask(
  store: StatusStore,
  name: string,
  options: ReadTaskOptions = {},
): Promise<TaskStatus | null> {
  const doing = "read the task";
  checkTask(store, name, doing);
  const task = await readListedTask({ store, name, ...readSettingsOf(options, doing) });
  if (task === null) return null;
  if (task.kind !== "task") throw unusableRecordError(name, task);
  return task.status;
}
