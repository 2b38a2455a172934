/**
 * Claims of the record: conditional writes, and the settling of those that are not answered.
 *
 * @module
 */
import { releasedRecord, renewedRecord } from "../record/transitions.ts";
import type { StatusRecord } from "../record/status_record.ts";
import { identified, type IdentifiedRecord, type StoreClient } from "../store/client.ts";
import type { RecordEntry } from "../store/record_store.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, type Instant, instant, longestElapsedMs } from "../time/clock.ts";
import { delay } from "../time/delay.ts";

/** The shortest wait between two tries of a write, in milliseconds, unless the lease is shorter than four of them. */
const RETRY_MS = 2_000;

/** What a claim needs. */
export interface ClaimContext {
  readonly client: StoreClient;
  readonly clock: Clock;
  /** The longest wait between two writes, in milliseconds. */
  readonly minCycleMs: number;
}

/** When a claim stops trying. */
export interface ClaimSignals {
  /** Ends the call under way. */
  readonly cancel: AbortSignal;
  /** No further call begins after it; aborts no later than `cancel`. */
  readonly stop: AbortSignal;
}

/** A record to write, and the version that it replaces. */
interface PendingWrite {
  readonly record: StatusRecord;
  readonly version: string | null;
  /** The start of the lease that bounds further tries. */
  readonly trustedSince: Instant;
}

/** How a write ended that was repeated until it was settled. */
type SettledWrite =
  | { readonly outcome: "written"; readonly record: StatusRecord; readonly version: string; readonly sent: Instant }
  /** Another write came first. `isUnexplained` if the store refused the write although the version has not changed. */
  | { readonly outcome: "lost"; readonly isUnexplained: boolean }
  /** Not settled in time: it may still take effect. */
  | { readonly outcome: "unknown" };

/** How a claim ended. */
export type ClaimResult =
  | { readonly outcome: "won"; readonly claim: Claim }
  | Exclude<SettledWrite, { outcome: "written" }>;

/**
 * Claims the record. The claim is won only if it is known to be ours.
 *
 * @param context What the claim needs.
 * @param record The record of the claim.
 * @param version The version that it replaces, `null` if there is no record.
 * @param signals When to stop trying.
 */
export async function acquireClaim(
  context: ClaimContext,
  record: StatusRecord,
  version: string | null,
  signals: ClaimSignals,
): Promise<ClaimResult> {
  const trustedSince = instant(context.clock);
  const settled = await writeUntilSettled(context, { record, version, trustedSince }, signals);
  if (settled.outcome !== "written") return settled;
  return { outcome: "won", claim: new Claim(context, settled) };
}

/** A claim that is known to be ours, until its lease is over. Its writes must not overlap. */
export class Claim {
  readonly #context: ClaimContext;
  #record: StatusRecord;
  #version: string;
  #confirmed: Instant;

  /** Creates the claim of a write that was settled. */
  constructor(context: ClaimContext, { record, version, sent }: Extract<SettledWrite, { outcome: "written" }>) {
    this.#context = context;
    this.#record = record;
    this.#version = version;
    this.#confirmed = sent;
  }

  /** The record of the claim, as last confirmed. */
  get record(): StatusRecord {
    return this.#record;
  }

  /** When the last confirmed write was sent. The lease starts there. */
  get confirmed(): Instant {
    return this.#confirmed;
  }

