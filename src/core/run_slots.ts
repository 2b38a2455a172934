/**
 * The limit of how many runs go on at once in a group.
 *
 * @module
 */

/** A queue for a limited number of slots. The first that has asked is the first that gets one. */
export class RunSlots {
  readonly #limit: number;
  readonly #holders = new Set<RunSlot>();
  /** In the order in which they have asked. Empty while there is a free slot. */
  readonly #waiting = new Set<RunSlot>();

  /**
   * Creates free slots.
   *
   * @param limit The number of slots.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a scheduler holds a slot. */
  isHeldBy(slot: RunSlot): boolean {
    return this.#holders.has(slot);
  }

  /** Takes a slot. If none is free, queues up; a scheduler that waits already keeps its place. Returns whether it holds one. */
  acquire(slot: RunSlot): boolean {
    if (this.#holders.has(slot)) return true;
    if (this.#holders.size >= this.#limit) {
      this.#waiting.add(slot);
      return false;
    }
    this.#holders.add(slot);
    return true;
  }

  /** Counts a run that has started without a slot, even if there are more runs than slots then. */
  count(slot: RunSlot): void {
    this.#holders.add(slot);
  }

  /** Gives up a slot or a place in the queue. A free slot goes to the first that waits. */
  release(slot: RunSlot): void {
    this.#waiting.delete(slot);
    if (!this.#holders.delete(slot)) return;
    for (const next of this.#waiting) {
      if (this.#holders.size >= this.#limit) return;
      this.#waiting.delete(next);
      this.#holders.add(next);
      next.onTurn();
    }
  }
}

/** The slots of all schedulers without a limit. */
const UNLIMITED = new RunSlots(Infinity);

/** The slot of one scheduler, which has no limit unless it is in a group with one. */
export class RunSlot {
  /** Called when the scheduler has waited for a slot and gets it. */
  readonly onTurn: () => void;
  #slots = UNLIMITED;

  /**
   * Creates the slot of a scheduler. The scheduler does not hold it yet.
   *
   * @param onTurn Called when the scheduler has waited for the slot and gets it. Must not throw.
   */
  constructor(onTurn: () => void) {
    this.onTurn = onTurn;
  }

  /** Whether a group limits the runs of the scheduler. */
  get isLimited(): boolean {
    return this.#slots !== UNLIMITED;
  }

  /** Whether the scheduler holds the slot. */
  get isHeld(): boolean {
    return this.#slots.isHeldBy(this);
  }

  /** Limits the runs of the scheduler from now on. The run in progress counts. */
  limit(slots: RunSlots): void {
    const { isHeld } = this;
    this.release();
    this.#slots = slots;
    if (isHeld) slots.count(this);
  }

  /** Takes the slot, or queues up for it. Returns whether the scheduler holds it. */
  acquire(): boolean {
    return this.#slots.acquire(this);
  }

  /** Gives up the slot, or the place in the queue. */
  release(): void {
    this.#slots.release(this);
  }
}
