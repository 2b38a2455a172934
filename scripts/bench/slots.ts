import { percentile } from "./percentile.ts";

/** How late things were, in milliseconds. */
export interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The wall clock with the fractions of a millisecond that `Date.now()` cuts off. */
function fineClock(): () => number {
  const firstMs = Date.now();
  let tickMs = firstMs;
  while (tickMs === firstMs) tickMs = Date.now();
  const offsetMs = tickMs - performance.now();
  return () => offsetMs + performance.now();
}

/** Due times on whole milliseconds, spread evenly, and how late each was kept. */
export class Slots {
  readonly #fineNowMs = fineClock();
  readonly #firstMs: number;
  readonly #stepMs: number;
  readonly #lateMs: Float64Array;
  readonly #all = Promise.withResolvers<void>();
  #left: number;

  constructor(firstMs: number, spreadMs: number, count: number) {
    this.#firstMs = firstMs;
    this.#stepMs = spreadMs / count;
    this.#lateMs = new Float64Array(count);
    this.#left = count;
  }

  /** How many there are. */
  get count(): number {
    return this.#lateMs.length;
  }

  /** The due time of one. */
  at(index: number): number {
    return this.#firstMs + Math.floor(index * this.#stepMs);
  }

  /** Notes that one is kept now. */
  keep(index: number): void {
    this.#lateMs[index] = this.#fineNowMs() - this.at(index);
    if (--this.#left === 0) this.#all.resolve();
  }

  /** Refuses to measure if what has to be there before the first due time was not there in time. */
  checkReady(): void {
    const leftMs = this.#firstMs - Date.now();
    if (leftMs < 0 || this.#left < this.count) {
      throw new Error(`Cannot measure as the preparation took too long: current value is ${-leftMs} ms too long`);
    }
  }

  /** Resolves with the figures when each is kept. */
  async lateness(): Promise<Lateness> {
    await this.#all.promise;
    const sorted = this.#lateMs.sort();
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: percentile(sorted, 1) };
  }
}
