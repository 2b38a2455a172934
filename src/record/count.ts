/**
 * The check of counts, such as terms and failures.
 *
 * @module
 */

/** Returns whether a value is a whole number from 0 up to 2^53 - 2, so that the next number is exact too. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < Number.MAX_SAFE_INTEGER;
}
