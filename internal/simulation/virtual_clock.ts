/**
 * Clocks of the simulator's virtual time.
 *
 * @module
 */
import type { Clock } from "../../mod.ts";
import type { TimedEvent, VirtualTime } from "../../src/testing/simulator/virtual_time.ts";

/** Options of {@linkcode virtualClock}. */
export interface VirtualClockOptions {
  /** What the wall clock shows at the start of virtual time; 0 if absent. */
  readonly beginMs?: number;
  /** The clock's random numbers; always 0.5 if absent. */
  readonly random?: () => number;
}

/** Creates a clock that follows virtual time. */
export function virtualClock(
  time: VirtualTime,
  { beginMs = 0, random = () => 0.5 }: VirtualClockOptions = {},
): Clock {
  return {
    nowMs: () => beginMs + time.nowMs,
    monotonicMs: () => time.nowMs,
    setTimer: (callback, delayMs) => time.after(Math.max(0, Math.floor(delayMs)), callback),
    clearTimer: (timer) => void ((timer as TimedEvent).callback = undefined),
    random,
  };
}

/** Resolves after some virtual time. */
export function delay(time: VirtualTime, ms: number): Promise<void> {
  return new Promise((resolve) => void time.after(Math.max(0, Math.floor(ms)), resolve));
}

/** Lets virtual time pass until a moment. */
export function runUntil(time: VirtualTime, endMs: number): Promise<void> {
  return time.runUntil(endMs, () => true);
}
