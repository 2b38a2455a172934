/**
 * What an operator does in a simulation, drawn before it starts.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import { RandomStream } from "./random_stream.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";

/** What an operator does: it requests a run, or pauses the task and resumes it after a time. */
export interface OperatorPlan {
  readonly kind: "request" | "pause";
  readonly atMs: number;
  /** Whether it waits for the next run from then on. */
  readonly isDuringRun: boolean;
  /** How long after the start of the run it happens. */
  readonly delayMs: number;
  /** How long a pause lasts. */
  readonly lengthMs: number;
  /** Whether to create the record of a task that has never run. */
  readonly creates: boolean;
}

const FAULTS = { request: "requestRun", pause: "pauseTask" } as const;

/** Draws the actions of an operator. */
export function drawOperator(
  seed: number,
  fullMs: number,
  { intervalMs, timeoutMs }: SchedulerSettings,
  faults: ReadonlySet<FaultName>,
): OperatorPlan[] {
  const random = new RandomStream(seed, "operator");
  const counts = { request: random.pick([0, 0, 1, 2, 5]), pause: random.pick([0, 0, 1, 2, 3]) };
  const actions: OperatorPlan[] = [];
  for (const kind of ["request", "pause"] as const) {
    for (let left = counts[kind]; left > 0; left--) {
      const atMs = random.between(0, fullMs);
      const lengthMs = random.magnitude(0.05, 5) * intervalMs;
      const isDuringRun = random.chance(0.5);
      const delayMs = random.magnitude(1, timeoutMs / 2);
      const action = { kind, atMs, isDuringRun, delayMs, lengthMs, creates: random.chance(0.3) };
      if (faults.has(FAULTS[kind])) actions.push(action);
    }
  }
  return actions;
}
