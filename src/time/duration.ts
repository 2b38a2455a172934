/**
 * The durations of options.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/** The longest duration, in milliseconds: 10 million days. The sum of a few durations and the present is a valid date. */
export const MAX_DURATION_MS = 864e12;

/** The units of a duration. */
export interface DurationUnits {
  /** Days of exactly 24 hours. */
  readonly days: number;
  /** Hours. */
  readonly hours: number;
  /** Minutes. */
  readonly minutes: number;
  /** Seconds. */
  readonly seconds: number;
  /** Milliseconds. */
  readonly milliseconds: number;
  /** Microseconds; the sum is rounded to whole milliseconds. */
  readonly microseconds: number;
  /** Nanoseconds; the sum is rounded to whole milliseconds. */
  readonly nanoseconds: number;
}

/**
 * A duration in units, which are added. At least one unit is required.
 *
 * A `Temporal.Duration` without years, months and weeks fits too.
 */
export type DurationLike = {
  [Unit in keyof DurationUnits]: Pick<DurationUnits, Unit> & Partial<DurationUnits>;
}[keyof DurationUnits];

/**
 * A duration: a number of milliseconds, or an object of units.
 *
 * @example Write a duration in both forms
 * ```ts
 * import type { Duration } from "@neat/periodic-task";
 *
 * const byNumber: Duration = 330_000;
 * const byUnits: Duration = { minutes: 5, seconds: 30 };
 * console.assert(byNumber === 5 * 60_000 + 30 * 1_000 && typeof byUnits === "object");
 * ```
 */
export type Duration = number | DurationLike;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1_000],
  ["milliseconds", 1],
  ["microseconds", 1e-3],
  ["nanoseconds", 1e-6],
]);

/** The units of a `Temporal.Duration` that have no fixed length. */
const CALENDAR_UNITS = ["years", "months", "weeks"];

/**
 * Converts a duration to whole milliseconds, at least one.
 *
 * @param value The value of the user.
 * @param name The name of the option, for messages.
 * @param doing The failed action, as messages name it after "Cannot".
 * @returns Whole milliseconds, at least 1.
 * @throws {TypeError} If the value is neither a number nor an object of known units with numbers.
 * @throws {RangeError} If the duration is NaN, infinite, zero, negative, or longer than 10 million days.
 */
export function durationMs(value: unknown, name: string, doing: string = "create the scheduler"): number {
  const isUnits = typeof value === "object" && value !== null && !Array.isArray(value);
  const ms = isUnits ? sumOfUnits(value as Readonly<Record<string, unknown>>, name, doing) : value;
  if (typeof ms === "number" && ms > 0 && ms <= MAX_DURATION_MS) return Math.max(1, Math.round(ms));
  const message = cannot(doing, `"${name}" must be milliseconds or units like { minutes: 5 }, above zero`, value);
  throw typeof ms === "number" ? new RangeError(message) : new TypeError(message);
}

/** Returns the sum of the units in milliseconds, or NaN if a unit is negative. */
function sumOfUnits(value: Readonly<Record<string, unknown>>, name: string, doing: string): number {
  let sumMs = 0;
  // the units of a Temporal.Duration are not among its own keys
  for (const unit of new Set([...Object.keys(value), ...UNIT_MS.keys(), ...CALENDAR_UNITS])) {
    const count = value[unit];
    const unitMs = UNIT_MS.get(unit);
    const isKnown = unitMs !== undefined || CALENDAR_UNITS.includes(unit);
    if (count === undefined || (count === 0 && isKnown)) continue;
    if (unitMs === undefined) throw new TypeError(cannot(doing, `"${name}" cannot have ${unit}`, count));
    if (typeof count !== "number") throw new TypeError(cannot(doing, `"${unit}" of "${name}" must be a number`, count));
    sumMs += count > 0 ? count * unitMs : NaN;
  }
  return sumMs;
}
