import type { SimulationResult } from "../../src/testing/mod.ts";

/** A world in which a promise broke. */
export interface Failure {
  readonly seed: number;
  readonly kind: string;
  readonly promise: string;
  readonly text: string;
}

/** What many worlds add up to. */
export interface Tally {
  worlds: number;
  kinds: Record<string, number>;
  steps: number;
  runs: number;
  takeovers: number;
  writes: number;
  faults: Record<string, number>;
  /** How often each promise was checked. */
  checked: Record<string, number>;
  /** In how many worlds each promise was checked. */
  worldsChecked: Record<string, number>;
  failures: Failure[];
}

/** Nothing yet. */
export function newTally(): Tally {
  return {
    worlds: 0,
    kinds: {},
    steps: 0,
    runs: 0,
    takeovers: 0,
    writes: 0,
    faults: {},
    checked: {},
    worldsChecked: {},
    failures: [],
  };
}

/** Adds a world. */
export function addResult(tally: Tally, { seed, kind, stats, violations }: SimulationResult): void {
  addTally(tally, {
    ...stats,
    worlds: 1,
    kinds: { [kind]: 1 },
    worldsChecked: Object.fromEntries(Object.keys(stats.checked).map((promise) => [promise, 1])),
    failures: violations.slice(0, 1).map(({ promise, text }) => ({ seed, kind, promise, text })),
  });
}

/** Adds other worlds. */
export function addTally(tally: Tally, other: Readonly<Tally>): void {
  for (const name of ["worlds", "steps", "runs", "takeovers", "writes"] as const) tally[name] += other[name];
  for (const name of ["kinds", "faults", "checked", "worldsChecked"] as const) {
    for (const [key, count] of Object.entries(other[name])) tally[name][key] = (tally[name][key] ?? 0) + count;
  }
  tally.failures.push(...other.failures);
}
