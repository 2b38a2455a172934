import { cron } from "../../src/cron.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";

/** Returns the due times of a schedule in a period. A due time at the start is included, one at the end is not. */
export function dueTimes(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const due: number[] = [];
  for (let next = schedule.next(new Date(fromMs - 1)); next && next.getTime() < toMs; next = schedule.next(next)) {
    due.push(next.getTime());
  }
  return due;
}

/** Returns the due times in a period, as ISO texts. `Z` is added to `from` and `to` if they have no offset. */
export function dueTexts(expression: string, timeZone: string, from: string, to: string): string[] {
  const schedule = cron(expression, { timeZone });
  return dueTimes(schedule, Date.parse(from), Date.parse(to)).map((dueMs) => new Date(dueMs).toISOString());
}
