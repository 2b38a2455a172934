/**
 * What a process remembers of tasks between two looks at their records, as the records do not tell it.
 *
 * @module
 */
import type { WatchedRecord } from "./watched_task.ts";

/** What is remembered of a task. */
export interface Sighting {
  /** The time from which the task was seen without a finished run; `undefined` if its record has one. */
  readonly unfinishedSinceMs: number | undefined;
  /** The time at which the task was last seen paused. */
  readonly pausedUntilMs: number | undefined;
}

/** Remembers what was seen of tasks. */
export class Sightings {
  readonly #tasks = new Map<string, Sighting>();

  /** Notes what is seen of a task, and returns what is remembered of it. */
  note(name: string, record: WatchedRecord, nowMs: number): Sighting {
    const before = this.#tasks.get(name);
    const isPaused = record.kind === "task" && record.status.paused !== undefined;
    const sighting: Sighting = {
      unfinishedSinceMs: hasFinishedRun(record) ? undefined : before?.unfinishedSinceMs ?? nowMs,
      pausedUntilMs: isPaused ? nowMs : before?.pausedUntilMs,
    };
    this.#tasks.set(name, sighting);
    return sighting;
  }
}

function hasFinishedRun(record: WatchedRecord): boolean {
  if (record.kind !== "task") return false;
  const { state, recent } = record.status;
  return state === "finished" || recent.some(({ outcome }) => outcome === "finished");
}
