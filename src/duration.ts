/**
 * Lengths of time as options take them.
 *
 * @module
 */
import { refuse } from "./errors.ts";
import { MAX_DURATION_MS } from "./limits.ts";

/**
 * A length of time by its units, which add up.
 *
 * A `Temporal.Duration` fits by its shape, unless it has years, months or weeks.
 */
export interface DurationLike {
  /** Days of exactly 24 hours. */
  readonly days?: number;
  /** Hours. */
  readonly hours?: number;
  /** Minutes. */
  readonly minutes?: number;
  /** Seconds. */
  readonly seconds?: number;
  /** Milliseconds. */
  readonly milliseconds?: number;
  /** Microseconds; the sum is rounded to whole milliseconds. */
  readonly microseconds?: number;
  /** Nanoseconds; the sum is rounded to whole milliseconds. */
  readonly nanoseconds?: number;
}

/**
 * A length of time: a number of milliseconds, or its units.
 *
 * @example Two ways to say the same
 * ```ts
 * import type { Duration } from "@neat/periodic-task";
 *
 * const byNumber: Duration = 330_000;
 * const byUnits: Duration = { minutes: 5, seconds: 30 };
 * console.assert(byNumber === (byUnits.minutes ?? 0) * 60_000 + (byUnits.seconds ?? 0) * 1_000);
 * ```
 */
export type Duration = number | DurationLike;

/** Years, months and weeks are named to be refused: a `Temporal.Duration` has them, and their length is not fixed. */
const UNIT_MS: Readonly<Record<string, number | undefined>> = {
  // what all objects have is no unit
  __proto__: null as never,
  years: NaN,
  months: NaN,
  weeks: NaN,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
};

/**
 * The length of a duration in whole milliseconds, at least one.
 *
 * @param value What the user gave.
 * @param name The option it was given for, for the message.
 * @param doing What is refused if the value is, for the message.
 * @returns Milliseconds, an integer of at least 1.
 * @throws {TypeError} If it is neither a number nor an object of known units with numbers.
 * @throws {RangeError} If it is NaN, infinite, zero, negative, or longer than 10 million days.
 */
export function durationMs(value: unknown, name: string, doing?: string): number {
  let ms = value;
  if (typeof value === "object" && value && !Array.isArray(value)) {
    let sum = 0;
    // the units of a Temporal.Duration are not among its own keys
    for (const unit in { ...value, ...UNIT_MS }) {
      const count = (value as Record<string, unknown>)[unit];
      const unitMs = UNIT_MS[unit];
      if (count === undefined || (count === 0 && unitMs !== undefined)) continue;
      if (!unitMs || typeof count !== "number") {
        refuse(TypeError, `"${name}" can't have these ${unit}`, count, doing);
      }
      sum += count > 0 ? count * unitMs : NaN;
    }
    ms = sum;
  }
  if (typeof ms === "number" && ms > 0 && ms <= MAX_DURATION_MS) return Math.max(1, Math.round(ms));
  const Kind = typeof ms === "number" ? RangeError : TypeError;
  return refuse(Kind, `"${name}" must be milliseconds or units like { minutes: 5 }, above zero`, value, doing);
}
