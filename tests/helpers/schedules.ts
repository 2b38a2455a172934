// Schedules with fixed due times, most of them uneven.

import type { Schedule } from "../../mod.ts";

const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A schedule of some due times, sorted. */
export function scheduleOf(...dueMs: number[]): Schedule {
  return {
    next: (after) => {
      const next = dueMs.find((ms) => ms > after.getTime());
      return next === undefined ? null : new Date(next);
    },
  };
}

/** Every day at an hour in UTC, but not on Saturdays and Sundays if told so. */
export function dailyAt(hour: number, { workdays = false }: { workdays?: boolean } = {}): Schedule {
  return {
    next: (after) => {
      let dueMs = Math.floor(after.getTime() / DAY) * DAY + hour * HOUR;
      const isSkipped = (): boolean => workdays && [0, 6].includes(new Date(dueMs).getUTCDay());
      while (dueMs <= after.getTime() || isSkipped()) dueMs += DAY;
      return new Date(dueMs);
    },
  };
}

/** On the first day of each month, at midnight in UTC. */
export const MONTHLY: Schedule = {
  next: (after) => new Date(Date.UTC(after.getUTCFullYear(), after.getUTCMonth() + 1, 1)),
};

/** A pattern of gaps that repeats from a moment on, for ever in both directions. */
export function patternOf(startMs: number, gaps: readonly number[]): Schedule {
  const lengthMs = gaps.reduce((sum, gap) => sum + gap, 0);
  return {
    next: (after) => {
      let dueMs = startMs + Math.floor((after.getTime() - startMs) / lengthMs) * lengthMs;
      for (let index = 0; dueMs <= after.getTime(); index++) dueMs += gaps[index % gaps.length]!;
      return new Date(dueMs);
    },
  };
}
