/** A timer in a {@linkcode TimerQueue}. Times are in ms. */
export interface Timer {
  readonly id: number;
  readonly due: number;
  /** The interval of a repeated timer. */
  readonly interval?: number;
  readonly callback: () => void;
}

/** Timers in the order of their due times, and then in the order in which they were set. */
export class TimerQueue {
  // a key that is set again after it was deleted is last, so the map has the order of setting
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

  /** Returns the next timer that is due by `limit`, if any. It stays in the queue. */
  next(limit: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.due <= limit && (!next || timer.due < next.due)) next = timer;
    }
    return next;
  }

  /** Removes a timer, or sets it again if it repeats. */
  advance(timer: Timer): void {
    this.#timers.delete(timer.id);
    if (timer.interval !== undefined) {
      this.#timers.set(timer.id, { ...timer, due: timer.due + timer.interval });
    }
  }
}
