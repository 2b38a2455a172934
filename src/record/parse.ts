/**
 * Parses status records. See docs/record-format.md for the format.
 *
 * @module
 */
import { isCount } from "./count.ts";
import { MAX_DURATION_MS } from "../time/duration.ts";
import { parseStandbyId, parseStandbys } from "./listed_standbys.ts";
import { RecentRuns } from "./recent_runs.ts";
import { parseTime } from "./record_time.ts";
import { MAX_TEXT_LENGTH, printableText } from "./text.ts";
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

/** Matches ids. A longer id could make the record too long. */
const ID = /^[!-~]{1,64}$/;

/**
 * Parses the data at a key of a store. Never throws.
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

/** Returns the record with the given fields. A missing or invalid field has its default. */
function parseFields(fields: Fields): StatusRecord {
  const { state, failures } = fields;
  const term = parseTerm(fields.term);
  return {
    // an unknown state of a later version may mean that a run is in progress
    state: STATES.includes(state) ? state as TaskState : "running",
    startedMs: parseTime(fields.started ?? NaN),
    owner: parseId(fields.owner) ?? NO_OWNER,
    heartbeatMs: parseTime(fields.heartbeat),
    scheduledMs: parseTime(fields.scheduled),
    term,
    leaseMs: parseLease(fields.lease),
    write: parseId(fields.write),
    finishedMs: parseTime(fields.finished),
    failures: isCount(failures) && failures > 0 ? failures : state === "failed" ? 1 : 0,
    error: typeof fields.error === "string" && fields.error !== "" ? fields.error : undefined,
    instance: parseText(fields.instance),
    requestedMs: parseTime(fields.requested),
    requestedBy: parseText(fields.requestedBy),
    pausedMs: parsePauseTime(fields.paused),
    pausedBy: parseText(fields.pausedBy),
    pauseReason: parseText(fields.pauseReason),
    dueMs: parseTime(fields.due),
    preferred: parseStandbyId(fields.preferred),
    standbys: parseStandbys(fields.standbys, term),
    recent: RecentRuns.parse(fields.recent),
  };
}

/** Returns the time of a pause. A pause whose time cannot be read counts as one since 1970, so that it is seen and not replaced. */
function parsePauseTime(value: unknown): number | undefined {
  const ms = parseTime(value);
  return Number.isNaN(ms) ? 0 : ms;
}

/** Returns a text of people, cut to its maximum length. */
function parseText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? printableText(value, MAX_TEXT_LENGTH) : undefined;
}

function parseId(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

/** Returns the term of a record. A term that cannot rise counts as the highest. */
function parseTerm(value: unknown): number {
  if (typeof value === "number" && value >= MAX_TERM) return MAX_TERM;
  return isCount(value) ? value : 0;
}

function parseLease(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value <= MAX_DURATION_MS ? value : undefined;
}
