/**
 * The due times of a task, as decisions use them.
 *
 * @module
 */

/** The due times of a task in milliseconds since 1970. Pure: the same argument has the same result. */
export interface DueTimes {
  /** Whether a due time is counted from the last one. Otherwise the due times are fixed. */
  readonly areRelative: boolean;

  /** The delay by which the fixed due times are moved. */
  readonly delayMs: number;

  /** The delay of the first run of a task; `undefined` if the first run is at one of the fixed due times. */
  readonly firstDelayMs: number | undefined;

  /**
   * Returns the due time after a moment, or Infinity if there is none.
   *
   * @param ms The moment. If due times are relative, it must be a due time.
   * @throws {ScheduleError} If the user's schedule fails.
   */
  after(ms: number): number;

  /**
   * Returns the latest due time up to a moment.
   *
   * @param dueMs A due time, not later than the moment. It may be one of another schedule, and is returned if no due time
   *   follows it up to the moment.
   * @param nowMs The moment.
   * @throws {ScheduleError} If the user's schedule fails.
   */
  latest(dueMs: number, nowMs: number): number;
}

/** The due times at a fixed interval. Each is counted from the last one; the first one follows from the first run. */
export class IntervalDueTimes implements DueTimes {
  readonly areRelative = true;
  readonly delayMs = 0;
  readonly firstDelayMs: number;
  readonly #intervalMs: number;

  /** Creates the due times. */
  constructor(intervalMs: number, firstDelayMs: number) {
    this.#intervalMs = intervalMs;
    this.firstDelayMs = firstDelayMs;
  }

  /** Returns the due time after another one. */
  after(dueMs: number): number {
    return dueMs + this.#intervalMs;
  }

  /** Returns the latest due time up to a moment, counted from an earlier one. */
  latest(dueMs: number, nowMs: number): number {
    return dueMs + Math.floor((nowMs - dueMs) / this.#intervalMs) * this.#intervalMs;
  }
}