  /** The time for which the lease can still be trusted, in milliseconds. */
  get trustedMs(): number {
    return (this.#record.leaseMs ?? 0) - longestElapsedMs(this.#context.clock, this.#confirmed);
  }

  /** Renews the lease by a heartbeat. */
  renew(leaseMs: number, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(renewedRecord(this.#record, this.#context.client.latestNowMs, leaseMs), cancel);
  }

  /** Writes the record after the run, and tries again until the lease is over. */
  complete(record: StatusRecord, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(record, cancel);
  }

  /** Puts the record back to what it was before the claim, so that another replica may claim it. */
  release(before: StatusRecord, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(releasedRecord(before, this.#record.term), cancel);
  }

  async #write(record: StatusRecord, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    const write = { record, version: this.#version, trustedSince: this.#confirmed };
    const settled = await writeUntilSettled(this.#context, write, { cancel, stop: cancel }, this.#record);
    if (settled.outcome === "written") {
      this.#record = settled.record;
      this.#version = settled.version;
      this.#confirmed = settled.sent;
    }
    return settled.outcome;
  }
}

/**
 * Writes a record, and reads it back if the answer is not a clear yes. Our own write id means that it was written, another
 * replica's record that it was lost. The old version means that it is not settled: the same conditional write is repeated until
 * the lease is over.
 *
 * @param claimed The record that is replaced, if it is a claim of ours; else the written record is the claim.
 */
async function writeUntilSettled(
  { client, clock, minCycleMs }: ClaimContext,
  { record, version, trustedSince }: PendingWrite,
  { cancel, stop }: ClaimSignals,
  claimed: StatusRecord = record,
): Promise<SettledWrite> {
  const { owner, leaseMs = 0 } = claimed;
  const sent = instant(clock);
  const pending = { record: identified(record), version, owner };
  const isTrusted = (afterMs: number): boolean =>
    !stop.aborted && longestElapsedMs(clock, trustedSince) + afterMs < leaseMs;
  let isUnanswered = false;
  for (let failures = 1;; failures++) {
    const written = await client.write(pending.record, pending.version, { signal: cancel });
    if (written.outcome === "written") {
      return { outcome: "written", record: pending.record, version: written.version, sent };
    }
    if (written.outcome === "failed") isUnanswered = true;
    const readBack = await client.read({ signal: cancel });
    if (readBack.outcome === "read") {
      const verdict = judgeReadBack(readBack.entry, pending, isUnanswered);
      if (verdict.outcome === "written") return { ...verdict, record: pending.record, sent };
      if (verdict.outcome === "lost") return verdict;
      const isOvertakenByOurselves = verdict.version !== pending.version;
      pending.version = verdict.version;
      pending.record = verdict.record;
      // an earlier write of ours took effect late, so the store answers: nothing to wait for
      if (isOvertakenByOurselves && isTrusted(0)) continue;
    }
    // a short lease leaves less time between attempts
    const waitMs = backoffMs(failures, minCycleMs, clock.random(), Math.min(RETRY_MS, leaseMs / 4));
    // a wait beyond the end of the lease would be for nothing
    if (isTrusted(waitMs)) {
      await delay(clock, waitMs, stop);
      if (isTrusted(0)) continue;
    }
    client.forget();
    return { outcome: "unknown" };
  }
}

interface WriteInDoubt {
  readonly record: IdentifiedRecord;
  readonly version: string | null;
  readonly owner: string;
}

type Verdict =
  | { readonly outcome: "written"; readonly version: string }
  | { readonly outcome: "lost"; readonly isUnexplained: boolean }
  /** Not settled: to be written again over this version, with this record. */
  | { readonly outcome: "open"; readonly version: string | null; readonly record: IdentifiedRecord };

/**
 * Judges a write by the record that was read back after it.
 *
 * @param entry What was read.
 * @param write The write.
 * @param isUnanswered Whether it, or an earlier try of it, was not answered.
 */
export function judgeReadBack(entry: RecordEntry, write: WriteInDoubt, isUnanswered: boolean): Verdict {
  const { found, version } = entry;
  const stored = found.kind === "record" ? found.record : undefined;
  if (version !== null && stored?.write === write.record.write) return { outcome: "written", version };
  if (version !== null && stored?.owner === write.owner) {
    // an earlier write of ours took effect late, or a request was added
    return {
      outcome: "open",
      version,
      record: { ...write.record, requestedMs: stored.requestedMs || write.record.requestedMs },
    };
  }
  const isUnchanged = version === write.version;
  if (isUnanswered && isUnchanged) return { outcome: "open", version, record: write.record };
  // a store that reports a conflict where nothing has changed is believed: a claim is given up rather than forced
  return { outcome: "lost", isUnexplained: isUnchanged };
}
