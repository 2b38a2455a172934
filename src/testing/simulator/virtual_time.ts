/**
 * Time that passes at once: it leaps from event to event, and between two of them all promises settle.
 *
 * @module
 */

/** Something that is to happen at a time. */
export interface TimedEvent {
  readonly atMs: number;
  readonly order: number;
  /** Absent once it is taken back. */
  callback: (() => void) | undefined;
}

type SetImmediate = (callback: () => void) => unknown;

/** The true time of a world, in milliseconds since its beginning. */
export class VirtualTime {
  /** The present. */
  nowMs = 0;
  /** How many events have happened. */
  steps = 0;
  readonly #heap: TimedEvent[] = [];
  #added = 0;

  /** Lets something happen at a time, or now if that is over; at the same time in the order of the calls. */
  at(atMs: number, callback: () => void): TimedEvent {
    const event: TimedEvent = { atMs: Math.max(atMs, this.nowMs), order: this.#added++, callback };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = event;
    return event;
  }

  /** Lets something happen after a while. */
  after(delayMs: number, callback: () => void): TimedEvent {
    return this.at(this.nowMs + delayMs, callback);
  }

  /**
   * Lets all happen that happens before a moment.
   *
   * @param endMs The moment.
   * @param settled Called after each event, when all promises have settled; to go on, it answers true.
   */
  async runUntil(endMs: number, settled: () => boolean): Promise<void> {
    for (;;) {
      await this.#settle();
      if (!settled()) return;
      const next = this.#take(endMs);
      if (!next) break;
      this.nowMs = next.atMs;
      this.steps++;
      next.callback?.();
    }
    this.nowMs = endMs;
  }

  /** A turn of the event loop: it comes after the last promise, however long their chain is. */
  #settle(): Promise<void> {
    const { setImmediate = setTimeout } = globalThis as { setImmediate?: SetImmediate };
    return new Promise<void>((resolve) => void setImmediate(resolve));
  }

  #take(endMs: number): TimedEvent | undefined {
    for (;;) {
      const next = this.#heap[0];
      if (!next || (next.callback && next.atMs >= endMs)) return undefined;
      this.#removeFirst();
      if (next.callback) return next;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore(one: TimedEvent, other: TimedEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
