/**
 * The errors of control functions.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/**
 * The error about a task that has no record: its name is misspelt, or no replica has started yet.
 *
 * @example Suggest the right name
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { pauseTask, UnknownTaskError } from "@neat/periodic-task/control";
 *
 * const error = await pauseTask(new MemoryStore(), "bakcup").catch((error) => error);
 * console.assert(error instanceof UnknownTaskError && error.task === "bakcup");
 * ```
 */
export class UnknownTaskError extends Error {
  /** Always `UnknownTaskError`. */
  override readonly name: string = "UnknownTaskError";
  /** The name that has no record. */
  readonly task: string;
  /** The nearest name that has a record; `undefined` if no name is near or the store cannot list its records. */
  readonly suggestion: string | undefined;

  /**
   * Creates the error.
   *
   * @param doing The failed action.
   * @param task The name that has no record.
   * @param suggestion The nearest name that has a record.
   */
  constructor(doing: string, task: string, suggestion: string | undefined) {
    const hint = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
    super(cannot(doing, `the store has no record of it${hint}`, task));
    this.task = task;
    this.suggestion = suggestion;
  }
}

/**
 * The error about a run that may be in progress and that the change would harm. Nothing was written.
 *
 * `resetTask` throws it while the lease of a run lives. The other functions throw it only while a replica of Dart's
 * `neat_periodic_task` runs the task, as such a replica cannot record its outcome after a change of the record.
 */
export class TaskRunningError extends Error {
  /** Always `TaskRunningError`. */
  override readonly name: string = "TaskRunningError";
  /**
   * The time from which the change is possible, in the host's time, unless the run has a heartbeat until then. It is
   * `undefined` if the record has no lease and `dartTimeout` is not given.
   */
  readonly until: Date | undefined;

  /**
   * Creates the error.
   *
   * @param doing The failed action.
   * @param until The time from which the change is possible.
   */
  constructor(doing: string, until: Date | undefined) {
    const [state, value] = until === undefined
      ? ['a Dart replica may be running it, and "dartTimeout" is not given', until]
      : ["its run may be in progress until its lease is over", until.toISOString()];
    super(cannot(doing, state, value));
    this.until = until;
  }
}

/**
 * The error about a change that the store has not confirmed in time. The change may take effect or not.
 *
 * Repeat the call when the store is available again. A change that has taken effect is not made a second time.
 */
export class UnconfirmedChangeError extends Error {
  /** Always `UnconfirmedChangeError`. */
  override readonly name: string = "UnconfirmedChangeError";
}
