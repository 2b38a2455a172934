import { MemoryStore, type StatusEntry, type StatusStore } from "../../mod.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** How long a call takes, in milliseconds. */
export const LATENCY_MS = { least: 20, most: 80 };

/**
 * A store in virtual time that counts its calls.
 *
 * A read answers with what stood there when it was sent, and a write takes effect when it is answered: nowhere else within
 * the time of the two calls would leave more room for others to come between them.
 */
export class MeteredStore implements StatusStore {
  readonly #inner = new MemoryStore();
  readonly #time: VirtualTime;
  readonly #random: () => number;
  reads = 0;
  writes = 0;
  /** The writes among them that came too late. */
  conflicts = 0;

  constructor(time: VirtualTime, random: () => number) {
    this.#time = time;
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
    const { least, most } = LATENCY_MS;
    return this.#time.delay(least + Math.floor((most - least + 1) * this.#random()));
  }
}
