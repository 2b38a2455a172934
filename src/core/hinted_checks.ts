/**
 * The times of the checks that follow hints of the store.
 *
 * @module
 */

/** A check follows a hint after the first length of time, and at most the second later, so that replicas do not check at once. */
const DELAY_MS = 100;
const SPREAD_MS = 400;

/** A run is expected to take this many times as long as the last one at most. */
const LATE_RUN = 1.5;

/** The shortest time between two checks after hints, in milliseconds. */
const MIN_GAP_MS = 1_000;

/** Limits the checks that follow hints. After hints that were wrong, the time between two checks doubles. */
export class HintedChecks {
  readonly #maxGapMs: number;
  #gapMs = MIN_GAP_MS;
  #lastMs = -Infinity;

  /** Creates the limit. `maxGapMs` is the longest time between two checks after hints, if it is not shorter than a second. */
  constructor(maxGapMs: number) {
    this.#maxGapMs = Math.max(maxGapMs, MIN_GAP_MS);
  }

  /**
   * Returns the time of the check after a hint, by the monotonic clock.
   *
   * @param nowMs The present, by the monotonic clock.
   * @param random A random number from 0 up to, but not including, 1.
   * @param runMs The expected length of the run that the hint is about; 0 if it is not about a claim.
   */
  nextMs(nowMs: number, random: number, runMs: number): number {
    const delayMs = DELAY_MS + SPREAD_MS * random + LATE_RUN * runMs;
    return Math.max(nowMs + delayMs, this.#lastMs + this.#gapMs);
  }

  /** Notes a check after a hint, and whether it has found another version of the record. */
  checked(nowMs: number, hasChanged: boolean): void {
    this.#lastMs = nowMs;
    this.#gapMs = hasChanged ? MIN_GAP_MS : Math.min(2 * this.#gapMs, this.#maxGapMs);
  }
}
