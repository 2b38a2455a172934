/** A timer that waits in a {@linkcode TimerQueue}. Times are in ms. */
export interface Timer {
  readonly id: number;
  readonly due: number;
  /** For a timer that repeats. */
  readonly interval?: number;
  readonly callback: () => void;
}

/** Timers by when they are due; among those due at once, by when they were set. */
export class TimerQueue {
  // Setting a key anew after deleting it puts it last, so the order of the map is the order of setting.
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;

  get isEmpty(): boolean {
    return this.#timers.size === 0;
  }

  add(timer: Omit<Timer, "id">): number {
    const id = ++this.#lastId;
    this.#timers.set(id, { ...timer, id });
    return id;
  }

  delete(id: unknown): void {
    this.#timers.delete(id as number);
  }

  /** The next timer that is due, if any is by `limit`. It stays in the queue. */
  next(limit: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.due <= limit && (!next || timer.due < next.due)) next = timer;
    }
    return next;
  }

  /** Takes a timer out, or sets it again if it repeats. */
  advance(timer: Timer): void {
    this.#timers.delete(timer.id);
    if (timer.interval !== undefined) {
      this.#timers.set(timer.id, { ...timer, due: timer.due + timer.interval });
    }
  }
}
