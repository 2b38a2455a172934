/**
 * The wait after an error.
 *
 * @module
 */

/** The default of the shortest wait after an error, in milliseconds. */
const BASE_MS = 1_000;

/**
 * Returns the wait after a number of failures in a row, with full jitter, so that replicas do not all retry at the same time.
 *
 * The wait is random between the shortest and the longest wait. The longest wait doubles with each failure, up to a cap. See
 * "Exponential Backoff And Jitter" in the AWS Architecture Blog.
 *
 * @param failures The number of failures in a row, at least 1.
 * @param capMs The cap in milliseconds. A cap below the shortest wait has no effect.
 * @param random A random number from 0 up to, but not including, 1.
 * @param baseMs The shortest wait in milliseconds.
 * @returns The wait in milliseconds.
 */
export function backoffMs(failures: number, capMs: number, random: number, baseMs: number = BASE_MS): number {
  const longestMs = Math.min(Math.max(capMs, baseMs), baseMs * 2 ** Math.min(failures, 30));
  return baseMs + random * (longestMs - baseMs);
}
