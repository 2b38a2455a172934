import type { Clock } from "../../mod.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** How many turns of the microtask queue the longest chain of promises between two timers may take. */
const TURNS = 200;

/** Time that passes at once: it jumps from timer to timer. */
export class VirtualTime {
  readonly #timers = new Set<Timer>();
  /** The present, since the beginning. */
  nowMs = 0;

  /** The clock of whatever lives in this time. */
  clock(): Clock {
    return {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      setTimer: (callback, delayMs) => {
        const timer = { atMs: this.nowMs + Math.floor(delayMs), callback };
        this.#timers.add(timer);
        return timer;
      },
      clearTimer: (timer) => void this.#timers.delete(timer as Timer),
      random: () => 0.5,
    };
  }

  /** Resolves after a while of this time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock().setTimer(resolve, ms));
  }

  /** Lets all happen that happens before a moment. */
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await undefined;
      const next = this.#next();
      if (!next || next.atMs >= endMs) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
    }
    this.nowMs = endMs;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.atMs < next.atMs) next = timer;
    }
    return next;
  }
}
