/**
 * The call of the task inside `wrapRun`: once, and never after the run is over.
 *
 * @module
 */
import type { NeatPeriodicTaskOptions, Run } from "../options.ts";

/** How a task is called. */
export interface TaskCall {
  readonly task: NeatPeriodicTaskOptions["task"];
  readonly wrapRun: NeatPeriodicTaskOptions["wrapRun"];
  /** What the task and `wrapRun` are given. */
  readonly run: Run;
  /** Returns whether the run is over, so that the task must not be called any more. */
  readonly isOver: () => boolean;
  /** Called around the synchronous part of the task and of `wrapRun`. */
  readonly enter: <T>(call: () => T) => T;
  /** Called with what `wrapRun` throws after it has called the task. */
  readonly onWrapError: (error: unknown) => void;
}

/**
 * Calls the task, inside `wrapRun` if there is one.
 *
 * @returns Resolves when neither the task nor `wrapRun` is running any more.
 * @throws What the task threw; or what `wrapRun` threw, if it did not call the task.
 */
export async function callTask(call: TaskCall): Promise<void> {
  const { task, wrapRun = (_run, callTask) => callTask(), run, isOver, enter, onWrapError } = call;
  let running: Promise<void> | undefined;
  let hasWrapperEnded = false;
  const callOnce = async (): Promise<void> => {
    if (!running && (hasWrapperEnded || isOver())) throw new Error("wrapRun called the task after the run was over");
    running ??= (async () => void await enter(() => task(run)))();
    await running;
  };
  const wrapped = await settle(() =>
    enter(() =>
      wrapRun(run, () => {
        const called = callOnce();
        // wrapRun may not wait for it
        called.catch(() => {});
        return called;
      })
    )
  );
  hasWrapperEnded = true;
  if (!running) throw wrapped.isFailure ? wrapped.error : new Error("wrapRun did not call the task");
  // the outcome is the task's own
  await running;
  if (wrapped.isFailure) onWrapError(wrapped.error);
}

/** The end of some work. Anything may be thrown, `undefined` too. */
export type Settled = { readonly isFailure: false } | { readonly isFailure: true; readonly error: unknown };

/** Does some work and returns how it ended. Never rejects. */
export async function settle(work: () => unknown): Promise<Settled> {
  try {
    await work();
    return { isFailure: false };
  } catch (error) {
    return { isFailure: true, error };
  }
}
