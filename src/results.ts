/**
 * The options and results of a scheduler's methods.
 *
 * @module
 */
import type { Run } from "./options.ts";
import type { RecentRun } from "./record/recent_runs.ts";
import { formatTime } from "./record/record_time.ts";
import { mapTimes, NO_OWNER, type RecordTimes, type StatusRecord, type TaskState } from "./record/status_record.ts";
import type { StoreAhead } from "./store/store_time.ts";
import type { Duration } from "./time/duration.ts";

/** The state of a scheduler. It only moves forward, in this order. */
export type SchedulerState = "new" | "started" | "stopping" | "stopped";

/** The result of `trigger()`: the outcome of the run, or the reason why there was no run. */
export type TriggerResult =
  | {
    /** The task returned. */
    readonly outcome: "finished";
    /** The run. */
    readonly run: Run;
    /** Always `undefined`. */
    readonly error?: undefined;
  }
  | {
    /**
     * The outcome of the run: the task threw (`failed`), the run exceeded its timeout (`timeout`), the run lost its lease
     * (`leaselost`), or `stop()` aborted the run (`aborted`).
     */
    readonly outcome: "failed" | "timeout" | "leaselost" | "aborted";
    /** The run. */
    readonly run: Run;
    /** The value that the task threw, or the reason of the abort. */
    readonly error: unknown;
  }
  | {
    /**
     * The reason why there was no run: the task is running in another replica (`running-elsewhere`), the task is paused
     * (`paused`), the scheduler is stopped (`stopped`), or too many calls of the task have not returned after their abort
     * (`too-many-abandoned`).
     */
    readonly outcome: "running-elsewhere" | "paused" | "stopped" | "too-many-abandoned";
    /** Always `undefined`. */
    readonly run?: undefined;
    /** Always `undefined`. */
    readonly error?: undefined;
  };

/** The options of `stop()`. */
export interface StopOptions {
  /** Whether to abort the run in progress instead of waiting for it.  @default {false} */
  readonly abort?: boolean | undefined;
  /**
   * The longest wait for the run in progress. Afterwards `stop()` aborts the run and no longer waits for it.
   * @default {the time until the run's own timeout}
   */
  readonly timeout?: Duration | undefined;
}

/** The types of the options of `stop()`. */
export const STOP_OPTIONS = { abort: "boolean", timeout: "duration" } as const;

/** The result of `stop()`. */
export interface StopResult {
  /**
   * Whether no call of the task, no timer and no listener of the scheduler remains. It is `false` if the task itself calls
   * `stop()`, even if no call is abandoned, and if the watch of the store has not ended at its signal.
   */
  readonly clean: boolean;
  /** The number of calls of the task that have not returned after their abort. */
  readonly abandoned: number;
}

/** The result of `explain()`: the activity of the scheduler and its reason. `reason` determines the other properties. */
export type Explanation =
  & {
    /** The state of the scheduler. */
    readonly state: SchedulerState;
    /** The reason as a sentence for people. Its wording may change. */
    readonly message: string;
    /** The number of calls of the task that have not returned after their abort. */
    readonly abandoned: number;
  }
  & (
    | {
      /**
       * The scheduler was not started (`new`), stops (`stopping`), has stopped (`stopped`), or reads or claims the record
       * (`checking`).
       */
      readonly reason: "new" | "stopping" | "stopped" | "checking";
      /** Always `undefined`. */
      readonly until?: undefined;
      /** Always `undefined`. */
      readonly due?: undefined;
    }
    | {
      /** The scheduler runs the task. */
      readonly reason: "running";
      /** The term of the run. */
      readonly term: number;
      /** Always `undefined`. */
      readonly until?: undefined;
      /** Always `undefined`. */
      readonly due?: undefined;
    }
    | {
      /**
       * The scheduler waits. The next run is not due (`not-due`); a run is due, and the preferred replica may claim it first
       * (`standby`); the last run failed, and its repetition is not due (`retry-delay`); or another run holds the record
       * (`running-elsewhere`).
       */
      readonly reason: "not-due" | "standby" | "retry-delay" | "running-elsewhere";
      /** The time of the next check. */
      readonly until: Date;
      /** The time from which a run may start, in the host's time. It changes if the record changes. */
      readonly due: Date;
    }
    | {
      /**
       * The scheduler waits. A run is due and starts as soon as the event loop has done other work (`due`); a run is due, and
       * the group runs as many tasks as it may (`concurrency`); the task is paused (`paused`); the schedule has no further due
       * time (`schedule-ended`) or failed (`schedule-error`); a store call failed or a claim was refused (`store-error`); too
       * many calls of the task have not returned (`too-many-abandoned`); the data at the task's key is not a status record
       * (`foreign-record`); the record is of a newer version (`newer-record`); or the term cannot rise (`last-term`).
       */
      readonly reason:
        | "due"
        | "paused"
        | "schedule-ended"
        | "schedule-error"
        | "store-error"
        | "concurrency"
        | "too-many-abandoned"
        | "foreign-record"
        | "newer-record"
        | "last-term";
      /** The time of the next check. */
      readonly until: Date;
      /** Always `undefined`. */
      readonly due?: undefined;
    }
  );

