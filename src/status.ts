/**
 * The status record: how it is read, how it is written, and what may be overwritten.
 *
 * @module
 */
import { MAX_DURATION_MS } from "./duration.ts";

/** What a record says of the task: never run, running now, or how the last run ended. */
export type TaskState = "idle" | "running" | "finished" | "failed";

/** How a run ended. */
export type RunOutcome = "finished" | "failed" | "timeout" | "leaselost" | "aborted";

/** A run that ended, as the record keeps it. */
export interface RecentRun {
  /** When it was claimed, as ISO text. */
  readonly start: string;
  /** How long it took, in milliseconds. */
  readonly length: number;
  /** How it ended. */
  readonly outcome: RunOutcome;
}

/** The fields of a record that are times. */
export const TIMES = ["started", "heartbeat", "scheduled", "finished", "requested"] as const;

type TimeField = typeof TIMES[number];

/** The times of a record in milliseconds since 1970; one that is absent or can't be read is undefined. */
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
  readonly recent: readonly RecentRun[];
}

/** What was found at a key. */
export type FoundRecord =
  | { readonly kind: "none"; readonly status?: never; readonly unreadable?: never }
  | { readonly kind: "foreign" | "newer"; readonly found: string; readonly status?: never; readonly unreadable?: never }
  | { readonly kind: "status"; readonly status: Status; readonly unreadable: readonly string[] };

/** The owner of a record for whose next run no replica is first in line. */
export const NO_OWNER = "-";

/** What JSON would write in six bytes a piece; control characters would also break log lines. */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Cs}]/gu;

const FORMAT = "neat-periodic-task-status";
const VERSION = 1;
const MAX_ERROR_LENGTH = 500;
/** A record keeps no more runs. */
export const MAX_RECENT = 20;
const STATES: readonly unknown[] = ["idle", "running", "finished", "failed"];
const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ]([\d:]{8})(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/;

/** Reads a record; never throws, whatever the bytes. */
export function parseStatus(value: Uint8Array | null | undefined): FoundRecord {
  if (!value?.length) return { kind: "none" };
  let record: Record<string, unknown> | null | undefined;
  try {
    record = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
  } catch {
    // not JSON
  }
  if (record?.format !== FORMAT) return { kind: "foreign", found: "data of another format" };
  const { state, version } = record;
  if (typeof version === "number" && version > VERSION) return { kind: "newer", found: `version ${version}` };
  // all fields at once, so that all records have the same shape in memory
  const status: Status = {
    // a state that this version does not know is not taken for the end of a run
    state: STATES.includes(state) ? state as TaskState : "running",
    startedMs: parseTime(record.started),
    owner: text(record.owner) ?? NO_OWNER,
    heartbeatMs: parseTime(record.heartbeat),
    scheduledMs: parseTime(record.scheduled),
    term: count(record.term) ?? 0,
    leaseMs: length(record.lease),
    write: text(record.write),
    finishedMs: parseTime(record.finished),
    failures: count(record.failures) || (state === "failed" ? 1 : 0),
    error: text(record.error),
    requestedMs: parseTime(record.requested),
    recent: Array.isArray(record.recent) ? record.recent.flatMap(recentRun).slice(-MAX_RECENT) : [],
  };
  const unreadable = TIMES.filter((field) =>
    status[`${field}Ms`] === undefined && (record[field] ?? (field === "started" || undefined)) !== undefined
  );
  return { kind: "status", status, unreadable };
}

/** Milliseconds of a date and time as JavaScript or Dart write it; without a zone it is UTC. */
function parseTime(value: unknown): number | undefined {
  const parts = TIME.exec(text(value) ?? "");
  if (!parts) return undefined;
  const [, day, clock, fraction = ".", zone = "Z"] = parts;
  // not all runtimes read more or less than three digits
  const ms = Date.parse(`${day}T${clock}${fraction.padEnd(4, "0")}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function recentRun(run: Partial<RecentRun> | null): RecentRun[] {
  const startMs = parseTime(run?.start);
  const length = count(run?.length);
  const outcome = text(run?.outcome) as RunOutcome | undefined;
  // no outcome is longer, and the record must not grow
  if (startMs === undefined || length === undefined || !outcome || outcome.length > 9) return [];
  return [{ start: iso(startMs), length, outcome }];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

function length(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value <= MAX_DURATION_MS ? value : undefined;
}

/** Any safe integer but the largest, so that the next term can still rise. */
function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && value as number >= 0 && value !== Number.MAX_SAFE_INTEGER
    ? value as number
    : undefined;
}

/** A time as a record writes it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The times that a record has, each written in another way. */
export function timesOf<T>(status: Times, write: (ms: number) => T): { [Field in TimeField]?: T } {
  const times: { [Field in TimeField]?: T } = {};
  for (const field of TIMES) {
    const ms = status[`${field}Ms`];
    if (ms !== undefined) times[field] = write(ms);
  }
  return times;
}

/**
 * Writes a record: the original's fields as the original writes them, then ours. It never takes more than 4 KiB.
 *
 * @param status The record, with at most 20 runs. Of its error the first 500 characters are kept, without line breaks.
 */
export function serialiseStatus(status: Status): Uint8Array {
  const { state, startedMs = 0, owner, term, leaseMs: lease, write, failures, error = "", recent } = status;
  return new TextEncoder().encode(JSON.stringify({
    format: FORMAT,
    version: VERSION,
    state,
    started: iso(startedMs),
    owner,
    ...timesOf(status, iso),
    term,
    lease,
    write,
    failures: failures || undefined,
    error: error.slice(0, MAX_ERROR_LENGTH).replace(UNPRINTABLE, " ") || undefined,
    recent: recent.length ? recent : undefined,
  }));
}
