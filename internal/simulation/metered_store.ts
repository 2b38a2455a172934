import { MemoryStore, type StatusEntry, type StatusStore } from "../../mod.ts";
import type { VirtualClock } from "../../src/simulator/virtual_clock.ts";

/** The shortest and the longest call, in milliseconds. */
export const LATENCY_MS = { min: 20, max: 80 };

/**
 * A store in virtual time that counts its calls.
 *
 * A read returns the record at the time it was sent, and a write takes effect at the time it is answered. This leaves the most
 * time for conflicts between the two.
 */
export class MeteredStore implements StatusStore {
  readonly #inner = new MemoryStore();
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  reads = 0;
  writes = 0;
  /** The writes that conflicted. */
  conflicts = 0;

  constructor(clock: VirtualClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  async read(key: string): Promise<StatusEntry | null> {
    this.reads++;
    const entry = await this.#inner.read(key);
    await this.#latency();
    return entry;
  }

  async write(key: string, value: Uint8Array, version: string | null): Promise<string | null> {
    this.writes++;
    await this.#latency();
    const next = await this.#inner.write(key, value, version);
    if (next === null) this.conflicts++;
    return next;
  }

  #latency(): Promise<void> {
    const { min, max } = LATENCY_MS;
    return this.#clock.delay(min + Math.floor((max - min + 1) * this.#random()));
  }
}
