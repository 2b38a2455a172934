/**
 * The number of due times for which no replica has finished a run. Pure.
 *
 * @module
 */
import type { TaskStatus } from "../results.ts";
import type { DueTimes } from "../schedule/due_times.ts";

/** What is known about the due times of a task, beside its record. */
export type TaskTiming =
  & {
    /** The time at which the task was last seen paused. Due times before it don't count. */
    readonly pausedUntilMs?: number | undefined;
  }
  & (
    | {
      /** The scheduler of the task is in this process. */
      readonly kind: "scheduler";
      readonly dueTimes: DueTimes;
      readonly timeoutMs: number;
      /** The time from which this process knows the task as one that has not finished a run. */
      readonly watchedFromMs: number;
    }
    | {
      /** Only the record is known. */
      readonly kind: "record";
    }
  );

/** The due times without a finished run. */
export interface MissedDueTimes {
  /** The number of due times, at most the limit. */
  readonly count: number;
  /** The start of the last run that finished, the end of a later pause, or the time from which the task is known to have no run. */
  readonly sinceMs: number;
}

/**
 * Counts the due times for which no replica has finished a run.
 *
 * A due time counts when its run could have reached its timeout. During a run whose lease is not over, due times after its start
 * do not count, as runs do not overlap. If only the record is known, due times are reckoned by the gap between the two due times
 * in it.
 *
 * @param status The status of the task.
 * @param timing The due times.
 * @param nowMs The present, in the host's time.
 * @param limit The number at which counting ends.
 */
export function missedDueTimes(status: TaskStatus, timing: TaskTiming, nowMs: number, limit: number): MissedDueTimes {
  const successMs = lastSuccessMs(status) ?? (timing.kind === "scheduler" ? timing.watchedFromMs : undefined);
  if (successMs === undefined) return { count: 0, sinceMs: nowMs };
  const sinceMs = Math.max(successMs, timing.pausedUntilMs ?? -Infinity);
  const following = followingDueTime(status, timing);
  if (!following) return { count: 0, sinceMs };
  const untilMs = untilOf(status, nowMs) - following.graceMs;
  let count = 0;
  for (let dueMs = following.after(sinceMs); dueMs <= untilMs && count < limit; dueMs = following.after(dueMs)) count++;
  return { count, sinceMs };
}

/** Returns the time up to which due times count. */
function untilOf({ state, started, leaseEnd }: TaskStatus, nowMs: number): number {
  const isRunning = state === "running" && started && leaseEnd && leaseEnd.getTime() >= nowMs;
  return isRunning ? started.getTime() : nowMs;
}

/** Returns the start of the last run that finished. If none of the recorded runs has, it is the start of the first of them. */
function lastSuccessMs({ state, recent, started, finished }: TaskStatus): number | undefined {
  const success = recent.findLast(({ outcome }) => outcome === "finished") ?? recent[0];
  if (success) return Date.parse(success.start);
  // each claim of a task that ends its process is a new start
  if (state === "idle" || state === "running") return undefined;
  // a replica of Dart's neat_periodic_task keeps no list of runs
  return (started ?? finished)?.getTime();
}

/** Returns the function from a moment to the due time after it, and the time that a run may take. */
function followingDueTime(
  { scheduled, due }: TaskStatus,
  timing: TaskTiming,
): { readonly after: (ms: number) => number; readonly graceMs: number } | undefined {
  if (timing.kind === "scheduler" && !timing.dueTimes.areRelative) {
    return { after: (ms) => timing.dueTimes.after(ms), graceMs: timing.timeoutMs };
  }
  // the due time after it may be that of another interval
  const anchorMs = (scheduled ?? due)?.getTime();
  if (timing.kind === "scheduler") {
    const gapMs = timing.dueTimes.after(0);
    return { after: nextOf(anchorMs ?? timing.watchedFromMs, gapMs), graceMs: timing.timeoutMs };
  }
  const gapMs = due && scheduled ? due.getTime() - scheduled.getTime() : NaN;
  if (anchorMs === undefined || !(gapMs > 0)) return undefined;
  return { after: nextOf(anchorMs, gapMs), graceMs: gapMs };
}

/** Returns the function to the next point of an even grid. */
function nextOf(anchorMs: number, gapMs: number): (ms: number) => number {
  return (ms) => anchorMs + (Math.floor((ms - anchorMs) / gapMs) + 1) * gapMs;
}
