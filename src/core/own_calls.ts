/**
 * Calls of `trigger()` and `stop()` by the scheduler's own task, which would wait for itself.
 *
 * The caller is known only while the synchronous part of the task is running. Other calls during a run may come from the task
 * too, so the first one of each method logs a warning.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { ActiveRun } from "./active_run.ts";
import type { Reporter } from "./reporter.ts";

/** Checks whether calls of `trigger()` and `stop()` come from the task, and warns of those that may. */
export class OwnCalls {
  readonly #reporter: Reporter;
  #hasWarnedOfTrigger = false;
  #hasWarnedOfStop = false;

  /** Creates the checks for one scheduler. */
  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** Checks a call of `trigger()`. Returns the error to reject it with if the task is the caller. */
  noticeTrigger(run: ActiveRun): Error | undefined {
    if (run.isCallingTask) {
      return new Error(cannot("trigger the task", "its own run calls trigger() and would wait for itself", run.term));
    }
    if (!this.#hasWarnedOfTrigger) {
      this.#hasWarnedOfTrigger = true;
      const advice = "a task must not await its own trigger(), as the run would time out";
      this.#reporter.warn(`trigger() waits for run ${run.term}: ${advice}`);
    }
    return undefined;
  }

  /** Checks a call of `stop()`. Returns whether the task is the caller. Then the call must not wait for the run. */
  noticeStop(run: ActiveRun): boolean {
    if (!this.#hasWarnedOfStop) {
      this.#hasWarnedOfStop = true;
      const call = run.isCallingTask
        ? `run ${run.term} called stop(), which does not wait for it`
        : `stop() waits for run ${run.term}, until ${run.view().deadline.toISOString()} at most`;
      this.#reporter.warn(`${call} (a task that stops its own scheduler calls run.stopAfter() instead)`);
    }
    return run.isCallingTask;
  }
}
