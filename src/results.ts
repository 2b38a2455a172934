/**
 * What a scheduler answers.
 *
 * @module
 */
import type { Duration } from "./duration.ts";
import type { Run } from "./options.ts";
import { iso } from "./record_time.ts";
import { type RecentRun, type RunOutcome, runsOf } from "./recent_runs.ts";
import { type Status, type TaskState, timesOf } from "./status.ts";
import { aheadMs, type Anchor, dueAheadMs } from "./store_time.ts";

/** What `trigger()` came to. */
export interface TriggerResult {
  /**
   * How the run ended, or why there was none: the task is `running-elsewhere`, the scheduler is `stopped`, or too many bodies
   * were left behind here (`too-many-abandoned`).
   */
  readonly outcome: RunOutcome | "running-elsewhere" | "stopped" | "too-many-abandoned";
  /** The run, if there was one. */
  readonly run?: Run | undefined;
  /** What was thrown, if something was. */
  readonly error?: unknown;
}

/** What `stop()` is told. */
export interface StopOptions {
  /** Whether to abort the run in progress instead of waiting for it.  @default {false} */
  readonly abort?: boolean | undefined;
  /**
   * How long to wait for the run in progress. Then it is aborted, if it wasn't yet, and no longer waited for.
   * @default {as long as the run's own timeout lets it take}
   */
  readonly timeout?: Duration | undefined;
}

/** What `stop()` leaves behind. */
export interface StopResult {
  /** Whether nothing is left: no call of the task, no timer, no listener. */
  readonly clean: boolean;
  /** How many bodies of the task have not returned although they were aborted. */
  readonly abandoned: number;
}

/** What a scheduler is doing, and why. */
export interface Explanation {
  /** Where it is in its life. */
  readonly state: "new" | "started" | "stopping" | "stopped";
  /**
   * What it is doing (`running, term N` or `checking`, that is reading or claiming the record), or why it waits: `not due`;
   * `first in line`, where another replica ran last and has precedence; `retry later`; `running`, where another run's lease is
   * not over; `foreign` or `newer`, where the record is not ours; `store failed`, also where claims were lost;
   * `too-many-abandoned`; `due`, for the moment before a run that is late already. A scheduler that does nothing repeats its
   * state.
   */
  readonly reason: string;
  /** When it will look again, if it is waiting. */
  readonly until?: Date | undefined;
  /** When the next run is due by what is known now, in the host's time. */
  readonly due?: Date | undefined;
  /** How many bodies were left behind and have not returned yet. */
  readonly abandoned: number;
}

/**
 * The status record, as `status()` shows it. What the record doesn't say is undefined.
 *
 * Its times are the host's: where the store has a clock, the difference is taken off; of `scheduled` in whole minutes.
 */
export interface TaskStatus {
  /** Never run, running now, or how the last run ended. */
  readonly state: TaskState;
  /** The fencing token of the last run; 0 before the first. */
  readonly term: number;
  /** The id of the last run. */
  readonly owner?: string | undefined;
  /** When the last run was claimed. */
  readonly started?: Date | undefined;
  /** The due time that it was for. */
  readonly scheduled?: Date | undefined;
  /** Its last sign of life, while it is running. */
  readonly heartbeat?: Date | undefined;
  /** When the last run that ended did. */
  readonly finished?: Date | undefined;
  /** The failures in a row. */
  readonly failures: number;
  /** The error of the last failure, cut to 500 characters. */
  readonly error?: string | undefined;
  /** A run asked for through the record. */
  readonly requested?: Date | undefined;
  /** The last runs, at most 20, the oldest first, as the record keeps them. */
  readonly recent: readonly RecentRun[];
}

/** A record as `status()` shows it, in the host's time. */
export function taskStatusOf(status: Status | undefined, anchor: Anchor | undefined): TaskStatus {
  if (!status || status.state === "idle") return { state: "idle", term: status?.term ?? 0, failures: 0, recent: [] };
  const { state, term, owner, failures, error, recent } = status;
  const moved = aheadMs(anchor);
  const scheduledMs = (status.scheduledMs ?? NaN) + moved - dueAheadMs(anchor);
  return {
    state,
    term,
    owner,
    failures,
    error,
    ...timesOf({ ...status, scheduledMs }, (ms) => new Date(ms - moved)),
    recent: runsOf(recent).map((run) => ({ ...run, start: iso(Date.parse(run.start) - moved) })),
  };
}
