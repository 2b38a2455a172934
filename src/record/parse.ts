/**
 * Parses status records. Formats: docs/record-format.md.
 *
 * @module
 */
import { isCount } from "./count.ts";
import { MAX_DURATION_MS } from "../time/duration.ts";
import { RecentRuns } from "./recent_runs.ts";
import { parseTime } from "./record_time.ts";
import {
  FORMAT,
  type FoundRecord,
  MAX_TERM,
  NO_OWNER,
  NONE,
  type StatusRecord,
  type TaskState,
  VERSION,
} from "./status_record.ts";

const STATES: readonly unknown[] = ["idle", "running", "finished", "failed"] satisfies TaskState[];

/** Ids as this package and the original make them. Others could make the record too long. */
const ID = /^[!-~]{1,64}$/;

/**
 * Parses what a store holds at a key. Never throws, whatever the bytes.
 *
 * @param value The bytes, or `null` if there are none. Zero bytes count as none.
 */
export function parseRecord(value: Uint8Array | null): FoundRecord {
  if (value === null || value.length === 0) return NONE;
  const fields = parseJson(value);
  if (fields?.format !== FORMAT) return { kind: "foreign", description: "data of another format" };
  const { version } = fields;
  if (typeof version === "number" && version > VERSION) return { kind: "newer", description: `version ${version}` };
  return { kind: "record", record: parseFields(fields) };
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(value: Uint8Array): Fields | null | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
  } catch {
    return undefined;
  }
}

/** Parses the fields of a record. The result has all properties, so that all records have one shape in memory. */
function parseFields(fields: Fields): StatusRecord {
  const { state, failures } = fields;
  return {
    // a state of a later version is not taken for the end of a run
    state: STATES.includes(state) ? state as TaskState : "running",
    startedMs: parseTime(fields.started ?? NaN),
    owner: parseId(fields.owner) ?? NO_OWNER,
    heartbeatMs: parseTime(fields.heartbeat),
    scheduledMs: parseTime(fields.scheduled),
    term: parseTerm(fields.term),
    leaseMs: parseLease(fields.lease),
    write: parseId(fields.write),
    finishedMs: parseTime(fields.finished),
    failures: isCount(failures) && failures > 0 ? failures : state === "failed" ? 1 : 0,
    error: typeof fields.error === "string" && fields.error !== "" ? fields.error : undefined,
    requestedMs: parseTime(fields.requested),
    recent: RecentRuns.parse(fields.recent),
  };
}

function parseId(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

/** Parses a term. One that is too high to rise, or to differ from the next one, counts as the highest. */
function parseTerm(value: unknown): number {
  if (typeof value === "number" && value >= MAX_TERM) return MAX_TERM;
  return isCount(value) ? value : 0;
}

function parseLease(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value <= MAX_DURATION_MS ? value : undefined;
}
