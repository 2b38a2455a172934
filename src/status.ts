/**
 * The status record: how it is read, how it is written, and what may be overwritten.
 *
 * @module
 */
import { MAX_DURATION_MS, MAX_ERROR_LENGTH, MAX_TERM, VERSION } from "./limits.ts";
import { type RecentRun, runsOf, withRun } from "./recent_runs.ts";
import { iso, parseTime } from "./record_time.ts";

/** What a record says of the task: never run, running now, or how the last run ended. */
export type TaskState = "idle" | "running" | "finished" | "failed";

/** The fields of a record that are times. */
export const TIMES = ["started", "heartbeat", "scheduled", "finished", "requested"] as const;

type TimeField = typeof TIMES[number];

/** The times of a record in milliseconds since 1970; one that is absent is undefined, and one that can't be read NaN. */
export type Times = { readonly [Field in TimeField as `${Field}Ms`]?: number | undefined };

/** A status record. */
export interface Status extends Times {
  readonly state: TaskState;
  /** Random for each claim; `-` when no replica is first in line for the next run. */
  readonly owner: string;
  /** The fencing token; 0 for a record that has none. */
  readonly term: number;
  readonly leaseMs?: number | undefined;
  /** Random for each write; absent in records of the original. */
  readonly write?: string | undefined;
  /** In a row. */
  readonly failures: number;
  readonly error?: string | undefined;
  /** The last runs, as `runsOf` reads them. */
  readonly recent: string;
  readonly kind?: never;
}

/** Data that must be left alone: no status record, or one of a newer version. */
export interface NotOurs {
  readonly kind: "foreign" | "newer";
  /** What it is. */
  readonly found: string;
  readonly owner?: never;
  readonly write?: never;
  readonly requestedMs?: never;
}

/** What was found at a key, if there was anything. */
export type FoundRecord = Status | NotOurs | undefined;

/** The owner of a record for whose next run no replica is first in line. */
export const NO_OWNER = "-";

/** What JSON would write in six bytes a piece; control characters would also break log lines. */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Cs}]/gu;

const FORMAT = "neat-periodic-task-status";
const STATES: readonly unknown[] = ["idle", "running", "finished", "failed"];

/** Reads a record; never throws, whatever the bytes. */
export function parseStatus(value: Uint8Array | null | undefined): FoundRecord {
  if (!value?.length) return undefined;
  let record: Record<string, unknown> | null | undefined;
  try {
    record = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
  } catch {
    // not JSON
  }
  if (record?.format !== FORMAT) return { kind: "foreign", found: "data of another format" };
  const { version } = record;
  if (typeof version === "number" && version > VERSION) return { kind: "newer", found: `version ${version}` };
  return statusOf(record);
}

/** What can be read of a record's fields. All are there at once, so that all records have the same shape in memory. */
function statusOf(record: Readonly<Record<string, unknown>>): Status {
  const { state } = record;
  return {
    // a state that this version does not know is not taken for the end of a run
    state: STATES.includes(state) ? state as TaskState : "running",
    startedMs: parseTime(record.started ?? NaN),
    owner: id(record.owner) ?? NO_OWNER,
    heartbeatMs: parseTime(record.heartbeat),
    scheduledMs: parseTime(record.scheduled),
    term: term(record.term),
    leaseMs: length(record.lease),
    write: id(record.write),
    finishedMs: parseTime(record.finished),
    failures: count(record.failures) || (state === "failed" ? 1 : 0),
    error: text(record.error),
    requestedMs: parseTime(record.requested),
    recent: Array.isArray(record.recent) ? record.recent.reduce(withRecent, "") : "",
  };
}

/** A record before the first run. */
export const NEVER_RUN: Status = statusOf({ state: "idle" });

function withRecent(recent: string, run: Partial<RecentRun> | null): string {
  const startMs = parseTime(run?.start) ?? NaN;
  const length = count(run?.length) ?? NaN;
  const outcome = text(run?.outcome) ?? "";
  // no outcome is longer, and the record must not grow
  return startMs + length < Infinity && /^[a-z]{1,9}$/.test(outcome)
    ? withRun(recent, startMs, length, outcome)
    : recent;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

/** An id as this package and the original make them; longer ones, or others, might make the record too long. */
function id(value: unknown): string | undefined {
  return typeof value === "string" && /^[!-~]{1,64}$/.test(value) ? value : undefined;
}

/** A term; one that is too high to rise, or to be told from the next one, counts as the highest. */
function term(value: unknown): number {
  return typeof value === "number" && value >= MAX_TERM ? MAX_TERM : count(value) ?? 0;
}

function length(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value <= MAX_DURATION_MS ? value : undefined;
}

/** Any safe integer from 0 on but the largest, so that the next term can still rise. */
export function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && value as number >= 0 && value as number < Number.MAX_SAFE_INTEGER
    ? value as number
    : undefined;
}

/** The times that a record has, each written in another way. */
export function timesOf<T>(status: Times, write: (ms: number) => T): { [Field in TimeField]?: T } {
  const times: { [Field in TimeField]?: T } = {};
  for (const field of TIMES) {
    const ms = status[`${field}Ms`];
    if (Number.isFinite(ms)) times[field] = write(ms!);
  }
  return times;
}

/**
 * Writes a record: the original's fields as the original writes them, then ours. It never takes more than 4 KiB.
 *
 * @param status The record, with at most 20 runs. Of its error the first 500 characters are kept, without line breaks.
 */
export function serialiseStatus(status: Status): Uint8Array {
  const { state, startedMs, owner, term, leaseMs: lease, write, failures, error = "", recent } = status;
  return new TextEncoder().encode(JSON.stringify({
    format: FORMAT,
    version: VERSION,
    state,
    started: iso(startedMs || 0),
    owner,
    ...timesOf(status, iso),
    term,
    lease,
    write,
    failures: failures || undefined,
    error: error.slice(0, MAX_ERROR_LENGTH).replace(UNPRINTABLE, " ") || undefined,
    recent: recent ? runsOf(recent) : undefined,
  }));
}
