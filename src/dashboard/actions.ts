/**
 * What the buttons do.
 *
 * @module
 */
import { pauseTask, resumeTask } from "../control/pause_task.ts";
import { requestRun } from "../control/request_run.ts";
import type { TaskSource } from "../monitoring/task_source.ts";
import type { WatchedTask } from "../monitoring/watched_task.ts";
import type { Clock } from "../time/clock.ts";
import type { PossibleActions } from "./task_buttons.ts";

/** The name of an action. */
export type ActionName = "run" | "pause" | "resume";

/** An action that somebody has asked for. */
export interface Action {
  readonly action: ActionName;
  /** The name of the task. */
  readonly name: string;
  /** The person, for the record. */
  readonly by: string;
  /** The reason of a pause. */
  readonly reason: string | undefined;
  readonly clock: Clock;
}

const NAMES: readonly ActionName[] = ["run", "pause", "resume"];

/** Returns the action that the fields of a form ask for: the name of a button is the action, and its value is the task. */
export function askedAction(fields: Readonly<Record<string, unknown>>): Pick<Action, "action" | "name"> | undefined {
  for (const action of NAMES) {
    const name = fields[action];
    if (typeof name === "string") return { action, name };
  }
  return undefined;
}

/** Returns what can be done with a task: a record in the memory of a scheduler cannot be paused. */
export function possibleActions(source: TaskSource, { name, kind, explanation }: WatchedTask): PossibleActions {
  const hasStore = source.storeOf(name) !== undefined;
  const isUsable = kind === "task";
  // a request would be served by another replica, if there is one and the store is shared
  const hasStopped = explanation?.state === "stopping" || explanation?.state === "stopped";
  return {
    run: isUsable && !hasStopped && (hasStore || source.schedulerOf(name) !== undefined),
    pause: isUsable && hasStore,
  };
}

/**
 * Does what a button asks for. Does not wait for a run.
 *
 * @throws The error of the control function.
 */
export async function perform(source: TaskSource, { action, name, by, reason, clock }: Action): Promise<void> {
  const store = source.storeOf(name);
  const scheduler = source.schedulerOf(name);
  // the record of a task of this process may not exist yet
  const create = scheduler !== undefined;
  if (action === "pause") {
    if (store) await pauseTask(store, name, { by, reason, create, clock });
  } else if (action === "resume") {
    if (store) await resumeTask(store, name, { clock });
  } else {
    if (store) await requestRun(store, name, { by, create, clock });
    // without a watch, the replicas would notice the request at their next check only, perhaps in hours
    if (!store?.watch) scheduler?.trigger().catch(() => {});
  }
}
