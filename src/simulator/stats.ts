/**
 * What a simulation counts.
 *
 * @module
 */

/** The counts of a simulation. */
export interface SimulationStats {
  /** Events: timers, calls, answers and faults. */
  readonly steps: number;
  /** Runs that started. */
  readonly runs: number;
  /** Claims that took a run over whose holder had not given it up. */
  readonly takeovers: number;
  /** Records that the store has held one after another. */
  readonly writes: number;
  /** Faults that were injected, by name. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each promise was checked. */
  readonly checked: Readonly<Record<string, number>>;
}

/** The counts of one simulation while it runs. */
export class Stats implements SimulationStats {
  steps = 0;
  runs = 0;
  takeovers = 0;
  writes = 0;
  readonly faults: Record<string, number> = {};
  readonly checked: Record<string, number> = {};

  /** Counts a fault. */
  countFault(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  /** Counts a check of a promise. */
  countCheck(promise: string): void {
    this.checked[promise] = (this.checked[promise] ?? 0) + 1;
  }
}
