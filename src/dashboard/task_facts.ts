/**
 * What pages show of a task, derived from its record and its scheduler.
 *
 * @module
 */
import { everyText } from "../monitoring/schedule_text.ts";
import { type ConditionReason, conditionText, type WatchedTask } from "../monitoring/watched_task.ts";
import type { RecentRun } from "../record/recent_runs.ts";
import type { TaskStatus } from "../results.ts";

const LABELS: Readonly<Record<ConditionReason, string>> = {
  unreadable: "Unreadable",
  foreign: "Not a record",
  stuck: "Stuck",
  blocked: "Blocked",
  overdue: "Overdue",
  failing: "Failing",
  "lease-over": "Run lost",
  paused: "Paused",
  stopped: "Stopped",
  "never-run": "Never run",
  running: "Running",
  finished: "OK",
};

/** Returns the state of a task in a word or two. */
export function labelOf({ condition }: WatchedTask): string {
  return LABELS[condition.reason];
}

/** Returns the status of a task; `undefined` if its record cannot be read. */
export function statusOf(task: WatchedTask): TaskStatus | undefined {
  return task.kind === "task" ? task.status : undefined;
}

/** Whether somebody must look at the task. */
export function needsAttention({ condition: { severity } }: WatchedTask): boolean {
  return severity === "critical" || severity === "warning";
}

/** Whether a run is in progress, as far as the record shows. */
export function isRunning(task: WatchedTask): boolean {
  return statusOf(task)?.state === "running" && !task.isRunLost;
}

/** Whether somebody has paused the task. */
export function isPaused(task: WatchedTask): boolean {
  return statusOf(task)?.paused !== undefined;
}

/** Returns the time from which the next run is due; `undefined` if it is not known. */
export function nextDueOf(task: WatchedTask): Date | undefined {
  const { explanation } = task;
  const isOwn = explanation?.reason === "not-due" || explanation?.reason === "retry-delay" ||
    explanation?.reason === "standby";
  return (isOwn ? explanation.due : undefined) ?? statusOf(task)?.due;
}

/** Returns the schedule of a task in words. If only the record is known, it follows from the two due times in it. */
export function scheduleOf(task: WatchedTask): string | undefined {
  if (task.schedule !== undefined) return task.schedule;
  const { scheduled, due } = statusOf(task) ?? {};
  if (!scheduled || !due || due <= scheduled) return undefined;
  return `about ${everyText(due.getTime() - scheduled.getTime())}`;
}

/** Returns the condition of a task in words. The error of one that is overdue is in the text about its failures. */
export function conditionTextOf({ condition }: WatchedTask): string {
  return condition.reason === "overdue" ? condition.message : conditionText(condition);
}

/** Returns the failures in a row with the last error, if the condition of the task does not say them. */
export function failuresText(task: WatchedTask): string | undefined {
  const { failures = 0, error } = statusOf(task) ?? {};
  if (failures === 0 || task.condition.reason === "failing") return undefined;
  const text = failures === 1 ? "the last run failed" : `the last ${failures} runs failed`;
  return error === undefined ? text : `${text}: ${error}`;
}

/** Returns the last run that has ended. */
export function lastEndedRun(task: WatchedTask): RecentRun | undefined {
  return statusOf(task)?.recent.at(-1);
}
