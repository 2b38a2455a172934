/**
 * What `watch` shows: a table on a terminal, or lines.
 *
 * @module
 */
import type { WatchedTask } from "../../monitoring/watched_task.ts";

/** A view of the tasks. */
export interface TaskView {
  /** Shows the tasks of a new reading. */
  show(tasks: readonly WatchedTask[]): void;
  /** Shows that the last reading has failed. */
  fail(message: string): void;
  /** Ends the view. */
  close(): void;
}