/**
 * The status of a task: the contents of its status record. A property that the record does not have is `undefined`.
 *
 * All times are in the host's time. If the store has a clock, the difference between both clocks is subtracted, from
 * `scheduled` and `due` in whole minutes.
 */
export interface TaskStatus {
  /** The state of the task: never run, running, or the outcome of the last run. */
  readonly state: TaskState;
  /** The fencing token of the last run; 0 before the first run. */
  readonly term: number;
  /** The id of the last run; `undefined` if its replica has stopped since then. */
  readonly owner?: string | undefined;
  /** The time at which the last run was claimed. */
  readonly started?: Date | undefined;
  /** The replica that claimed the last run: a name for people. */
  readonly instance?: string | undefined;
  /** The due time of the last run. */
  readonly scheduled?: Date | undefined;
  /** The due time after `scheduled`; `undefined` if there is none. A failed run is repeated earlier. */
  readonly due?: Date | undefined;
  /** The last heartbeat of the run in progress. */
  readonly heartbeat?: Date | undefined;
  /** The time at which the lease of the run in progress ends; `undefined` if the record does not say. */
  readonly leaseEnd?: Date | undefined;
  /** The time at which a run last ended. */
  readonly finished?: Date | undefined;
  /** The number of failures in a row. */
  readonly failures: number;
  /** The error of the last failure, cut to 500 characters. */
  readonly error?: string | undefined;
  /** The time at which somebody requested a run. The next claim removes the request. */
  readonly requested?: Date | undefined;
  /** The person or program that requested the run. */
  readonly requestedBy?: string | undefined;
  /** The time at which somebody paused the task, or 1970 if the time cannot be read; `undefined` if the task is not paused. */
  readonly paused?: Date | undefined;
  /** The person or program that paused the task. */
  readonly pausedBy?: string | undefined;
  /** The reason of the pause. */
  readonly pauseReason?: string | undefined;
  /** The last runs, at most 20, the oldest first. The last run that finished is kept, even if 20 have failed since then. */
  readonly recent: readonly RecentRun[];
}

/** Returns the status of a task by its record, in the host's time. */
export function taskStatusOf(record: StatusRecord | undefined, ahead: StoreAhead): TaskStatus {
  if (!record) return { state: "idle", term: 0, failures: 0, recent: [] };
  const { state, term } = record;
  const control = withoutAbsent(record, ["requestedBy", "pausedBy", "pauseReason"]);
  if (state === "idle") {
    // an idle record has an owner and a start by its format, but no run
    const { requestedMs, pausedMs, dueMs } = record;
    return { state, term, failures: 0, recent: [], ...control, ...hostTimes({ requestedMs, pausedMs, dueMs }, ahead) };
  }
  const { owner, failures, error, recent } = record;
  return {
    state,
    term,
    owner: owner === NO_OWNER ? undefined : owner,
    failures,
    error,
    ...withoutAbsent(record, ["instance"]),
    ...control,
    ...hostTimes(record, ahead),
    ...leaseEndOf(record, ahead),
    recent: recent.toArray().map((run) => ({ ...run, start: formatTime(Date.parse(run.start) - ahead.aheadMs) })),
  };
}

/** Returns the end of the lease of the run in progress, if there is one. */
function leaseEndOf(
  { state, heartbeatMs, startedMs, leaseMs }: StatusRecord,
  { aheadMs }: StoreAhead,
): { leaseEnd?: Date } {
  const endMs = (heartbeatMs ?? startedMs ?? NaN) + (leaseMs ?? NaN) - aheadMs;
  return state === "running" && isFinite(endMs) ? { leaseEnd: new Date(endMs) } : {};
}

/** Returns some texts of a record, without those that it does not have. */
function withoutAbsent<Field extends "instance" | "requestedBy" | "pausedBy" | "pauseReason">(
  record: StatusRecord,
  fields: readonly Field[],
): { [F in Field]?: string } {
  const texts: { [F in Field]?: string } = {};
  for (const field of fields) {
    const text = record[field];
    if (text !== undefined) texts[field] = text;
  }
  return texts;
}

/** Returns the valid times of a record in the host's time. */
function hostTimes(times: RecordTimes, { aheadMs, dueTimesAheadMs }: StoreAhead): ReturnType<typeof mapTimes<Date>> {
  const dueTime = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : ms + aheadMs - dueTimesAheadMs;
  const { scheduledMs, dueMs } = times;
  return mapTimes(
    { ...times, scheduledMs: dueTime(scheduledMs), dueMs: dueTime(dueMs) },
    (ms) => new Date(ms - aheadMs),
  );
}
