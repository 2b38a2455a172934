/**
 * Counts, such as terms and failures.
 *
 * @module
 */

/** Returns whether a value is a whole number from 0 on that differs from the next one in floating point. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < Number.MAX_SAFE_INTEGER;
}
