/**
 * The clock of a scheduler. Globals are looked up at each call, so that fake timers work.
 *
 * @module
 */

/**
 * The clock of a scheduler; the system's by default.
 *
 * A clock of your own is for simulations that give each replica a different one. To test a task, fake timers such as FakeTime
 * are enough.
 *
 * @example A replica whose clock is an hour ahead
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
  /** The wall clock, in milliseconds since 1970. It may be wrong and may jump. */
  nowMs(): number;
  /** A clock that only moves forward, in milliseconds from an arbitrary start. */
  monotonicMs(): number;
  /** Calls back once, after at least a delay of at most 2^31-1 ms. */
  setTimer(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer. A timer that has fired or that is unknown is ignored. */
  clearTimer(timer: unknown): void;
  /** A random number, evenly distributed from 0 up to, but not including, 1; for jitter. */
  random(): number;
}

/** The clock of the host. Each global is looked up at the call, so that fakes installed later are used. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // whole numbers, as a fraction takes a boxed number for each idle scheduler (bench: idle_cost)
  monotonicMs: () => Math.round(performance.now()),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

/**
 * How far the two clocks of a host may part before one of them is taken to have jumped. Some distance is allowed, as fakes leave
 * the monotonic clock real.
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
 * It goes by the wall clock, which counts the time that a machine sleeps and which fakes move. If the wall clock was set back,
 * it goes by the monotonic clock; if by less than a second, it may be too short by that.
 */
export function elapsedMs(clock: Clock, since: Instant): number {
  const wallMs = clock.nowMs() - since.wallMs;
  const monotonicMs = clock.monotonicMs() - since.monotonicMs;
  return wallMs < 0 || monotonicMs > wallMs + JUMP_MS ? monotonicMs : wallMs;
}

/**
 * Returns the time since a moment, in milliseconds, and never less than it really was: the longer one of both clocks'. For
 * leases, which must not be trusted for too long.
 */
export function longestElapsedMs(clock: Clock, since: Instant): number {
  return Math.max(clock.nowMs() - since.wallMs, clock.monotonicMs() - since.monotonicMs);
}

/** Returns whether both clocks of a host have moved equally since a moment, so that none of them has jumped. */
export function hasKeptPace(clock: Clock, since: Instant): boolean {
  const wallMs = clock.nowMs() - since.wallMs;
  const monotonicMs = clock.monotonicMs() - since.monotonicMs;
  return Math.abs(wallMs - monotonicMs) <= JUMP_MS;
}
