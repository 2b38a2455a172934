/**
 * What the methods of a scheduler take and answer.
 *
 * @module
 */
import type { Run } from "./options.ts";
import type { RecentRun } from "./record/recent_runs.ts";
import { formatTime } from "./record/record_time.ts";
import { mapTimes, NO_OWNER, type StatusRecord, type TaskState } from "./record/status_record.ts";
import type { Duration } from "./time/duration.ts";

/** The state of a scheduler. It only moves forward, in this order. */
export type SchedulerState = "new" | "started" | "stopping" | "stopped";

/** The answer of `trigger()`: how the run ended, or why there was none. */
export type TriggerResult =
  | {
    /** The task returned. */
    readonly outcome: "finished";
    /** The run. */
    readonly run: Run;
    /** There is none. */
    readonly error?: undefined;
  }
  | {
    /**
     * How the run ended: the task threw (`failed`), exceeded its timeout (`timeout`), lost its lease (`leaselost`), or was aborted
     * by `stop()` (`aborted`).
     */
    readonly outcome: "failed" | "timeout" | "leaselost" | "aborted";
    /** The run. */
    readonly run: Run;
    /** What the task threw, or the reason of the abort. */
    readonly error: unknown;
  }
  | {
    /**
     * Why there was no run: the task is running in another replica (`running-elsewhere`), the scheduler is stopped (`stopped`),
     * or too many tasks have not returned here after their abort (`too-many-abandoned`).
     */
    readonly outcome: "running-elsewhere" | "stopped" | "too-many-abandoned";
    /** There is none. */
    readonly run?: undefined;
    /** There is none. */
    readonly error?: undefined;
  };

/** The options of `stop()`. */
export interface StopOptions {
  /** Whether to abort the run in progress instead of waiting for it.  @default {false} */
  readonly abort?: boolean | undefined;
  /**
   * How long to wait for the run in progress. Then the run is aborted, if it was not yet, and no longer waited for.
   * @default {as long as the run's own timeout allows}
   */
  readonly timeout?: Duration | undefined;
}

/** The types of the options of `stop()`. */
export const STOP_OPTIONS = { abort: "boolean", timeout: "duration" } as const;

/** The answer of `stop()`: what is left. */
export interface StopResult {
  /**
   * Whether nothing is left: no call of the task, no timer, no listener. `false` with none abandoned is the answer for a task that
   * stops its own scheduler.
   */
  readonly clean: boolean;
  /** How many calls of the task have not returned although they were aborted. */
  readonly abandoned: number;
}

/** The answer of `explain()`: what the scheduler is doing, and why. `reason` determines which properties there are. */
export type Explanation =
  & {
    /** The state of the scheduler. */
    readonly state: SchedulerState;
    /** The same in a sentence for people. Its wording may change. */
    readonly message: string;
    /** How many calls of the task have not returned after their abort. */
    readonly abandoned: number;
  }
  & (
    | {
      /** It does nothing (`new`, `stopping`, `stopped`), or reads or claims the record (`checking`). */
      readonly reason: "new" | "stopping" | "stopped" | "checking";
      /** It does not wait. */
      readonly until?: undefined;
      /** Not known. */
      readonly due?: undefined;
    }
    | {
      /** It runs the task. */
      readonly reason: "running";
      /** The term of the run. */
      readonly term: number;
      /** It does not wait. */
      readonly until?: undefined;
      /** Not known. */
      readonly due?: undefined;
    }
    | {
      /**
       * It waits: the next run is not due (`not-due`); a run is due, and the preferred replica goes first (`standby`); the last run
       * failed, and its repetition is not due (`retry-delay`); or another run holds the record (`running-elsewhere`).
       */
      readonly reason: "not-due" | "standby" | "retry-delay" | "running-elsewhere";
      /** When it checks again. */
      readonly until: Date;
      /** When a run may start by what is known now, in the host's time. */
      readonly due: Date;
    }
    | {
      /**
       * It waits: a run is due in a moment (`due`); a store call failed or a claim was refused (`store-error`); too many calls
       * of the task have not returned (`too-many-abandoned`); or the record must be left alone, as it is none (`foreign-record`),
       * is of a newer version (`newer-record`), or has the highest term (`last-term`).
       */
      readonly reason:
        | "due"
        | "store-error"
        | "too-many-abandoned"
        | "foreign-record"
        | "newer-record"
        | "last-term";
      /** When it checks again. */
      readonly until: Date;
      /** Not known. */
      readonly due?: undefined;
    }
  );

/**
 * The answer of `status()`: the status record. A field that the record does not have is `undefined`.
 *
 * Its times are in the host's time: where the store has a clock, the difference is subtracted; of `scheduled` in whole minutes.
 */
export interface TaskStatus {
  /** Never run, running, or how the last run ended. */
  readonly state: TaskState;
  /** The fencing token of the last run; 0 before the first. */
  readonly term: number;
  /** The id of the last run; `undefined` if its replica has stopped since. */
  readonly owner?: string | undefined;
  /** When the last run was claimed. */
  readonly started?: Date | undefined;
  /** The due time of the last run. */
  readonly scheduled?: Date | undefined;
  /** Its last heartbeat, while it is running. */
  readonly heartbeat?: Date | undefined;
  /** When the last run that ended did. */
  readonly finished?: Date | undefined;
  /** The failures in a row. */
  readonly failures: number;
  /** The error of the last failure, cut to 500 characters. */
  readonly error?: string | undefined;
  /** A run that was requested through the record. */
  readonly requested?: Date | undefined;
  /** The last runs, at most 20, the oldest first. */
  readonly recent: readonly RecentRun[];
}

/** How far the store's clock is ahead of the host's, in milliseconds. */
export interface StoreAhead {
  readonly aheadMs: number;
  /** The same for due times. */
  readonly dueTimesAheadMs: number;
}

/** Returns the status of a record, in the host's time. */
export function taskStatusOf(record: StatusRecord | undefined, { aheadMs, dueTimesAheadMs }: StoreAhead): TaskStatus {
  if (!record || record.state === "idle") return { state: "idle", term: record?.term ?? 0, failures: 0, recent: [] };
  const { state, term, owner, failures, error, recent } = record;
  const scheduledMs = record.scheduledMs === undefined ? undefined : record.scheduledMs + aheadMs - dueTimesAheadMs;
  return {
    state,
    term,
    owner: owner === NO_OWNER ? undefined : owner,
    failures,
    error,
    ...mapTimes({ ...record, scheduledMs }, (ms) => new Date(ms - aheadMs)),
    recent: recent.toArray().map((run) => ({ ...run, start: formatTime(Date.parse(run.start) - aheadMs) })),
  };
}
