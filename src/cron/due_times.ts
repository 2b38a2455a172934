import type { CronPattern } from "./pattern.ts";
import { clockChange, type OffsetAt } from "./time_zone.ts";

const DAY_MS = 86_400_000;

/**
 * Longer than any change of a clock. In each period of this length a clock is changed at most once.
 *
 * The longest changes move a zone to the other side of the date line: they are a day long.
 */
const PERIOD_MS = 2 * DAY_MS;

/**
 * Returns the first due time after a moment, or `null` if there is none.
 *
 * The due times are the moments at which the local time matches the pattern, except where the clock is changed. There, local times
 * are left out or occur twice, and a pattern of fixed times has one due time for each of its matches:
 *
 * - a match that is left out is due when the clock has changed, unless the whole day is left out;
 * - a match that occurs twice is due the first time.
 */
export function nextDueMs(pattern: CronPattern, offsetAt: OffsetAt, afterMs: number): number | null {
  let sinceMs = afterMs;
  let offsetMs = offsetAt(sinceMs);
  while (true) {
    const matchMs = pattern.matchAfter(sinceMs + offsetMs);
    if (matchMs === null) return null;
    // unless the clock changes until then
    const dueMs = matchMs - offsetMs;
    const untilMs = Math.min(dueMs, sinceMs + PERIOD_MS);
    const changeMs = clockChange(offsetAt, offsetMs, sinceMs, untilMs);
    if (changeMs !== undefined) {
      const newOffsetMs = offsetAt(changeMs);
      const isLeftOut = matchMs < changeMs + newOffsetMs;
      if (isLeftOut && pattern.isFixedTime && newOffsetMs - offsetMs < DAY_MS) return changeMs;
      // the local time at the change may match
      sinceMs = changeMs - 1;
      offsetMs = newOffsetMs;
    } else if (untilMs < dueMs) {
      // there is no match before, so changes before this period don't matter
      sinceMs = Math.max(untilMs, dueMs - PERIOD_MS);
      offsetMs = offsetAt(sinceMs);
    } else {
      const repeatedUntilMs = pattern.isFixedTime ? endOfRepetition(offsetAt, dueMs) : undefined;
      if (repeatedUntilMs === undefined) return dueMs;
      sinceMs = repeatedUntilMs - 1;
    }
  }
}

/** Returns when the clock shows new local times again, if at a moment it shows one for the second time. */
function endOfRepetition(offsetAt: OffsetAt, momentMs: number): number | undefined {
  const dayBeforeMs = momentMs - DAY_MS;
  const oldOffsetMs = offsetAt(dayBeforeMs);
  const offsetMs = offsetAt(momentMs);
  if (oldOffsetMs <= offsetMs) return undefined;
  const changeMs = clockChange(offsetAt, oldOffsetMs, dayBeforeMs, momentMs);
  if (changeMs === undefined) return undefined;
  const endMs = changeMs + oldOffsetMs - offsetMs;
  return momentMs < endMs ? endMs : undefined;
}
