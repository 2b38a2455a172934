/**
 * The clock of a scheduler, and the measurement of time.
 *
 * @module
 */

/**
 * The clock of a scheduler. The default is the system's clock.
 *
 * Other clocks are for simulations in which each replica has a clock of its own. For tests of a task, fake timers such as
 * FakeTime are enough.
 *
 * @example Run a replica with a clock that is an hour ahead
 * ```ts
 * import { type Clock, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * const ahead: Clock = {
 *   nowMs: () => Date.now() + 3_600_000,
 *   monotonicMs: () => performance.now(),
 *   setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
 *   clearTimer: (timer) => clearTimeout(timer as number),
 *   random: () => Math.random(),
 * };
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "ahead",
 *   interval: { minutes: 1 },
 *   timeout: { seconds: 5 },
 *   clock: ahead,
 *   task: () => {},
 * });
 * console.assert((await scheduler.status()).state === "idle");
 * ```
 */
export interface Clock {
  /** Returns the time of the wall clock, in milliseconds since 1970. It may be wrong and may jump. */
  nowMs(): number;
  /** Returns the time of a clock that only moves forward, in milliseconds from an arbitrary start. */
  monotonicMs(): number;
  /** Calls a function once, not before a delay of at most 2^31-1 ms. Returns the timer. */
  setTimer(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer. Ignores a timer that has fired or is unknown. */
  clearTimer(timer: unknown): void;
  /** Lets the process end before a timer fires. Optional, for the option `keepAlive`. */
  unrefTimer?(timer: unknown): void;
  /** Returns a random number for jitter, evenly distributed from 0 up to, but not including, 1. */
  random(): number;
}

/** The clock of the host. Each call looks up its global, so that fakes installed later are used. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // whole numbers, as an idle scheduler would need more memory for a fraction (bench: idle_cost)
  monotonicMs: () => Math.round(performance.now()),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  unrefTimer,
  random: () => Math.random(),
};

/** The functions of runtimes that let the process end before a timer fires. */
interface RuntimeTimers {
  readonly Deno?: { readonly unrefTimer?: (timer: number) => void };
}

/** Lets the process end before a timer fires, by the function of Deno, or that of the timers of Node and Bun. */
function unrefTimer(timer: unknown): void {
  if (typeof timer === "number") (globalThis as RuntimeTimers)["Deno"]?.unrefTimer?.(timer);
  else (timer as { unref?: () => void } | null)?.unref?.();
}

/**
 * A greater difference between the times on both clocks of a host means that one of them has jumped. A smaller difference is
 * normal: fake timers may only replace the wall clock.
 */
const JUMP_MS = 1_000;

/** A moment on both clocks of a host, to measure the time since. */
export interface Instant {
  /** The wall clock. */
  readonly wallMs: number;
  /** The monotonic clock. */
  readonly monotonicMs: number;
}

/** Returns the present on both clocks. */
export function instant(clock: Clock): Instant {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

/**
 * Returns the time since a moment, in milliseconds.
 *
 * Uses the wall clock, which includes the time that a machine sleeps, and which fakes control. Uses the monotonic clock if
 * the wall clock was set back. If it was set back by less than a second, the result may be too short by this time.
 */
export function elapsedMs(clock: Clock, since: Instant): number {
  const wallMs = clock.nowMs() - since.wallMs;
  const monotonicMs = clock.monotonicMs() - since.monotonicMs;
  return wallMs < 0 || monotonicMs > wallMs + JUMP_MS ? monotonicMs : wallMs;
}

/**
 * Returns the time since a moment by the clock on which it is longer, in milliseconds.
 *
 * Leases are measured by it, as they must not be trusted for too long.
 */
export function longestElapsedMs(clock: Clock, since: Instant): number {
  return Math.max(clock.nowMs() - since.wallMs, clock.monotonicMs() - since.monotonicMs);
}

/** Returns whether both clocks of a host have moved equally since a moment, so that neither has jumped. */
export function hasKeptPace(clock: Clock, since: Instant): boolean {
  const wallMs = clock.nowMs() - since.wallMs;
  const monotonicMs = clock.monotonicMs() - since.monotonicMs;
  return Math.abs(wallMs - monotonicMs) <= JUMP_MS;
}
