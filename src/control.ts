/**
 * Shows and controls tasks from outside of their servers, through the records in their store.
 *
 * - {@linkcode listTasks} and {@linkcode readTask} show the status of tasks.
 * - {@linkcode requestRun} makes a run due now.
 * - {@linkcode pauseTask} and {@linkcode resumeTask} stop and allow new runs.
 * - {@linkcode resetTask} removes the history of a task.
 *
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { pauseTask, readTask, resumeTask } from "@neat/periodic-task/control";
 *
 * // a store that the replicas share, such as a bucket or a database
 * const store = new MemoryStore();
 * await pauseTask(store, "backup", { by: "Ada", reason: "migration", create: true });
 * console.assert((await readTask(store, "backup"))?.pausedBy === "Ada");
 * await resumeTask(store, "backup");
 * ```
 *
 * @module
 */
export type { RecentRun, RunOutcome } from "./record/recent_runs.ts";
export type { TaskState } from "./record/status_record.ts";
export type { TaskStatus } from "./results.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./store/store.ts";
export type { Clock } from "./time/clock.ts";
export type { Duration, DurationLike, DurationUnits } from "./time/duration.ts";
export { TaskRunningError, UnconfirmedChangeError, UnknownTaskError } from "./control/errors.ts";
export { listTasks } from "./control/list_tasks.ts";
export type { ListedTask } from "./control/listed_task.ts";
export type { ChangeTaskOptions, PauseTaskOptions, ReadTaskOptions, RequestRunOptions } from "./control/options.ts";
export { pauseTask, type PauseTaskResult, resumeTask, type ResumeTaskResult } from "./control/pause_task.ts";
export { readTask } from "./control/read_task.ts";
export { requestRun, type RequestRunResult } from "./control/request_run.ts";
export { resetTask, type ResetTaskResult } from "./control/reset_task.ts";
export type { ChangeResult } from "./control/task_change.ts";
