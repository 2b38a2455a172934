/**
 * The user's function inside `wrapRun`: called once, and never after the run is over.
 *
 * @module
 */
import type { Run } from "./options.ts";
import type { Replica } from "./replica.ts";

/**
 * Runs a task, inside `wrapRun` if there is one.
 *
 * @param replica Whose task.
 * @param run What the task is given.
 * @param isOver Whether the run has ended; the task is not called any more then.
 * @returns Resolves when neither the task nor `wrapRun` is running any more.
 * @throws What the task threw; or what `wrapRun` did, if it has not called the task.
 */
export async function runBody(replica: Replica, run: Run, isOver: () => boolean): Promise<void> {
  const { task, wrapRun = (_run, call) => call() } = replica.settings;
  let body: Promise<void> | undefined;
  let isClosed = false;
  const call = async (): Promise<void> => {
    if (!body && (isClosed || isOver())) throw new Error(NOT_RUN);
    await (body ??= (async () => void await replica.asTask(() => task(run)))());
  };
  const ofWrapper = await failureOf(() =>
    replica.asTask(() =>
      wrapRun(run, () => {
        const called = call();
        // wrapRun may not wait for it
        called.catch(() => {});
        return called;
      })
    )
  );
  isClosed = true;
  if (!body) throw ofWrapper ? ofWrapper.error : new Error(NOT_RUN);
  // the outcome is the task's own
  await body;
  if (ofWrapper) replica.say("warn", "wrapRun failed", ofWrapper.error);
}

/** Told to a `wrapRun` that calls the task too late, and of one that never does. */
const NOT_RUN = "wrapRun did not call the task";

/** What some work throws or rejects with, if it does. */
export async function failureOf(work: () => unknown): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
