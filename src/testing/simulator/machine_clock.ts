/**
 * The clocks of one machine, which differ from the true time.
 *
 * @module
 */
import type { VirtualTime } from "./virtual_time.ts";

/** When the worlds begin. */
export const BEGIN_MS: number = Date.UTC(2026, 0, 31, 12);

/** How a machine's clocks go. */
export interface ClockTraits {
  /** How far the wall clock is ahead at the beginning. */
  readonly offsetMs: number;
  /** How much faster than the true time both clocks go; 1 is right. */
  readonly rate: number;
}

/** A wall clock that can be set, and a monotonic clock that stands still while the machine sleeps. */
export class MachineClock {
  readonly rate: number;
  readonly #time: VirtualTime;
  #offsetMs: number;
  #sleptMs = 0;
  #asleepSinceMs: number | undefined;
  /** The true times at which it was set. */
  readonly jumps: number[] = [];

  constructor(time: VirtualTime, { offsetMs, rate }: ClockTraits) {
    this.#time = time;
    this.#offsetMs = offsetMs;
    this.rate = rate;
  }

  /** The wall clock, to fractions of a millisecond. */
  get wallMs(): number {
    return BEGIN_MS + this.#offsetMs + this.#time.nowMs * this.rate;
  }

  /** The monotonic clock, to fractions of a millisecond. */
  get monotonicMs(): number {
    return 1_000 + ((this.#asleepSinceMs ?? this.#time.nowMs) - this.#sleptMs) * this.rate;
  }

  /** How far the wall clock is ahead of the true time. */
  get aheadMs(): number {
    return this.wallMs - BEGIN_MS - this.#time.nowMs;
  }

  /** Sets the wall clock. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
    this.jumps.push(this.#time.nowMs);
  }

  /** The machine sleeps. */
  sleep(): void {
    this.#asleepSinceMs ??= this.#time.nowMs;
  }

  /** The machine wakes up. */
  wake(): void {
    if (this.#asleepSinceMs === undefined) return;
    this.#sleptMs += this.#time.nowMs - this.#asleepSinceMs;
    this.#asleepSinceMs = undefined;
  }
}
