import type { Clock } from "@neat/periodic-task";

/** The clock of this machine. */
export const realTime: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

/** The wall clock with the fractions of a millisecond that `Date.now()` cuts off. */
export function fineClock(): () => number {
  let offsetMs = -Infinity;
  // what is cut off, and pauses between the two calls, make a difference smaller, so the largest is the true one
  for (let time = 0; time < SAMPLES; time++) offsetMs = Math.max(offsetMs, Date.now() - performance.now());
  return () => offsetMs + performance.now();
}

/** As many as a few milliseconds hold, so that one of them is at the beginning of a millisecond. */
const SAMPLES = 50_000;
