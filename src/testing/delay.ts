/**
 * Waits that end when a signal aborts.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { startTimer } from "../time/delay.ts";

/** Resolves after a delay. Rejects with the reason of the signal if that aborts earlier. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const clearTimer = startTimer(clock, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    const abort = (): void => {
      clearTimer();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Never resolves. Rejects with the reason of the signal when that aborts. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
