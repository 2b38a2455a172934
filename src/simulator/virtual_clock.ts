/**
 * A clock whose time passes without waiting.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { EventQueue, type ScheduledEvent } from "./event_queue.ts";

export type { ScheduledEvent } from "./event_queue.ts";

/** Options of a {@linkcode VirtualClock}. */
export interface VirtualClockOptions {
  /** The wall clock at the start, in milliseconds since 1970.  @default {0} */
  readonly startMs?: number | undefined;
  /** The source of {@linkcode VirtualClock.random}, from 0 up to, but not including, 1.  @default {always 0.5} */
  readonly random?: (() => number) | undefined;
}

/** How a clock differs from the {@linkcode VirtualClock} that it belongs to. */
export interface ClockView {
  /** How far its wall clock is ahead.  @default {0} */
  readonly offsetMs?: number | undefined;
  /** The source of its random numbers.  @default {that of the virtual clock} */
  readonly random?: (() => number) | undefined;
}

type SetImmediate = (callback: () => void) => unknown;

/**
 * A clock for simulations, tests and benchmarks: it advances from event to event without waiting, and lets all promises settle
 * before each event.
 *
 * A scheduler takes it as its `clock`. Time stands still until {@linkcode VirtualClock.advance},
 * {@linkcode VirtualClock.runUntil} or {@linkcode VirtualClock.runAll} is called.
 *
 * @example A scheduler runs 24 times in a day that takes some milliseconds
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { VirtualClock } from "./virtual_clock.ts";
 *
 * const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 31) });
 * let runs = 0;
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "hourly",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 5 },
 *   clock,
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => void runs++,
 * });
 * scheduler.start();
 * await clock.runUntil(24 * 3_600_000);
 * console.assert(runs === 24);
 * await scheduler.stop();
 * ```
 */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #random: () => number;
  readonly #queue: EventQueue = new EventQueue();
  #elapsedMs = 0;
  #steps = 0;

  /** Makes a clock whose time stands still. */
  constructor({ startMs = 0, random = () => 0.5 }: VirtualClockOptions = {}) {
    this.#startMs = startMs;
    this.#random = random;
  }

  /** The time since the start, in milliseconds; it may have a fraction. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** How many events have run. */
  get steps(): number {
    return this.#steps;
  }

  /** How many events are scheduled: timers too. */
  get pending(): number {
    return this.#queue.size;
  }

  /** The wall clock, in milliseconds since 1970. */
  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  /** The time since the start, in milliseconds. */
  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Calls back once after a delay, whose fraction is cut off as the system's timers do. */
  setTimer(callback: () => void, delayMs: number): ScheduledEvent {
    return this.after(Math.max(0, Math.floor(delayMs)), callback);
  }

  /** Cancels a timer. One that has fired or is unknown is ignored. */
  clearTimer(timer: unknown): void {
    if (timer) this.cancel(timer as ScheduledEvent);
  }

  /** A random number, from 0 up to, but not including, 1. */
  random(): number {
    return this.#random();
  }

  /**
   * Schedules an event. Events of the same time run in the order of these calls.
   *
   * @param elapsedMs When it is due, in milliseconds since the start; now, if that is over.
   * @param callback What it calls.
   * @returns What {@linkcode VirtualClock.cancel} takes.
   */
  at(elapsedMs: number, callback: () => void): ScheduledEvent {
    return this.#queue.add(Math.max(elapsedMs, this.#elapsedMs), callback);
  }

  /** Schedules an event after a delay in milliseconds, which may have a fraction. */
  after(delayMs: number, callback: () => void): ScheduledEvent {
    return this.at(this.#elapsedMs + delayMs, callback);
  }

  /** Cancels an event. One that has run is ignored. */
  cancel(event: ScheduledEvent): void {
    this.#queue.cancel(event);
  }

  /** Resolves after a delay; rejects with the signal's reason when the signal aborts. */
  delay(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.cancel(event);
        reject(signal!.reason);
      };
      const event = this.after(delayMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** A clock on the same time with a wall clock or random numbers of its own, for one of several replicas. */
  view({ offsetMs = 0, random = this.#random }: ClockView = {}): Clock {
    return {
      nowMs: () => this.nowMs() + offsetMs,
      monotonicMs: () => this.monotonicMs(),
      setTimer: (callback, delayMs) => this.setTimer(callback, delayMs),
      clearTimer: (timer) => this.clearTimer(timer),
      random,
    };
  }

  /** Moves the time on without running events: those that are overdue run when the clock advances next. */
  skip(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Advances by a time and runs each event that is due by its end. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await this.#run((atMs) => atMs <= endMs);
    this.#elapsedMs = Math.max(this.#elapsedMs, endMs);
  }

  /**
   * Advances to a time and runs each event that is due before it.
   *
   * @param elapsedMs The time, in milliseconds since the start.
   * @param goesOn Called before each event, when all promises have settled. If it returns false, the clock stops there.
   */
  async runUntil(elapsedMs: number, goesOn: () => boolean = () => true): Promise<void> {
    const isDone = await this.#run((atMs) => atMs < elapsedMs, goesOn);
    if (isDone) this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }

  /** Runs all events until none is left. A loop that schedules events forever keeps it from ending. */
  async runAll(): Promise<void> {
    await this.#run(() => true);
  }

  /** Lets all promises settle that wait for no event, however long their chains are. */
  settle(): Promise<void> {
    // a turn of the event loop comes after the last promise
    const { setImmediate = setTimeout } = globalThis as { setImmediate?: SetImmediate };
    return new Promise<void>((resolve) => void setImmediate(resolve));
  }

  /** Runs events in order as long as they are due. Returns whether none is left that is due. */
  async #run(isDue: (atMs: number) => boolean, goesOn: () => boolean = () => true): Promise<boolean> {
    for (;;) {
      await this.settle();
      if (!goesOn()) return false;
      const { nextMs } = this.#queue;
      if (nextMs === Infinity || !isDue(nextMs)) return true;
      // time that was skipped does not come back
      this.#elapsedMs = Math.max(this.#elapsedMs, nextMs);
      this.#steps++;
      this.#queue.take()?.();
    }
  }
}
