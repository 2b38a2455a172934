/**
 * Calls of a scheduler's methods that may come from its own task, which then waits for itself.
 *
 * Without async context a call can be attributed to the task only while the synchronous part of the task executes. Other calls
 * that wait for a run are warned of, the first one of each method.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { ActiveRun } from "./active_run.ts";

/** Detects calls of `trigger()` and `stop()` that wait for the run in progress. */
export class OwnCalls {
  readonly #warn: (message: string) => void;
  #hasWarnedOfTrigger = false;
  #hasWarnedOfStop = false;

  /** Creates the detector of one scheduler. `warn` logs a warning. */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Handles a call of `trigger()`. Returns the error to reject it with if the task itself has called it. */
  noticeTrigger(run: ActiveRun | undefined): Error | undefined {
    if (!run) return undefined;
    if (run.isCallingTask) {
      return new Error(cannot("trigger the task", "its own run asks for it and would wait for itself", run.term));
    }
    if (!this.#hasWarnedOfTrigger) {
      this.#hasWarnedOfTrigger = true;
      const advice = "a task must not await its own trigger(), as the run would time out";
      this.#warn(`trigger() waits for run ${run.term}: ${advice}`);
    }
    return undefined;
  }

  /** Handles a call of `stop()`. Returns whether the task itself has called it, so that the answer must not wait for the task. */
  noticeStop(run: ActiveRun | undefined): boolean {
    if (!run) return false;
    if (!this.#hasWarnedOfStop) {
      this.#hasWarnedOfStop = true;
      const call = run.isCallingTask
        ? `run ${run.term} called stop(), which does not wait for it`
        : `stop() waits for run ${run.term}, until ${run.view().deadline.toISOString()} at most`;
      this.#warn(`${call} (a task that stops its own scheduler calls run.stopAfter() instead)`);
    }
    return run.isCallingTask;
  }
}
