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
 * apply from the time at which it first read the record. For the time before, the due time in the record applies: it was
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
  const ownMs = lastDueMs === undefined
    ? firstDueTime(sinceMs, dueTimes)
    : dueTimes.after(Math.max(lastDueMs, sinceMs));
  const recordedMs = record.dueMs ?? NaN;
  const isEarlier = recordedMs > (lastDueMs ?? -Infinity) && recordedMs < ownMs;
  if (!isEarlier) return ownMs;
  // the delay of the first run counts from the first start of any process, not from each one
  const isDelayed = lastDueMs === undefined && dueTimes.firstDelayMs !== undefined;
  return isDelayed || recordedMs <= sinceMs ? recordedMs : ownMs;
}

function firstDueTime(sinceMs: number, { firstDelayMs, after }: DueTimes): number {
  return firstDelayMs === undefined ? after(sinceMs) : sinceMs + firstDelayMs;
}
