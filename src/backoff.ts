/**
 * How long to wait after an error.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { BACKOFF_MS } from "./limits.ts";
import { limited } from "./store_call.ts";

/**
 * The wait after a number of failures in a row: at least a second, at most one that doubles with each failure up to a cap, and
 * anything between with equal chance (full jitter), so that replicas don't come back all at once.
 *
 * @param failures The failures in a row, at least 1.
 * @param capMs The longest wait, if longer than the base.
 * @param random From 0 up to, but not including, 1.
 * @param baseMs The shortest wait.
 * @returns Milliseconds.
 */
export function backoffMs(failures: number, capMs: number, random: number, baseMs: number = BACKOFF_MS): number {
  const longestMs = Math.min(Math.max(capMs, baseMs), baseMs * 2 ** Math.min(failures, 30));
  return baseMs + random * (longestMs - baseMs);
}

/** Waits, but not longer than until the signal aborts. */
export function pause(clock: Clock, delayMs: number, cancel: AbortSignal): Promise<void> {
  // nothing answers, so it ends at its limit
  return limited(clock, delayMs, cancel, () => new Promise<void>(() => {})).catch(() => {});
}
