/**
 * What a run leaves in the record.
 *
 * @module
 */
import { textOf } from "./errors.ts";
import { iso, MAX_RECENT, NO_OWNER, type RunOutcome, type Status } from "./status.ts";

/** What a run came to. */
export interface Ended {
  readonly outcome: RunOutcome;
  readonly error?: unknown;
  /** From the claim on. */
  readonly durationMs: number;
}

/** A record before the first run. */
export const NEVER_RUN: Status = { state: "idle", startedMs: 0, owner: NO_OWNER, term: 0, failures: 0, recent: [] };

/** The record after a run. */
export function outcomeOf(status: Status, { outcome, error, durationMs }: Ended, nowMs: number): Status {
  const isFinished = outcome === "finished";
  return {
    ...status,
    state: isFinished ? outcome : "failed",
    finishedMs: nowMs,
    heartbeatMs: undefined,
    leaseMs: undefined,
    failures: isFinished ? 0 : status.failures + 1,
    error: isFinished ? undefined : textOf(error),
    // a concatenation has no room to spare, unlike a spread
    recent: status.recent.slice(1 - MAX_RECENT).concat({
      start: iso(status.startedMs!),
      length: Math.round(durationMs),
      outcome,
    }),
  };
}

/** The record as it was before a claim, but with the term of the claim, and with no one first in line. */
export function givenBack(base: Status, { term }: Status): Status {
  return { ...base, term, owner: NO_OWNER };
}
