/**
 * The clock of the store in a simulation.
 *
 * @module
 */
import { MAX_DATE_MS } from "../../limits.ts";
import { BEGIN_MS } from "./machine_clock.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A clock that tells whole seconds alone shows a multiple of this. */
const COARSE_MS = 1_000;
/** What rounding may add to what the store tells. */
const ROUNDING_MS = 1;

/**
 * What checks know of the clock that schedulers reckon in: the store tells none, it tells this one, or it tells another, of
 * which nothing is known.
 */
export type StoreClockUse = "none" | "known" | "unknown";

/** A clock that goes at the true rate, with an offset. */
export class StoreClock {
  readonly offsetMs: number;
  readonly #time: VirtualTime;
  readonly #fixedUse: StoreClockUse | undefined;
  #isTold = false;
  #isLeftOut = false;
  #isWrong = false;

  /**
   * Makes the clock.
   *
   * @param time The true time.
   * @param offsetMs How far it is ahead of the true time.
   * @param fixedUse Whether the store tells it, where that is known; else it follows from what the store tells.
   */
  constructor(time: VirtualTime, offsetMs: number, fixedUse?: StoreClockUse) {
    this.#time = time;
    this.offsetMs = offsetMs;
    this.#fixedUse = fixedUse;
  }

  /** What it shows now, in whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.at(this.#time.nowMs));
  }

  /** What checks may reckon by. */
  get use(): StoreClockUse {
    if (this.#fixedUse) return this.#fixedUse;
    if (this.#isWrong || (this.#isTold && this.#isLeftOut)) return "unknown";
    return this.#isTold ? "known" : "none";
  }

  /** What it shows at a true time, to fractions of a millisecond. */
  at(trueMs: number): number {
    return BEGIN_MS + this.offsetMs + trueMs;
  }

  /** Takes in what a read that was sent at a true time, and is answered now, told of the store's clock. */
  told(storeTime: number | undefined, sentMs: number): void {
    // what is no time is passed over by schedulers
    if (typeof storeTime !== "number" || !(Math.abs(storeTime) < MAX_DATE_MS)) return void (this.#isLeftOut = true);
    this.#isTold = true;
    const cutMs = storeTime % COARSE_MS === 0 ? COARSE_MS : ROUNDING_MS;
    const isRight = storeTime > this.at(sentMs) - cutMs && storeTime <= this.at(this.#time.nowMs) + ROUNDING_MS;
    if (!isRight) this.#isWrong = true;
  }
}
