/**
 * Events in the order of their times.
 *
 * @module
 */

/** A callback that is due at a time. */
export interface ScheduledEvent {
  /** When it is due. */
  readonly atMs: number;
  /** Its place among the events of the same time. */
  readonly order: number;
  /** What it calls; absent once the event is cancelled or done. */
  callback: (() => void) | undefined;
}

/** Events in the order of their times, and of the same time in the order in which they were added: a binary heap. */
export class EventQueue {
  readonly #heap: ScheduledEvent[] = [];
  #added = 0;
  #pending = 0;

  /** How many events are neither taken nor cancelled. */
  get size(): number {
    return this.#pending;
  }

  /** Adds an event. */
  add(atMs: number, callback: () => void): ScheduledEvent {
    const event: ScheduledEvent = { atMs, order: this.#added++, callback };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = event;
    this.#pending++;
    return event;
  }

  /** Removes an event. An event that is taken or cancelled is ignored. */
  cancel(event: ScheduledEvent): void {
    if (!event.callback) return;
    // it stays in the heap until its time
    event.callback = undefined;
    this.#pending--;
  }

  /** The time of the next event; infinite if there is none. */
  get nextMs(): number {
    this.#removeCancelled();
    return this.#heap[0]?.atMs ?? Infinity;
  }

  /** Takes the next event out of the queue and returns its callback; `undefined` if there is none. */
  take(): (() => void) | undefined {
    this.#removeCancelled();
    const event = this.#heap[0];
    if (!event) return undefined;
    const { callback } = event;
    this.#removeFirst();
    this.cancel(event);
    return callback;
  }

  #removeCancelled(): void {
    while (this.#heap[0] && !this.#heap[0].callback) this.#removeFirst();
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

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
