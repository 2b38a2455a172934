/**
 * The differences between two readings of the tasks. Pure.
 *
 * @module
 */
import type { WatchedTask } from "../../monitoring/watched_task.ts";

/** A task that has changed, or the name of one whose record was removed. */
export type TaskChange = { readonly task: WatchedTask } | { readonly removed: string };

/** Keeps what was seen of each task. */
export class TaskChanges {
  #seen = new Map<string, string>();

  /** Returns the tasks that differ from the last reading, in the order of the tasks, and those that were removed. */
  next(tasks: readonly WatchedTask[]): TaskChange[] {
    const seen = new Map(tasks.map((task) => [task.name, essenceOf(task)]));
    const changed = tasks.filter(({ name }) => this.#seen.get(name) !== seen.get(name));
    const removed = [...this.#seen.keys()].filter((name) => !seen.has(name));
    this.#seen = seen;
    return [...changed.map((task) => ({ task })), ...removed.map((name) => ({ removed: name }))];
  }
}

/** Returns what makes a change: heartbeats do not. */
function essenceOf(task: WatchedTask): string {
  const { kind, condition: { reason, message } } = task;
  if (task.kind !== "task") return JSON.stringify([kind, reason, message]);
  const { state, term, failures, due, requested, paused } = task.status;
  return JSON.stringify([reason, message, state, term, failures, due, requested, paused]);
}
