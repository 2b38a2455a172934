/**
 * The clock of the store in a simulation.
 *
 * @module
 */
import { MAX_DATE_MS } from "../record/record_time.ts";
import { START_MS } from "./machine_clock.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** A store time that is a multiple of this counts as cut to whole seconds. */
const SECOND_MS = 1_000;
/** What rounding may change. */
const ROUNDING_MS = 1;

/**
 * What the reads of a store show of its clock: nothing, this clock, or another clock of which nothing is known.
 */
export type StoreClockUse = "none" | "known" | "unknown";

/** A clock that runs at the true rate, at an offset. */
export class StoreClock {
  /** How far it is ahead of the true time. */
  readonly offsetMs: number;
  readonly #clock: VirtualClock;
  readonly #fixedUse: StoreClockUse | undefined;
  #isShown = false;
  #isLeftOut = false;
  #isWrong = false;

  /**
   * Makes the clock.
   *
   * @param clock The true time.
   * @param offsetMs How far the store's clock is ahead.
   * @param fixedUse What reads show of it, if that is known from the start; else it follows from {@linkcode StoreClock.observe}.
   */
  constructor(clock: VirtualClock, offsetMs: number, fixedUse?: StoreClockUse) {
    this.#clock = clock;
    this.offsetMs = offsetMs;
    this.#fixedUse = fixedUse;
  }

  /** The present store time, in whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.at(this.#clock.elapsedMs));
  }

  /** What reads show of it. */
  get use(): StoreClockUse {
    if (this.#fixedUse) return this.#fixedUse;
    if (this.#isWrong || (this.#isShown && this.#isLeftOut)) return "unknown";
    return this.#isShown ? "known" : "none";
  }

  /** The store time at a true time, to fractions of a millisecond. */
  at(trueMs: number): number {
    return START_MS + this.offsetMs + trueMs;
  }

  /** Compares the `storeTime` of a read that was sent at a true time and is answered now. */
  observe(storeTime: number | undefined, sentMs: number): void {
    // schedulers ignore what is no time
    if (typeof storeTime !== "number" || !(Math.abs(storeTime) < MAX_DATE_MS)) return void (this.#isLeftOut = true);
    this.#isShown = true;
    const cutMs = storeTime % SECOND_MS === 0 ? SECOND_MS : ROUNDING_MS;
    const latestMs = this.at(this.#clock.elapsedMs) + ROUNDING_MS;
    if (storeTime <= this.at(sentMs) - cutMs || storeTime > latestMs) this.#isWrong = true;
  }
}
