/**
 * The interface of schedules.
 *
 * @module
 */

/**
 * The due times of a task, such as those of a cron expression.
 *
 * A schedule is a fixed set of due times. It keeps no state: the same moment always has the same answer, on all replicas. For
 * a fixed time between two due times, use the option `interval` instead.
 *
 * @example Run at 06:00 UTC on the first of each month
 * ```ts
 * import type { Schedule } from "@neat/periodic-task";
 *
 * const monthly: Schedule = {
 *   next(after) {
 *     const due = new Date(Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), 1, 6));
 *     if (due <= after) due.setUTCMonth(due.getUTCMonth() + 1);
 *     return due;
 *   },
 * };
 * console.assert(monthly.next(new Date("2026-01-31"))?.toISOString() === "2026-02-01T06:00:00.000Z");
 * ```
 */
export interface Schedule {
  /**
   * Returns the first due time after a moment.
   *
   * @param after The moment. It need not be a due time.
   * @returns The due time, later than `after`, or `null` if there is none.
   */
  next(after: Date): Date | null;
}
