/**
 * The calls of a fleet to its store.
 *
 * @module
 */
import { simulateReplicas } from "../../internal/simulation/simulate_replicas.ts";

/** Servers that all have the same tasks. */
export interface Fleet {
  readonly replicas: number;
  readonly tasks: number;
  readonly intervalMs: number;
}

/** The calls of a run, of all replicas together. */
export interface CallsOfRun {
  readonly reads: number;
  readonly writes: number;
}

/** More replicas than that are not simulated, as it takes long. The reads rise in proportion from here on. */
const MAX_SIMULATED = 1_000;

/** The default of `maxCycle`. */
const MAX_CYCLE_MS = 10_800_000;

/** The number of due times before calls are counted: starts are not. */
const WARM_UP = 12;

const SEED = 1;

/** Simulates replicas of one task whose runs take a thirtieth of the interval. Returns the calls of a run once all have started. */
export async function callsOfRun({ replicas, intervalMs }: Omit<Fleet, "tasks">): Promise<CallsOfRun> {
  if (replicas > MAX_SIMULATED) {
    const [half, full] = [
      await callsOfRun({ replicas: MAX_SIMULATED / 2, intervalMs }),
      await callsOfRun({ replicas: MAX_SIMULATED, intervalMs }),
    ];
    const more = (full.reads - half.reads) / (MAX_SIMULATED / 2);
    return { reads: full.reads + more * (replicas - MAX_SIMULATED), writes: full.writes };
  }
  const task = { interval: intervalMs, timeout: intervalMs / 2, taskMs: intervalMs / 30 };
  // whole times of maxCycle, after which each replica checks
  const cycles = Math.max(1, Math.ceil(20 * intervalMs / MAX_CYCLE_MS));
  const warmUpMs = MAX_CYCLE_MS + WARM_UP * intervalMs;
  const before = await simulateReplicas("this package", replicas, task, warmUpMs, SEED);
  const after = await simulateReplicas("this package", replicas, task, warmUpMs + cycles * MAX_CYCLE_MS, SEED);
  const runs = after.runs - before.runs;
  return { reads: (after.reads - before.reads) / runs, writes: (after.writes - before.writes) / runs };
}
