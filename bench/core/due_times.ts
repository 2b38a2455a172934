import { percentile } from "../percentile.ts";

/** How late runs or timers were, in milliseconds. */
export interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Returns a wall clock with the fractions of a millisecond that `Date.now()` cuts off. */
function fineClock(): () => number {
  const firstMs = Date.now();
  let tickMs = firstMs;
  while (tickMs === firstMs) tickMs = Date.now();
  const offsetMs = tickMs - performance.now();
  return () => offsetMs + performance.now();
}

/** Due times on whole milliseconds, spread evenly, and how late each was met. */
export class DueTimes {
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

  /** The number of due times. */
  get count(): number {
    return this.#lateMs.length;
  }

  /** Returns a due time. */
  at(index: number): number {
    return this.#firstMs + Math.floor(index * this.#stepMs);
  }

  /** Records that a due time is met now. */
  meet(index: number): void {
    this.#lateMs[index] = this.#fineNowMs() - this.at(index);
    if (--this.#left === 0) this.#all.resolve();
  }

  /** Throws if the first due time is over or met already. */
  assertAhead(): void {
    const leftMs = this.#firstMs - Date.now();
    if (leftMs < 0 || this.#left < this.count) {
      throw new Error(`Cannot measure as the preparation took too long: current value is ${-leftMs} ms too long`);
    }
  }

  /** Resolves with the lateness when all due times are met. */
  async lateness(): Promise<Lateness> {
    await this.#all.promise;
    const sorted = this.#lateMs.sort();
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: percentile(sorted, 1) };
  }
}
