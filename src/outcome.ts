/**
 * What a run leaves in the record.
 *
 * @module
 */
import { textOf } from "./errors.ts";
import { type RunOutcome, withRun } from "./recent_runs.ts";
import { NO_OWNER, type Status } from "./status.ts";

/** What a run came to. */
export interface Ended {
  readonly outcome: RunOutcome;
  readonly error?: unknown;
  /** From the claim on. */
  readonly durationMs: number;
}

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
    recent: withRun(status.recent, status.startedMs!, Math.round(durationMs), outcome),
  };
}

/** The record as it was before a claim, but with the term of the claim, and with no one first in line. */
export function givenBack(base: Status, { term }: Status): Status {
  return { ...base, term, owner: NO_OWNER };
}
