/**
 * Virtual time for tests that span days or need several clocks: nothing moves until a test advances it.
 *
 * @module
 */
import type { Clock } from "../../mod.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";

/** How a clock differs from the true time. */
export interface Skew {
  /** How far the wall clock is ahead. */
  readonly offsetMs?: number;
}

/** A true time, and any number of clocks. */
export class VirtualTime {
  readonly #clock: VirtualClock;
  #random: number;

  constructor(start = "2026-01-31T12:00:00.000Z", seed = 1) {
    this.#clock = new VirtualClock({ startMs: Date.parse(start), random: () => this.random() });
    this.#random = seed;
  }

  /** The true time, in milliseconds since 1970. */
  get nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Moves the time without firing timers. */
  set nowMs(ms: number) {
    this.#clock.skip(ms - this.nowMs);
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#clock.pending;
  }

  /** A clock of the true time, or one that is ahead of it. */
  clock({ offsetMs = 0 }: Skew = {}): Clock {
    return this.#clock.view({ offsetMs });
  }

  /** A small linear congruential generator, so that every test is the same at every run. */
  random(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.#random / 2 ** 31;
  }

  /** Resolves after a time. */
  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.delay(Math.max(0, Math.floor(ms)), signal);
  }

  /** Lets all promises settle that wait for no timer. */
  settle(): Promise<void> {
    return this.#clock.settle();
  }

  /** Advances the time, firing each timer at its time and letting promises settle in between. */
  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }
}
