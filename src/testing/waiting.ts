/**
 * Waits that end when a signal aborts.
 *
 * @module
 */
import { type Clock, setAlarm } from "../time/clock.ts";

/** Resolves after a time; rejects when the signal aborts before. */
export function waitMs(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const clearAlarm = setAlarm(clock, () => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, delayMs);
    const giveUp = (): void => {
      clearAlarm();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}

/** Never resolves; rejects when the signal aborts, if there is one. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
