/**
 * Time and chance, looked up when they are asked for, so that fake timers work.
 *
 * @module
 */
import { JUMP_MS, MAX_TIMER_MS, SETTLING_TURNS } from "./limits.ts";

/**
 * What a scheduler reckons time with; the system's by default.
 *
 * For simulators that give each replica a clock of its own. To test a task, fake timers such as FakeTime are enough.
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
  /** A clock that only goes forward, in milliseconds from an arbitrary start. */
  monotonicMs(): number;
  /** Calls back once, after at least a delay of at most 2^31-1 ms. */
  setTimer(callback: () => void, delayMs: number): unknown;
  /** Takes a timer back; one that has fired or that is unknown does no harm. */
  clearTimer(timer: unknown): void;
  /** Evenly distributed from 0 up to, but not including, 1; for jitter. */
  random(): number;
}

/** The clock of the host. Each global is looked up at the call: a fake installed later is obeyed. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // without a fraction, which would take a boxed number for each sleeping scheduler
  monotonicMs: () => Math.round(performance.now()),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: () => Math.random(),
};

/** Lets what is about to settle do so, without a timer that a fake would hold up. */
export async function settlingTime(isSettled: () => boolean): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS && !isSettled(); turn++) await undefined;
}

/** Takes back a call that is to come; once it has come, does nothing. */
export type ClearAlarm = () => void;

/**
 * Calls back once, after a delay of any length: longer ones than timers keep are waited for in pieces.
 *
 * What is about to settle when the time is over comes first: a fake that leaps ahead fires all timers at once, and what ended
 * in time must not be taken for late.
 */
export function setAlarm(clock: Clock, callback: () => void, delayMs: number): ClearAlarm {
  let timer: unknown;
  let isCleared = false;
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(Math.max(leftMs, 0), MAX_TIMER_MS);
    timer = clock.setTimer(async () => {
      if (leftMs > stepMs) return arm(leftMs - stepMs);
      await settlingTime(() => isCleared);
      if (!isCleared) callback();
    }, stepMs);
  };
  // timers cut fractions off, and would fire too early
  arm(Math.ceil(delayMs));
  return () => {
    isCleared = true;
    clock.clearTimer(timer);
  };
}

/** Two clocks at one moment, to tell later how much time has passed at the most. */
export interface Instant {
  /** The wall clock. */
  readonly wallMs: number;
  /** The monotonic clock. */
  readonly monotonicMs: number;
}

/** The present on both clocks. */
export function instant(clock: Clock): Instant {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

/**
 * The time since a moment: by the wall clock, which goes on while a machine sleeps and which fakes move, or, if that was set
 * back, by the monotonic one.
 */
export function elapsedMs(clock: Clock, since: Instant): number {
  const wallMs = clock.nowMs() - since.wallMs;
  const monotonicMs = clock.monotonicMs() - since.monotonicMs;
  return wallMs < 0 || monotonicMs > wallMs + JUMP_MS ? monotonicMs : wallMs;
}
