/**
 * The condition of a task. Pure.
 *
 * @module
 */
import { textOf } from "../errors.ts";
import type { Explanation, TaskStatus } from "../results.ts";
import { missedDueTimes, type TaskTiming } from "./missed_due_times.ts";
import type { Condition, WatchedRecord } from "./watched_task.ts";

/** What a condition follows from. */
export interface ConditionInput {
  readonly record: WatchedRecord;
  /** The activity of the scheduler in this process. */
  readonly explanation: Explanation | undefined;
  readonly timing: TaskTiming;
  /** The number of due times without a finished run from which a task is overdue. */
  readonly missedDueTimes: number;
  readonly nowMs: number;
}

/** The number of due times after which a task is overdue, if nothing else is said. */
export const DEFAULT_MISSED_DUE_TIMES = 3;

/** A scheduler that is later than this with its check is stuck. Longer than the store may take for an answer. */
const STUCK_MS = 60_000;

/** Returns the most severe condition of a task. */
export function conditionOf(input: ConditionInput): Condition {
  const { record, nowMs, timing } = input;
  if (record.kind === "unreadable") {
    return condition("critical", "unreadable", "the record cannot be read", { detail: textOf(record.error) });
  }
  if (record.kind !== "task") {
    const message = record.kind === "foreign" ? "the data is not a status record" : "the record is of a newer version";
    return condition("critical", "foreign", message, { detail: record.description });
  }
  const { status } = record;
  const blocked = schedulerCondition(input.explanation, nowMs);
  if (blocked) return blocked;
  if (status.paused) {
    return condition("notice", "paused", "the task is paused", { since: status.paused, detail: pauseDetail(status) });
  }
  const missed = missedOrError(status, timing, nowMs, input.missedDueTimes);
  if ("error" in missed) {
    return condition("critical", "blocked", "the schedule failed", { detail: textOf(missed.error) });
  }
  if (missed.count >= input.missedDueTimes) {
    const times = input.missedDueTimes === 1 ? "the last due time" : `the last ${input.missedDueTimes} due times`;
    return condition("critical", "overdue", `no run has finished for ${times}`, {
      since: new Date(missed.sinceMs),
      detail: status.error,
    });
  }
  return runCondition(status, input);
}

/** Counts the missed due times. Returns the error of a schedule that fails. */
function missedOrError(
  ...args: Parameters<typeof missedDueTimes>
): ReturnType<typeof missedDueTimes> | { readonly error: unknown } {
  try {
    return missedDueTimes(...args);
  } catch (error) {
    return { error };
  }
}

/** Returns the start of the first failed run after the last that finished. */
function failingSince({ recent, started }: TaskStatus): Date | undefined {
  const lastFinished = recent.findLastIndex(({ outcome }) => outcome === "finished");
  const first = recent[lastFinished + 1];
  return first ? new Date(first.start) : started;
}

/** Returns the condition that follows from the last run. */
function runCondition(status: TaskStatus, { explanation, nowMs }: ConditionInput): Condition {
  const { state, started, failures, leaseEnd } = status;
  if (failures > 0 && state !== "idle") {
    const message = failures === 1 ? "the last run failed" : `the last ${failures} runs failed`;
    return condition("warning", "failing", message, { since: failingSince(status), detail: status.error });
  }
  if (state === "running" && leaseEnd && leaseEnd.getTime() < nowMs) {
    return condition("warning", "lease-over", "the last run has not ended, and its lease is over", { since: leaseEnd });
  }
  if (explanation?.state === "stopping" || explanation?.state === "stopped") {
    return condition("notice", "stopped", "the scheduler in this process has stopped");
  }
  if (state === "idle") return condition("notice", "never-run", "the task has never run");
  if (state === "running") return condition("ok", "running", "a run is in progress", { since: started });
  return condition("ok", "finished", "the last run finished", { since: status.finished });
}

/** Returns the condition of a scheduler that has started and does not do its work. */
export function schedulerCondition(explanation: Explanation | undefined, nowMs: number): Condition | undefined {
  if (explanation?.state !== "started") return undefined;
  const { until, reason } = explanation;
  if (until && nowMs - until.getTime() >= STUCK_MS) {
    return condition("critical", "stuck", "the scheduler in this process has not made its check in time", {
      since: until,
    });
  }
  if (reason === "schedule-error" || reason === "too-many-abandoned") {
    return condition("critical", "blocked", lowerFirst(explanation.message));
  }
  return undefined;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** Returns who has paused a task, and why. */
function pauseDetail({ pausedBy, pauseReason }: TaskStatus): string | undefined {
  const parts = [pausedBy === undefined ? [] : [`by ${pausedBy}`], pauseReason ?? []].flat();
  return parts.length > 0 ? parts.join(": ") : undefined;
}

function condition(
  severity: Condition["severity"],
  reason: Condition["reason"],
  message: string,
  { since, detail }: { readonly since?: Date | undefined; readonly detail?: string | undefined } = {},
): Condition {
  return { severity, reason, message, since, detail };
}
