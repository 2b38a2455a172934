import type { Clock, StatusStore } from "../../../../mod.ts";

/** What is waited for longer than this is the next look at the record, and not the limit of a call or a run. */
const SLEEP_MS = 120_000;

/** The system's clock, but that a scheduler's sleep takes no time: it ends when the bench says so. All other timers are real. */
export class LeapingClock implements Clock {
  #aheadMs = 0;
  #sleep: { readonly wake: () => void; readonly ms: number } | undefined;
  #asleep: PromiseWithResolvers<void> = Promise.withResolvers();

  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  monotonicMs(): number {
    return Math.round(performance.now()) + this.#aheadMs;
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    if (delayMs < SLEEP_MS) return setTimeout(callback, delayMs);
    this.#sleep = { wake: callback, ms: delayMs };
    this.#asleep.resolve();
    return this.#sleep;
  }

  clearTimer(timer: unknown): void {
    if (timer === this.#sleep) this.#sleep = undefined;
    else clearTimeout(timer as ReturnType<typeof setTimeout>);
  }

  random(): number {
    return Math.random();
  }

  /** A store whose own clock, if it has one, leaps along. */
  ahead(store: StatusStore): StatusStore {
    return {
      write: (...call) => store.write(...call),
      read: async (...call) => {
        const entry = await store.read(...call);
        return entry?.storeTime === undefined ? entry : { ...entry, storeTime: entry.storeTime + this.#aheadMs };
      },
    };
  }

  /** Resolves when the scheduler sleeps. */
  get asleep(): Promise<void> {
    return this.#asleep.promise;
  }

  /** Has a sleeping scheduler wake after some time, or after as long as it wanted to sleep; resolves when it sleeps again. */
  leap(ms: number | undefined): Promise<void> {
    const sleep = this.#sleep;
    if (!sleep) throw new Error("Cannot leap as the scheduler does not sleep: current value of its timer is undefined");
    this.#sleep = undefined;
    this.#asleep = Promise.withResolvers();
    this.#aheadMs += ms ?? sleep.ms;
    sleep.wake();
    return this.asleep;
  }
}
