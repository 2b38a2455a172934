/**
 * Durations as options take them.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/** The longest duration, in milliseconds: some 27,000 years, so that sums of a few with the present are valid dates. */
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
 * A duration by its units, which add up. At least one unit is given.
 *
 * A `Temporal.Duration` fits by its shape, unless it has years, months or weeks.
 */
export type DurationLike = {
  [Unit in keyof DurationUnits]: Pick<DurationUnits, Unit> & Partial<DurationUnits>;
}[keyof DurationUnits];

/**
 * A duration: a number of milliseconds, or units.
 *
 * @example The same duration in both forms
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

/** Units that a `Temporal.Duration` has and whose length is not fixed. */
const CALENDAR_UNITS = ["years", "months", "weeks"];

/**
 * Converts a duration to whole milliseconds, at least one.
 *
 * @param value What the user gave.
 * @param name The option it was given for, for messages.
 * @param doing What is refused if the value is, for messages.
 * @returns Milliseconds, an integer of at least 1.
 * @throws {TypeError} If it is neither a number nor an object of known units with numbers.
 * @throws {RangeError} If it is NaN, infinite, zero, negative, or longer than 10 million days.
 */
export function durationMs(value: unknown, name: string, doing: string = "create the scheduler"): number {
  const isUnits = typeof value === "object" && value !== null && !Array.isArray(value);
  const ms = isUnits ? sumOfUnits(value as Readonly<Record<string, unknown>>, name, doing) : value;
  if (typeof ms === "number" && ms > 0 && ms <= MAX_DURATION_MS) return Math.max(1, Math.round(ms));
  const message = cannot(doing, `"${name}" must be milliseconds or units like { minutes: 5 }, above zero`, value);
  throw typeof ms === "number" ? new RangeError(message) : new TypeError(message);
}

/** Returns the sum in milliseconds; NaN if a unit is negative. */
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
