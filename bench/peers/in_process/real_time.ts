import type { Clock } from "@neat/periodic-task";

/** The real clock. */
export const realTime: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

/** Returns a wall clock with the fractions of a millisecond that `Date.now()` cuts off. */
export function fineClock(): () => number {
  let offsetMs = -Infinity;
  // both the cut-off fraction and a pause between the two calls reduce the difference, so the largest is right
  for (let time = 0; time < SAMPLES; time++) offsetMs = Math.max(offsetMs, Date.now() - performance.now());
  return () => offsetMs + performance.now();
}

/** Takes some milliseconds, so that one sample is at the start of a millisecond. */
const SAMPLES = 50_000;
