/**
 * The work of the loop between two waits.
 *
 * @module
 */
import type { ActiveRun } from "./active_run.ts";

/** The work between two waits of the loop, of one step or several. */
export interface Iteration {
  /** Aborts when the scheduler stops: reads and repetitions end, and no run starts. */
  readonly stop: AbortController;
  /** Ends the writes too, when `stop()` has waited for long enough. */
  readonly cancel: AbortController;
  /** Whether it has written the first record. */
  hasCreatedRecord: boolean;
  /** Whether the store has refused that record. */
  isCreationRefused: boolean;
  /** Whether it has tried to run the task. */
  hasTriedToRun: boolean;
  /** The run, from its claim until its outcome is recorded. */
  run: ActiveRun | undefined;
}

/** Creates an iteration. */
export function newIteration(): Iteration {
  return {
    stop: new AbortController(),
    cancel: new AbortController(),
    hasCreatedRecord: false,
    isCreationRefused: false,
    hasTriedToRun: false,
    run: undefined,
  };
}
