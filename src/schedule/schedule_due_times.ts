/**
 * The due times of a user's schedule.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { MAX_DATE_MS } from "../record/record_time.ts";
import type { DueTimes } from "./due_times.ts";
import type { Schedule } from "./schedule.ts";

/** The error about a schedule that throws or returns something other than a later date or `null`. */
export class ScheduleError extends Error {
  /** Always `ScheduleError`. */
  override readonly name: string = "ScheduleError";
}

/** The search for the latest due time starts this long before a moment, in milliseconds. */
const FIRST_STEP_MS = 1_000;

/** The search for the latest due time first follows this number of due times, and then halves the rest of the time. */
const MAX_FOLLOWED = 10;

/**
 * Returns the due times of a schedule, and checks every answer.
 *
 * @param schedule The schedule of the user.
 * @param delayMs The delay by which all due times are moved.
 * @param firstDelayMs The delay of the first run of a task; `undefined` if the first run is at a due time.
 */
export function scheduleDueTimes(schedule: Schedule, delayMs: number, firstDelayMs?: number): DueTimes {
  const after = (ms: number): number => checkedNext(schedule, ms - delayMs) + delayMs;
  return {
    areRelative: false,
    delayMs,
    firstDelayMs,
    after,
    latest: (dueMs, nowMs) => latestDueTime(after, dueMs, nowMs),
  };
}

function checkedNext(schedule: Schedule, afterMs: number): number {
  if (Math.abs(afterMs) > MAX_DATE_MS) return Infinity;
  const after = new Date(afterMs);
  const next = answerOf(schedule, after);
  if (next === null) return Infinity;
  const nextMs = next instanceof Date ? next.getTime() : NaN;
  if (nextMs > afterMs) return nextMs;
  const doing = `find the due time after ${new Date(afterMs).toISOString()}`;
  throw new ScheduleError(cannot(doing, "schedule.next() must return a later Date or null", next));
}

function answerOf(schedule: Schedule, after: Date): unknown {
  try {
    return schedule.next(after);
  } catch (cause) {
    const state = "schedule.next() has thrown an error";
    throw new ScheduleError(cannot("find the next due time", state, cause), { cause });
  }
}

/**
 * Returns the latest due time up to a moment.
 *
 * The search goes back from the moment in steps that double. So no schedule is asked about a moment long before its latest due
 * time, although the first one may be from a record, and wrong.
 */
function latestDueTime(after: (ms: number) => number, dueMs: number, nowMs: number): number {
  for (let stepMs = FIRST_STEP_MS;; stepMs *= 2) {
    const fromMs = Math.max(dueMs, nowMs - stepMs);
    const foundMs = after(fromMs);
    if (foundMs <= nowMs) return followDueTimes(after, foundMs, nowMs);
    if (fromMs === dueMs) return dueMs;
  }
}

/**
 * Returns the latest due time up to a moment, from an earlier due time on.
 *
 * There may be many due times in between, so the rest of the time is halved again and again: the due time after the middle is
 * either the next candidate or too late.
 */
function followDueTimes(after: (ms: number) => number, dueMs: number, nowMs: number): number {
  let latestMs = dueMs;
  for (let followed = 0; followed < MAX_FOLLOWED; followed++) {
    const nextMs = after(latestMs);
    if (nextMs > nowMs) return latestMs;
    latestMs = nextMs;
  }
  let endMs = nowMs;
  while (endMs > latestMs) {
    const middleMs = Math.floor((latestMs + endMs) / 2);
    const nextMs = after(middleMs);
    if (nextMs > nowMs) endMs = middleMs;
    else latestMs = nextMs;
  }
  return latestMs;
}
