/**
 * Pauses a task, and resumes it.
 *
 * @module
 */
import { formatTime } from "../record/record_time.ts";
import type { StatusRecord } from "../record/status_record.ts";
import type { StatusStore } from "../store/store.ts";
import { isDartRun } from "./lease.ts";
import {
  changeSettingsOf,
  type ChangeTaskOptions,
  checkTask,
  pauseSettingsOf,
  type PauseTaskOptions,
} from "./options.ts";
import type { ChangeResult, OverwrittenWrite, Plan, PlanInput, TaskChange } from "./task_change.ts";
import { TaskChanger } from "./task_changer.ts";

/** The result of `pauseTask`: the task is paused, or it was paused before (`already-paused`). */
export type PauseTaskResult = ChangeResult<"paused" | "already-paused">;

/** The result of `resumeTask`: the task is resumed, or it was not paused. */
export type ResumeTaskResult = ChangeResult<"resumed" | "not-paused">;

/**
 * Pauses a task: no replica starts a run until {@linkcode resumeTask}. A run in progress goes on.
 *
 * If a run is in progress, the returned status has the state `running`: wait until {@linkcode readTask} returns another state.
 * A paused task logs no ALIVE, so that an alert notices a forgotten pause.
 *
 * A task that is paused stays as it is, with the time, person and reason of the first pause. The write is conditional and
 * does not disturb a run in progress. If its answer is lost, the record is read back.
 *
 * @param store The store that the replicas of the task share.
 * @param name The name of the task.
 * @param options Who pauses the task and why, and settings.
 * @returns The outcome and the status after the call.
 * @throws {UnknownTaskError} If the store has no record of the task and `create` is not set.
 * @throws {TaskRunningError} If a replica of Dart's `neat_periodic_task` may be running the task.
 * @throws {UnconfirmedChangeError} If the store has not confirmed the change after 20 attempts or 30 seconds.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If the name or the value of an option is out of range, or the record would be too long.
 * @throws {Error} If the data at the key is not a status record, or the record is of a newer version.
 * @throws The error of the store if nothing was written, or the reason of the signal.
 *
 * @example Pause a task during a migration
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { pauseTask, resumeTask } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * const paused = await pauseTask(store, "backup", { by: "Ada", reason: "migration", create: true });
 * console.assert(paused.outcome === "paused" && paused.status.pausedBy === "Ada");
 * const { outcome } = await resumeTask(store, "backup");
 * console.assert(outcome === "resumed");
 * ```
 */
export async function pauseTask(
  store: StatusStore,
  name: string,
  options: PauseTaskOptions = {},
): Promise<PauseTaskResult> {
  const doing = "pause the task";
  checkTask(store, name, doing);
  const settings = pauseSettingsOf(options, doing);
  const { create: createsRecord = false } = options;
  const change: TaskChange<PauseTaskResult["outcome"]> = {
    doing,
    createsRecord,
    plan: (input) => planPause(input, options),
    showsEffect: isPausedByWrite,
  };
  return await new TaskChanger({ store, name, settings, change }).run();
}

function planPause(
  { record, lease, calledMs }: PlanInput,
  { by, reason }: PauseTaskOptions,
): Plan<PauseTaskResult["outcome"]> {
  if (record.pausedMs !== undefined) return { kind: "keep", outcome: "already-paused" };
  if (isDartRun(record) && lease.kind !== "over") return { kind: "refuse", lease };
  const changes = { paused: formatTime(calledMs), pausedBy: by, pauseReason: reason };
  return { kind: "change", outcome: "paused", changes };
}

function isPausedByWrite({ pausedMs, pausedBy, pauseReason }: StatusRecord, { written }: OverwrittenWrite): boolean {
  return pausedMs === written.pausedMs && pausedBy === written.pausedBy && pauseReason === written.pauseReason;
}

/**
 * Resumes a paused task. A run that was due or requested during the pause is due now.
 *
 * The replicas notice it at their next check, or soon if the store has `watch()`. The write is conditional and does not disturb
 * a run in progress. If its answer is lost, the record is read back.
 *
 * @param store The store that the replicas of the task share.
 * @param name The name of the task.
 * @param options Settings.
 * @returns The outcome and the status after the call.
 * @throws {UnknownTaskError} If the store has no record of the task.
 * @throws {TaskRunningError} If a replica of Dart's `neat_periodic_task` may be running the task.
 * @throws {UnconfirmedChangeError} If the store has not confirmed the change after 20 attempts or 30 seconds.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If the name or the value of an option is out of range.
 * @throws {Error} If the data at the key is not a status record, or the record is of a newer version.
 * @throws The error of the store if nothing was written, or the reason of the signal.
 *
 * @example Resume a task that is not paused
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { requestRun, resumeTask } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * await requestRun(store, "backup", { create: true });
 * const { outcome } = await resumeTask(store, "backup");
 * console.assert(outcome === "not-paused");
 * ```
 */
export async function resumeTask(
  store: StatusStore,
  name: string,
  options: ChangeTaskOptions = {},
): Promise<ResumeTaskResult> {
  const doing = "resume the task";
  checkTask(store, name, doing);
  const settings = changeSettingsOf(options, doing);
  const change: TaskChange<ResumeTaskResult["outcome"]> = {
    doing,
    createsRecord: false,
    plan: planResume,
    showsEffect: ({ pausedMs }, { isUnanswered }) => isUnanswered && pausedMs === undefined,
  };
  return await new TaskChanger({ store, name, settings, change }).run();
}

function planResume({ record, lease }: PlanInput): Plan<ResumeTaskResult["outcome"]> {
  if (record.pausedMs === undefined) return { kind: "keep", outcome: "not-paused" };
  if (isDartRun(record) && lease.kind !== "over") return { kind: "refuse", lease };
  const changes = { paused: undefined, pausedBy: undefined, pauseReason: undefined };
  return { kind: "change", outcome: "resumed", changes };
}
