/**
 * What a process remembers of tasks between two reads of their records, as the records do not tell it.
 *
 * @module
 */
import type { ListedTask, ReadTask } from "../control/listed_task.ts";
import type { WatchedRecord } from "./watched_task.ts";

/** What is remembered of a task. */
export interface Observation {
  /** The time from which the task was read without a finished run; `undefined` if its record has one. */
  readonly unfinishedSinceMs: number | undefined;
  /** The time at which the task was last read as paused. */
  readonly pausedUntilMs: number | undefined;
}

/**
 * A lead of the store's clock that differs by less counts as the same. Each read measures it anew, with an error of as long as the
 * answer has taken.
 */
const LEAD_TOLERANCE_MS = 1_000;

/** Remembers what was read of tasks. */
export class Observations {
  readonly #tasks = new Map<string, Observation>();
  readonly #reads = new Map<string, ReadTask>();

  /** Whether something is remembered of a task. */
  has(name: string): boolean {
    return this.#tasks.has(name);
  }

  /** Notes what was read of a task, and returns what is remembered of it. */
  note(name: string, record: WatchedRecord, nowMs: number): Observation {
    const before = this.#tasks.get(name);
    const isPaused = record.kind === "task" && record.status.paused !== undefined;
    const observation: Observation = {
      unfinishedSinceMs: hasFinishedRun(record) ? undefined : before?.unfinishedSinceMs ?? nowMs,
      pausedUntilMs: isPaused ? nowMs : before?.pausedUntilMs,
    };
    this.#tasks.set(name, observation);
    return observation;
  }

  /**
   * Returns the task as it was read before, if its record is the same. Its times in the host's time would otherwise differ by some
   * milliseconds at each read, as the lead of the store's clock is measured anew.
   */
  unchanged(name: string, read: ReadTask): ListedTask {
    const before = this.#reads.get(name);
    if (before && before.version === read.version && isSameLead(before, read)) return before.task;
    this.#reads.set(name, read);
    return read.task;
  }

  /** Forgets all tasks but those with some names. */
  keep(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const map of [this.#tasks, this.#reads]) for (const name of map.keys()) if (!kept.has(name)) map.delete(name);
  }
}

function isSameLead({ ahead: one }: ReadTask, { ahead: other }: ReadTask): boolean {
  return one.dueTimesAheadMs === other.dueTimesAheadMs && Math.abs(one.aheadMs - other.aheadMs) < LEAD_TOLERANCE_MS;
}

function hasFinishedRun(record: WatchedRecord): boolean {
  if (record.kind !== "task") return false;
  const { state, recent } = record.status;
  return state === "finished" || recent.some(({ outcome }) => outcome === "finished");
}
