/**
 * The status record, and other data at the key of a task.
 *
 * @module
 */
import { type ListedStandby, NO_STANDBYS } from "./listed_standbys.ts";
import { RecentRuns } from "./recent_runs.ts";

/** The state of a task: never run, running, or the outcome of the last run. */
export type TaskState = "idle" | "running" | "finished" | "failed";

/** The `format` of every status record. */
export const FORMAT = "neat-periodic-task-status";

/** The version of the record format. It is that of Dart's `neat_periodic_task`. */
export const VERSION = 1;

/** The highest term. A record with this term cannot be claimed, as the next term would not be exact. */
export const MAX_TERM: number = Number.MAX_SAFE_INTEGER;

/** The owner of a record that has no preferred replica. */
export const NO_OWNER = "-";

/** The fields of a record that contain times of the past. */
export const PAST_TIME_FIELDS = ["started", "heartbeat", "scheduled", "finished", "requested", "paused"] as const;

/** The fields of a record that contain times. */
export const TIME_FIELDS: readonly [...typeof PAST_TIME_FIELDS, "due"] = [...PAST_TIME_FIELDS, "due"];

type TimeField = typeof TIME_FIELDS[number];

/** The times of a record in milliseconds since 1970. An absent time is `undefined`, and one that cannot be parsed is NaN. */
export type RecordTimes = { readonly [Field in TimeField as `${Field}Ms`]?: number | undefined };

/** A status record. */
export interface StatusRecord extends RecordTimes {
  readonly state: TaskState;
  /** The random id of the claim; {@linkcode NO_OWNER} if no replica is preferred for the next run. */
  readonly owner: string;
  /** The fencing token; 0 if the record has none. */
  readonly term: number;
  /** Until this time after its last heartbeat or its start, the holder may be running. */
  readonly leaseMs?: number | undefined;
  /** The random id of the write; absent in records of Dart's `neat_periodic_task`. */
  readonly write?: string | undefined;
  /** The number of failures in a row. */
  readonly failures: number;
  /** The error of the last failure. */
  readonly error?: string | undefined;
  /** The instance that claimed the record last. */
  readonly instance?: string | undefined;
  /** The person or program that requested a run. */
  readonly requestedBy?: string | undefined;
  /** The person or program that paused the task. */
  readonly pausedBy?: string | undefined;
  readonly pauseReason?: string | undefined;
  /** The listed standby to which the replica that ran last has handed the next run; absent if that one is preferred itself. */
  readonly preferred?: string | undefined;
  /** Standbys that check the next due times, so that the other ones need not. */
  readonly standbys: readonly ListedStandby[];
  readonly recent: RecentRuns;
}

/** The data at a key of a store. */
export type FoundRecord =
  | { readonly kind: "none" }
  | { readonly kind: "record"; readonly record: StatusRecord }
  /** Data of another format. It is not overwritten, and the task does not run. */
  | { readonly kind: "foreign"; readonly description: string }
  /** A record of a newer version. It is not overwritten, and the task does not run. */
  | { readonly kind: "newer"; readonly description: string };

/** No data at a key. */
export const NONE: FoundRecord = { kind: "none" };

/** The record before the first run. */
export const NEVER_RUN: StatusRecord = {
  state: "idle",
  startedMs: NaN,
  owner: NO_OWNER,
  heartbeatMs: undefined,
  scheduledMs: undefined,
  term: 0,
  leaseMs: undefined,
  write: undefined,
  finishedMs: undefined,
  failures: 0,
  error: undefined,
  instance: undefined,
  requestedMs: undefined,
  requestedBy: undefined,
  pausedMs: undefined,
  pausedBy: undefined,
  pauseReason: undefined,
  dueMs: undefined,
  preferred: undefined,
  standbys: NO_STANDBYS,
  recent: RecentRuns.NONE,
};

/** Returns the valid times of a record, each converted. */
export function mapTimes<T>(times: RecordTimes, convert: (ms: number) => T): { [Field in TimeField]?: T } {
  const mapped: { [Field in TimeField]?: T } = {};
  for (const field of TIME_FIELDS) {
    const ms = times[`${field}Ms`];
    if (ms !== undefined && Number.isFinite(ms)) mapped[field] = convert(ms);
  }
  return mapped;
}
