/** Something that is to happen at a time. */
export interface TimedEvent {
  readonly atMs: number;
  /** Absent once it is taken back. */
  callback: (() => void) | undefined;
}

interface Entry {
  readonly event: TimedEvent;
  readonly order: number;
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.event.atMs < other.event.atMs || (one.event.atMs === other.event.atMs && one.order < other.order);
}

/** Events by their times, and at the same time in the order in which they were added: a binary heap. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #added = 0;

  /** Adds an event. To take it back, empty it: it is passed over. */
  add(event: TimedEvent): void {
    const heap = this.#heap;
    const entry = { event, order: this.#added++ };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** Takes out the next event, if there is one before a moment. */
  take(endMs: number): TimedEvent | undefined {
    for (;;) {
      const next = this.#heap[0]?.event;
      if (next?.callback && next.atMs >= endMs) return undefined;
      this.#removeFirst();
      if (!next || next.callback) return next;
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
