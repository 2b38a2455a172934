/**
 * How long to wait after an error.
 *
 * @module
 */

/** The shortest wait after an error by default, in milliseconds. */
const BASE_MS = 1_000;

/**
 * Returns the wait after a number of failures in a row, with full jitter, so that replicas do not return all at once.
 *
 * It is at least the base. The longest wait doubles with each failure, up to the cap; any wait between has an equal chance. See
 * "Exponential Backoff And Jitter" in the AWS Architecture Blog.
 *
 * @param failures The failures in a row, at least 1.
 * @param capMs The longest wait in milliseconds, if longer than the base.
 * @param random From 0 up to, but not including, 1.
 * @param baseMs The shortest wait in milliseconds.
 * @returns The wait in milliseconds.
 */
export function backoffMs(failures: number, capMs: number, random: number, baseMs: number = BASE_MS): number {
  const longestMs = Math.min(Math.max(capMs, baseMs), baseMs * 2 ** Math.min(failures, 30));
  return baseMs + random * (longestMs - baseMs);
}
