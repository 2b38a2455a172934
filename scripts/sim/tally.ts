import type { SimulationResult } from "../../src/simulator/mod.ts";

/** A simulation in which a promise was broken. */
export interface Failure {
  readonly seed: number;
  readonly kind: string;
  readonly promise: string;
  readonly text: string;
}

/** The sums of many simulations. */
export interface Tally {
  simulations: number;
  kinds: Record<string, number>;
  steps: number;
  runs: number;
  takeovers: number;
  writes: number;
  faults: Record<string, number>;
  /** How often each promise was checked. */
  checked: Record<string, number>;
  /** In how many simulations each promise was checked. */
  checkedIn: Record<string, number>;
  failures: Failure[];
}

/** Makes the sums of no simulation. */
export function newTally(): Tally {
  return {
    simulations: 0,
    kinds: {},
    steps: 0,
    runs: 0,
    takeovers: 0,
    writes: 0,
    faults: {},
    checked: {},
    checkedIn: {},
    failures: [],
  };
}

/** Adds a simulation. */
export function addResult(tally: Tally, { seed, kind, stats, violations }: SimulationResult): void {
  addTally(tally, {
    ...stats,
    simulations: 1,
    kinds: { [kind]: 1 },
    checkedIn: Object.fromEntries(Object.keys(stats.checked).map((promise) => [promise, 1])),
    failures: violations.slice(0, 1).map(({ promise, text }) => ({ seed, kind, promise, text })),
  });
}

/** Adds the sums of other simulations. */
export function addTally(tally: Tally, other: Readonly<Tally>): void {
  for (const name of ["simulations", "steps", "runs", "takeovers", "writes"] as const) tally[name] += other[name];
  for (const name of ["kinds", "faults", "checked", "checkedIn"] as const) {
    for (const [key, count] of Object.entries(other[name])) tally[name][key] = (tally[name][key] ?? 0) + count;
  }
  tally.failures.push(...other.failures);
}
