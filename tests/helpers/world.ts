/**
 * Virtual time for tests that span days or need several clocks: nothing moves until it is told to.
 *
 * @module
 */
import type { Clock } from "../../mod.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** How a clock differs from the true time of its world. */
export interface Skew {
  /** How far the wall clock is ahead. */
  readonly offsetMs?: number;
}

/** A world with a true time and any number of clocks. */
export class World {
  /** The true time. */
  nowMs: number;
  readonly #timers = new Set<Timer>();
  #random: number;

  constructor(start = "2026-01-31T12:00:00.000Z", seed = 1) {
    this.nowMs = Date.parse(start);
    this.#random = seed;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** A clock of this world. */
  clock({ offsetMs = 0 }: Skew = {}): Clock {
    return {
      nowMs: () => this.nowMs + offsetMs,
      monotonicMs: () => this.nowMs - 1_000,
      setTimer: (callback, delayMs) => {
        const timer = { atMs: this.nowMs + Math.max(0, Math.floor(delayMs)), callback };
        this.#timers.add(timer);
        return timer;
      },
      clearTimer: (timer) => this.#timers.delete(timer as Timer),
      random: () => this.random(),
    };
  }

  /** A small linear congruential generator, so that every test is the same at every run. */
  random(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.#random / 2 ** 31;
  }

  /** Resolves after a time of this world. */
  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const clock = this.clock();
      const timer = clock.setTimer(resolve, ms);
      signal?.addEventListener("abort", () => {
        clock.clearTimer(timer);
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** Lets all promises settle that wait for no timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 200; turn++) await undefined;
  }

  /** Moves the time, firing each timer at its time and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await this.settle();
    for (;;) {
      const next = this.#next();
      if (!next || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.nowMs = next.atMs;
      next.callback();
      await this.settle();
    }
    this.nowMs = untilMs;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.atMs < next.atMs) next = timer;
    }
    return next;
  }
}
