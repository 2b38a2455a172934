/**
 * What has happened in a world, in numbers.
 *
 * @module
 */

/** Counts of what a simulated world has seen. */
export interface SimulationStats {
  /** How many events there were: timers, calls, answers, troubles. */
  readonly steps: number;
  /** Runs that began. */
  readonly runs: number;
  /** Claims of a record whose holder had not given it up. */
  readonly takeovers: number;
  /** Writes that the store has carried out. */
  readonly writes: number;
  /** The faults that were injected, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each promise was checked. */
  readonly checked: Readonly<Record<string, number>>;
}

/** The counts of one world, as they grow. */
export class Stats implements SimulationStats {
  steps = 0;
  runs = 0;
  takeovers = 0;
  writes = 0;
  readonly faults: Record<string, number> = {};
  readonly checked: Record<string, number> = {};

  /** Counts a fault. */
  fault(kind: string): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
  }

  /** Counts that a promise was checked. */
  check(promise: string): void {
    this.checked[promise] = (this.checked[promise] ?? 0) + 1;
  }
}
