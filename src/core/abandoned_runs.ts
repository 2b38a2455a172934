/**
 * Calls of the task that have not returned after their abort.
 *
 * @module
 */
import type { ActiveRun } from "./active_run.ts";

/** Counts the calls of a task that have not returned after their abort. While there are too many, no run is started. */
export class AbandonedRuns {
  readonly #max: number;
  readonly #onRoom: () => void;
  #count = 0;

  /**
   * Creates the count, at zero.
   *
   * @param max The option `maxAbandoned`.
   * @param onRoom Called when a call returns and there are no longer too many.
   */
  constructor(max: number, onRoom: () => void) {
    this.#max = max;
    this.#onRoom = onRoom;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Whether there are too many to start another run. */
  get isFull(): boolean {
    return this.#count > this.#max;
  }

  /** Adds the call of a run. It is removed when it returns. */
  add(run: ActiveRun): void {
    this.#count++;
    run.returned.then(() => {
      const wasFull = this.isFull;
      this.#count--;
      if (wasFull) this.#onRoom();
    });
  }
}
