/**
 * The count of task calls that have not returned after their abort.
 *
 * @module
 */
import type { ActiveRun } from "./active_run.ts";

/** Counts the calls of a task that have not returned after their abort. While there are too many, no run starts. */
export class AbandonedRuns {
  readonly #max: number;
  readonly #onAvailable: () => void;
  #count = 0;

  /**
   * Creates a count of zero.
   *
   * @param max The option `maxAbandoned`.
   * @param onAvailable Called when a call returns and runs may start again.
   */
  constructor(max: number, onAvailable: () => void) {
    this.#max = max;
    this.#onAvailable = onAvailable;
  }

  /** The number of counted calls. */
  get count(): number {
    return this.#count;
  }

  /** Whether there are too many calls to start another run. */
  get isFull(): boolean {
    return this.#count > this.#max;
  }

  /** Counts the call of a run until the call returns. */
  add(run: ActiveRun): void {
    this.#count++;
    run.returned.then(() => {
      const wasFull = this.isFull;
      this.#count--;
      if (wasFull) this.#onAvailable();
    });
  }
}
