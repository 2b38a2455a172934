import type { Clock, StatusStore } from "../../../mod.ts";

/** Longer timers are for the next check of the record, and shorter ones are timeouts of calls or runs. */
const MIN_WAIT_MS = 120_000;

/** The real clock, except that the wait of a scheduler for its next check takes no time: `skip()` ends it. */
export class SkippingClock implements Clock {
  #aheadMs = 0;
  #wait: { readonly end: () => void; readonly ms: number } | undefined;
  #waiting: PromiseWithResolvers<void> = Promise.withResolvers();

  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  monotonicMs(): number {
    return Math.round(performance.now()) + this.#aheadMs;
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    if (delayMs < MIN_WAIT_MS) return setTimeout(callback, delayMs);
    this.#wait = { end: callback, ms: delayMs };
    this.#waiting.resolve();
    return this.#wait;
  }

  clearTimer(timer: unknown): void {
    if (timer === this.#wait) this.#wait = undefined;
    else clearTimeout(timer as ReturnType<typeof setTimeout>);
  }

  random(): number {
    return Math.random();
  }

  /** Wraps a store so that its store time, if it has one, skips along. */
  skipStoreTime(store: StatusStore): StatusStore {
    return {
      write: (...call) => store.write(...call),
      read: async (...call) => {
        const entry = await store.read(...call);
        return entry?.storeTime === undefined ? entry : { ...entry, storeTime: entry.storeTime + this.#aheadMs };
      },
    };
  }

  /** Resolves when the scheduler waits. */
  get waiting(): Promise<void> {
    return this.#waiting.promise;
  }

  /** Ends the wait of the scheduler after some time, or its whole wait if absent; resolves when it waits again. */
  skip(ms?: number): Promise<void> {
    const wait = this.#wait;
    if (!wait) throw new Error("Cannot skip as the scheduler does not wait: current value of its timer is undefined");
    this.#wait = undefined;
    this.#waiting = Promise.withResolvers();
    this.#aheadMs += ms ?? wait.ms;
    wait.end();
    return this.waiting;
  }
}
