/**
 * The work of a loop between two waits.
 *
 * @module
 */
import type { ActiveRun } from "./active_run.ts";

/** The work of a loop between two waits: one or more steps. */
export interface Iteration {
  /** Aborts when the scheduler stops. Reads and retries end, and no run starts. */
  readonly stop: AbortController;
  /** Aborts when `stop()` no longer waits. Writes end too. */
  readonly cancel: AbortController;
  /** Whether steps have tried to write the first record, the next due time, and this replica as a standby. */
  readonly hasWritten: { record: boolean; dueTime: boolean; standby: boolean };
  /** Whether the store has refused the last of these writes. */
  isWriteRefused: boolean;
  /** Whether the store has given a hint that the record may have changed. */
  isHinted: boolean;
  /** Whether a step has tried to run the task. */
  hasTriedToRun: boolean;
  /** The run in progress, until its outcome is recorded. */
  run: ActiveRun | undefined;
}

/** Creates an iteration. */
export function newIteration(): Iteration {
  return {
    stop: new AbortController(),
    cancel: new AbortController(),
    hasWritten: { record: false, dueTime: false, standby: false },
    isWriteRefused: false,
    isHinted: false,
    hasTriedToRun: false,
    run: undefined,
  };
}
