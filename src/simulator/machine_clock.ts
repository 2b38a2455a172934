/**
 * The clocks of a machine.
 *
 * @module
 */
import type { VirtualClock } from "./virtual_clock.ts";

/** The true time at the start of a simulation, in milliseconds since 1970. */
export const START_MS: number = Date.UTC(2026, 0, 31, 12);

/** How the clocks of a machine differ from the true time. */
export interface ClockTraits {
  /** How far the wall clock is ahead at the start. */
  readonly offsetMs: number;
  /** How fast both clocks run; 1 is the true rate. */
  readonly rate: number;
}

/** A wall clock that can be set, and a monotonic clock that stands still while the machine is suspended. */
export class MachineClock {
  readonly rate: number;
  readonly #clock: VirtualClock;
  #offsetMs: number;
  #suspendedForMs = 0;
  #suspendedSinceMs: number | undefined;
  /** The true times at which the wall clock was set. */
  readonly jumps: number[] = [];

  constructor(clock: VirtualClock, { offsetMs, rate }: ClockTraits) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
    this.rate = rate;
  }

  /** The wall clock, to fractions of a millisecond. */
  get wallMs(): number {
    return START_MS + this.#offsetMs + this.#clock.elapsedMs * this.rate;
  }

  /** The monotonic clock, to fractions of a millisecond. */
  get monotonicMs(): number {
    return 1_000 + ((this.#suspendedSinceMs ?? this.#clock.elapsedMs) - this.#suspendedForMs) * this.rate;
  }

  /** How far the wall clock is ahead of the true time. */
  get aheadMs(): number {
    return this.wallMs - START_MS - this.#clock.elapsedMs;
  }

  /** Sets the wall clock forward, or back if negative. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
    this.jumps.push(this.#clock.elapsedMs);
  }

  /** Stops the monotonic clock. */
  suspend(): void {
    this.#suspendedSinceMs ??= this.#clock.elapsedMs;
  }

  /** Starts the monotonic clock again. */
  resume(): void {
    if (this.#suspendedSinceMs === undefined) return;
    this.#suspendedForMs += this.#clock.elapsedMs - this.#suspendedSinceMs;
    this.#suspendedSinceMs = undefined;
  }
}
