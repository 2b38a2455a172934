/**
 * Schedules from cron expressions.
 *
 * This entry point needs {@link https://jsr.io/@hexagon/croner | croner}, which reads the expressions. On npm, install `croner`
 * beside this package.
 *
 * @example Run every day at 03:00 in Berlin
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { cron } from "@neat/periodic-task/cron";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   schedule: cron("0 3 * * *", { timeZone: "Europe/Berlin" }),
 *   timeout: { minutes: 30 },
 *   task: () => console.log("Backing up"),
 * });
 * scheduler.start();
 * ```
 *
 * @module
 */
import { nextDueMs } from "./cron/due_times.ts";
import { CronPattern } from "./cron/pattern.ts";
import { offsetsOf } from "./cron/time_zone.ts";
import { cannot } from "./errors.ts";
import { checkOptions } from "./option_checks.ts";
import type { Schedule } from "./schedule/schedule.ts";

export type { Schedule } from "./schedule/schedule.ts";

const DOING = "create a cron schedule";

/** The options of {@linkcode cron}. */
export interface CronOptions {
  /**
   * The time zone of the expression: a name of the IANA database, such as `Europe/Berlin`.
   *
   * The default is `UTC` and not the zone of the host, so that all replicas have the same due times.
   */
  readonly timeZone?: string | undefined;
}

/** The due times of a cron expression in a time zone. */
export interface CronSchedule extends Schedule {
  /** The expression, as it was given. */
  readonly expression: string;

  /** The time zone, as it was given, or `UTC`. */
  readonly timeZone: string;

  /**
   * Returns the first due time after a moment.
   *
   * Due times are whole seconds before the year 3000.
   *
   * @param after The moment. It need not be a due time.
   * @returns The due time, later than `after`, or `null` if there is none.
   * @throws {RangeError} If `after` is not a valid date.
   */
  next(after: Date): Date | null;

  /** Returns the expression and the time zone for people, such as `0 3 * * * (Europe/Berlin)`. */
  toString(): string;
}

/**
 * Creates a schedule from a cron expression.
 *
 * The fields are minute, hour, day of the month, month and day of the week. A sixth field in front has the seconds. Names of months
 * and days, lists, ranges and steps may be used, and also `L`, `W`, `#`, and `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
 * If days of the month and of the week are given, either matches, unless the last field starts with `+`: then both must match.
 *
 * Where the clock is put forward, local times are left out. A time of day which does not exist for that reason is due when the clock
 * has changed: `30 2 * * *` is due at 03:00 if there is no 02:30. Where the clock is put back, local times occur twice. A time of
 * day is due the first time only. Expressions with `*` or `/` in seconds, minutes or hours follow the clock instead: `0 * * * *` is
 * due every hour.
 *
 * @param expression The cron expression.
 * @param options The options.
 * @returns The schedule.
 * @throws {TypeError} If the expression is not a string, or if an option is unknown or of the wrong type.
 * @throws {RangeError} If croner refuses the expression, if it never matches, or if the time zone is not known. The message ends
 * with the reason.
 *
 * @example Run at 18:00 in New York on the last Friday of each month
 * ```ts
 * import { cron } from "@neat/periodic-task/cron";
 *
 * const schedule = cron("0 18 * * FRI#L", { timeZone: "America/New_York" });
 * console.assert(schedule.next(new Date("2026-01-01"))?.toISOString() === "2026-01-30T23:00:00.000Z");
 * console.assert(String(schedule) === "0 18 * * FRI#L (America/New_York)");
 * ```
 *
 * @example Refuse a wrong expression
 * ```ts
 * import { cron } from "@neat/periodic-task/cron";
 *
 * try {
 *   cron("0 25 * * *");
 * } catch (error) {
 *   console.assert(error instanceof RangeError && error.message.endsWith("Invalid value for hour: 25"));
 * }
 * ```
 */
export function cron(expression: string, options: CronOptions = {}): CronSchedule {
  checkOptions(options, { timeZone: "string" }, DOING);
  if (typeof expression !== "string") {
    throw new TypeError(cannot(DOING, "the expression must be a string", expression));
  }
  const { timeZone = "UTC" } = options;
  const pattern = new CronPattern(expression, DOING);
  const offsetAt = offsetsOf(timeZone, DOING);
  return {
    expression,
    timeZone,
    next(after: Date): Date | null {
      const afterMs = after.getTime();
      if (Number.isNaN(afterMs)) {
        throw new RangeError(cannot("compute the next due time", "the moment must be a valid date", afterMs));
      }
      const dueMs = nextDueMs(pattern, offsetAt, afterMs);
      return dueMs === null ? null : new Date(dueMs);
    },
    toString: () => `${expression} (${timeZone})`,
  };
}
