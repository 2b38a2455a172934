/**
 * The call of the task inside `wrapRun`.
 *
 * @module
 */
import type { NeatPeriodicTaskOptions, Run } from "../options.ts";

/** The options of {@linkcode callTask}. */
export interface TaskCall {
  readonly task: NeatPeriodicTaskOptions["task"];
  readonly wrapRun: NeatPeriodicTaskOptions["wrapRun"];
  /** The argument of the task and of `wrapRun`. */
  readonly run: Run;
  /** Returns whether the run was aborted. Then the task must not be called any more. */
  readonly isAborted: () => boolean;
  /** Calls the synchronous part of the task or of `wrapRun`, and returns its result. */
  readonly enter: <T>(call: () => T) => T;
  /** Called with the error that `wrapRun` throws after it has called the task. */
  readonly onWrapError: (error: unknown) => void;
}

/**
 * Calls the task once, inside `wrapRun` if there is one.
 *
 * @param call The options.
 * @returns Resolves when the task and `wrapRun` have returned.
 * @throws The error of the task. If `wrapRun` did not call the task, the error of `wrapRun`.
 */
export async function callTask(call: TaskCall): Promise<void> {
  const { task, wrapRun = (_run, callTask) => callTask(), run, isAborted, enter, onWrapError } = call;
  let running: Promise<void> | undefined;
  let hasWrapperEnded = false;
  const callOnce = async (): Promise<void> => {
    const isTooLate = hasWrapperEnded || isAborted();
    if (!running && isTooLate) throw new Error("wrapRun called the task after the run was over");
    running ??= (async () => void await enter(() => task(run)))();
    await running;
  };
  const wrapped = await settle(() =>
    enter(() =>
      wrapRun(run, () => {
        const called = callOnce();
        // a rejection must not be unhandled if wrapRun does not wait for the task
        called.catch(() => {});
        return called;
      })
    )
  );
  hasWrapperEnded = true;
  if (!running) throw wrapped.isFailure ? wrapped.error : new Error("wrapRun did not call the task");
  // the outcome of the run is that of the task
  await running;
  if (wrapped.isFailure) onWrapError(wrapped.error);
}

/** The outcome of a function. A failure has a tag of its own, as a function may throw `undefined`. */
export type Settled = { readonly isFailure: false } | { readonly isFailure: true; readonly error: unknown };

/** Calls a function and returns its outcome. Never rejects. */
export async function settle(call: () => unknown): Promise<Settled> {
  try {
    await call();
    return { isFailure: false };
  } catch (error) {
    return { isFailure: true, error };
  }
}
