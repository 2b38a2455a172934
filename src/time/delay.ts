/**
 * Timers that wait for any length of time, and delays that a signal ends.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** The longest delay that timers keep, in milliseconds. A longer one would fire immediately. */
export const MAX_TIMER_MS = 2_147_483_647;

/** How many turns of the microtask queue are enough for promises that are about to settle. */
const SETTLING_TURNS = 20;

/**
 * Waits until a condition holds, but no longer than promises that are about to settle take: some turns of the microtask queue.
 *
 * It needs no timer, which a fake clock would hold up.
 */
export async function settleMicrotasks(isSettled: () => boolean): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS && !isSettled(); turn++) await undefined;
}

/** Cancels a timer. After the timer has fired it has no effect. */
export type CancelTimer = () => void;

/**
 * Calls back once after a delay of any length. Delays longer than {@linkcode MAX_TIMER_MS} are waited for in pieces.
 *
 * Promises that are about to settle when the time is over settle first: a fake clock that leaps ahead fires all timers at one
 * moment, and a task that ended in time must not be timed out by it.
 *
 * @param clock The clock.
 * @param callback What to call.
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
  // timers cut fractions off, and would fire too early
  arm(Math.ceil(delayMs));
  return () => {
    isCanceled = true;
    clock.clearTimer(timer);
  };
}

/**
 * Waits, but no longer than until a signal aborts. Never rejects.
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
