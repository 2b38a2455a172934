/**
 * Timers with delays of any length, and delays that a signal ends.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** The longest delay of a timer of the host, in milliseconds. A timer with a longer delay fires immediately. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The number of turns of the microtask queue after which promises that are about to settle have settled. */
const SETTLING_TURNS = 20;

/**
 * Waits until a condition holds, for at most some turns of the microtask queue. Promises that are about to settle do so.
 *
 * Uses no timer, as a timer of a fake clock may never fire.
 */
export async function settleMicrotasks(isSettled: () => boolean): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS && !isSettled(); turn++) await undefined;
}

/** A function that cancels a timer. It has no effect after the timer has fired. */
export type CancelTimer = () => void;

/**
 * Calls a function once after a delay of any length. A delay longer than {@linkcode MAX_TIMER_MS} needs several timers.
 *
 * Promises that are about to settle at the end of the delay settle before the call. A fake clock may fire several timers at
 * the same moment, and a task that returns in time must not exceed its timeout then.
 *
 * @param clock The clock.
 * @param callback The function.
 * @param delayMs The delay in milliseconds. A fraction is rounded up; zero and less fire as soon as possible.
 * @returns The function that cancels the timer.
 */
export function startTimer(clock: Clock, callback: () => void, delayMs: number): CancelTimer {
  let timer: unknown;
  let isCanceled = false;
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(Math.max(leftMs, 0), MAX_TIMER_MS);
    timer = clock.setTimer(() => void fire(leftMs - stepMs), stepMs);
  };
  const fire = async (leftMs: number): Promise<void> => {
    if (leftMs > 0) return arm(leftMs);
    await settleMicrotasks(() => isCanceled);
    if (!isCanceled) callback();
  };
  // timers ignore a fraction, and would fire too early
  arm(Math.ceil(delayMs));
  return () => {
    isCanceled = true;
    clock.clearTimer(timer);
  };
}

/**
 * Waits until a delay is over or a signal aborts. Never rejects.
 *
 * @param clock The clock.
 * @param delayMs The delay in milliseconds.
 * @param signal Ends the wait.
 */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = startTimer(clock, end, delayMs);
    signal.addEventListener("abort", end);
  });
}
