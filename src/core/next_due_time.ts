/**
 * The due time after that of the last run.
 *
 * @module
 */
import type { StatusRecord } from "../record/status_record.ts";
import type { DueTimes } from "../schedule/due_times.ts";
import type { DecisionInput, DecisionRules } from "./decision.ts";

/**
 * Returns the due time after that of the last run.
 *
 * Due times at an interval are counted from the last one. Other due times are fixed, and those of this replica's schedule
 * apply from the time at which it first read the record. For the time before, the due time in the record counts: it was
 * written by a schedule that may have been another one.
 *
 * @param record The record.
 * @param lastDueMs The due time of the last run; `undefined` if there was none.
 */
export function nextDueTime(
  record: StatusRecord,
  lastDueMs: number | undefined,
  { nowMs, sinceMs }: DecisionInput,
  { dueTimes }: DecisionRules,
): number {
  if (lastDueMs === undefined && dueTimes.firstDelayMs === 0) return nowMs;
  if (lastDueMs !== undefined && dueTimes.areRelative) return dueTimes.after(lastDueMs);
  const ownMs = lastDueMs === undefined ? firstDueTime(sinceMs, dueTimes) : laterDueTime(lastDueMs, sinceMs, dueTimes);
  const recordedMs = record.dueMs ?? NaN;
  const isEarlier = recordedMs > (lastDueMs ?? -Infinity) && recordedMs < ownMs;
  if (!isEarlier) return ownMs;
  // the delay of the first run counts from the first start of any process, not from each one
  const isDelayed = lastDueMs === undefined && dueTimes.firstDelayMs !== undefined;
  return isDelayed || isOpen({ lastDueMs, sinceMs, recordedMs, ownMs }, dueTimes) ? recordedMs : ownMs;
}

/** The times around the first read. */
interface TimesAround {
  /** The due time of the last run. */
  readonly lastDueMs: number | undefined;
  /** The time of the first read. */
  readonly sinceMs: number;
  /** The due time in the record, later than that of the last run. */
  readonly recordedMs: number;
  /** The next due time of this replica's schedule, later than the one in the record and than the first read. */
  readonly ownMs: number;
}

/**
 * Returns whether a due time in the record still needs a run before the next due time of this replica's schedule.
 *
 * If the schedule was changed, it stands for the nearest due time of the new one. If that is the next one, or one for which the
 * last run counts, then a run in between would be one too many. If that has passed since the last run, then it was missed.
 * A due time that had passed before the first read was missed too, unless the next one is nearer to it than the last run.
 */
function isOpen({ lastDueMs = -Infinity, sinceMs, recordedMs, ownMs }: TimesAround, dueTimes: DueTimes): boolean {
  const isPassed = recordedMs <= sinceMs;
  if (isPassed && dueTimes.latest(recordedMs, sinceMs) > recordedMs) return true;
  // as long before the one in the record as the next one is after it
  const nearMs = recordedMs - (ownMs - recordedMs);
  if (isPassed && lastDueMs > nearMs) return true;
  return dueTimes.after(Math.max(lastDueMs, nearMs)) <= recordedMs;
}

/**
 * Returns the first due time after the last run and the first read.
 *
 * The jitter may have changed since the last run. So the last run counts for each due time that would not be later without its
 * delay. Those that the same jitter has delayed by more than a gap are in the record.
 */
function laterDueTime(lastDueMs: number, sinceMs: number, dueTimes: DueTimes): number {
  return dueTimes.after(Math.max(lastDueMs + dueTimes.delayMs, sinceMs));
}

function firstDueTime(sinceMs: number, dueTimes: DueTimes): number {
  const { firstDelayMs } = dueTimes;
  return firstDelayMs === undefined ? dueTimes.after(sinceMs) : sinceMs + firstDelayMs;
}
