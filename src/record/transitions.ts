/**
 * How claims, heartbeats and outcomes change the status record.
 *
 * @module
 */
import { textOf } from "../errors.ts";
import { newId } from "./ids.ts";
import type { ListedStandby } from "./listed_standbys.ts";
import type { RunOutcome } from "./recent_runs.ts";
import { NO_OWNER, type StatusRecord } from "./status_record.ts";
import { MAX_ERROR_LENGTH, printableText } from "./text.ts";

/** The fields of a claim. */
export interface ClaimFields {
  readonly term: number;
  readonly startedMs: number;
  /** The due time of the run. */
  readonly scheduledMs: number;
  readonly leaseMs: number;
  /** The due time after that of the run; `undefined` if there is none. */
  readonly dueMs: number | undefined;
  /** The name of the replica. */
  readonly instance: string;
  readonly standbys: readonly ListedStandby[];
}

/** Returns the record of a claim. */
export function claimedRecord(before: StatusRecord, fields: ClaimFields): StatusRecord {
  return {
    ...before,
    ...fields,
    state: "running",
    owner: newId(),
    heartbeatMs: undefined,
    requestedMs: undefined,
    requestedBy: undefined,
    preferred: undefined,
  };
}

/** Returns the record of a claim with a new heartbeat. */
export function renewedRecord(claimed: StatusRecord, heartbeatMs: number, leaseMs: number): StatusRecord {
  return { ...claimed, heartbeatMs, leaseMs };
}

/** The end of a run. */
export interface EndOfRun {
  readonly outcome: RunOutcome;
  readonly error?: unknown;
  /** The time from the claim to the end of the run. */
  readonly durationMs: number;
  /** The time of the end, in store time. */
  readonly finishedMs: number;
}

/** Returns the record after a run. */
export function completedRecord(claimed: StatusRecord, end: EndOfRun): StatusRecord {
  const { outcome, error, durationMs, finishedMs } = end;
  const isFinished = outcome === "finished";
  return {
    ...claimed,
    state: isFinished ? "finished" : "failed",
    finishedMs,
    heartbeatMs: undefined,
    leaseMs: undefined,
    failures: isFinished ? 0 : claimed.failures + 1,
    error: isFinished ? undefined : printableText(textOf(error), MAX_ERROR_LENGTH),
    recent: claimed.recent.with(claimed.startedMs ?? finishedMs, Math.round(durationMs), outcome),
  };
}

/** Returns the record as it was before a claim, but with the term of the claim and without a preferred replica. */
export function releasedRecord(before: StatusRecord, claimed: StatusRecord): StatusRecord {
  return withControlFields({ ...before, term: claimed.term, owner: NO_OWNER, preferred: undefined }, claimed);
}

/**
 * Returns a record with the pause and the request of another one, as somebody may pause the task or request a run at any time.
 *
 * @param record The record. Its request is kept if the other one has none.
 * @param changed The record that was changed last.
 */
export function withControlFields<T extends StatusRecord>(record: T, changed: StatusRecord): T {
  const { pausedMs, pausedBy, pauseReason } = changed;
  const { requestedMs, requestedBy } = changed.requestedMs === undefined ? record : changed;
  return { ...record, pausedMs, pausedBy, pauseReason, requestedMs, requestedBy };
}
