/**
 * The status record: its fields, and what a store may hold instead of one.
 *
 * @module
 */
import { RecentRuns } from "./recent_runs.ts";

/** The state of a task by its record: never run, running, or how the last run ended. */
export type TaskState = "idle" | "running" | "finished" | "failed";

/** The `format` of every status record. */
export const FORMAT = "neat-periodic-task-status";

/** The version of the records that this package writes. It is the original's. */
export const VERSION = 1;

/** The highest term. A record that has it cannot be claimed, as the next term would not differ from it. */
export const MAX_TERM: number = Number.MAX_SAFE_INTEGER;

/** The owner of a record that has no preferred replica. */
export const NO_OWNER = "-";

/** The fields of a record that are times. */
export const TIME_FIELDS = ["started", "heartbeat", "scheduled", "finished", "requested"] as const;

type TimeField = typeof TIME_FIELDS[number];

/** The times of a record in milliseconds since 1970: `undefined` if absent, NaN if it cannot be parsed. */
export type RecordTimes = { readonly [Field in TimeField as `${Field}Ms`]?: number | undefined };

/** A status record. */
export interface StatusRecord extends RecordTimes {
  readonly state: TaskState;
  /** Random for each claim; {@linkcode NO_OWNER} if no replica is preferred for the next run. */
  readonly owner: string;
  /** The fencing token; 0 if the record has none. */
  readonly term: number;
  /** How long the holder may be running after its last heartbeat, or after its start. */
  readonly leaseMs?: number | undefined;
  /** Random for each write; absent in records of the original. */
  readonly write?: string | undefined;
  /** The failures in a row. */
  readonly failures: number;
  /** The error of the last failure. */
  readonly error?: string | undefined;
  readonly recent: RecentRuns;
}

/** What a store holds at a key. */
export type FoundRecord =
  | { readonly kind: "none" }
  | { readonly kind: "record"; readonly record: StatusRecord }
  /** Data of another format: never written, never run. */
  | { readonly kind: "foreign"; readonly description: string }
  /** A record of a newer version: never written, never run. */
  | { readonly kind: "newer"; readonly description: string };

/** There is no record. */
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
  requestedMs: undefined,
  recent: RecentRuns.NONE,
};

/** Converts the times that a record has. */
export function mapTimes<T>(times: RecordTimes, convert: (ms: number) => T): { [Field in TimeField]?: T } {
  const mapped: { [Field in TimeField]?: T } = {};
  for (const field of TIME_FIELDS) {
    const ms = times[`${field}Ms`];
    if (ms !== undefined && Number.isFinite(ms)) mapped[field] = convert(ms);
  }
  return mapped;
}
