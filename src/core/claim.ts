/**
 * Claims of the record, and the conditional writes that make, renew and end them.
 *
 * @module
 */
import { releasedRecord, renewedRecord, withControlFields } from "../record/transitions.ts";
import type { StatusRecord } from "../record/status_record.ts";
import { identified, type IdentifiedRecord, type StoreClient } from "../store/client.ts";
import type { RecordEntry } from "../store/record_store.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, type Instant, instant, longestElapsedMs } from "../time/clock.ts";
import { delay } from "../time/delay.ts";

/** The shortest wait between two attempts to write, in milliseconds, if a quarter of the lease is not shorter. */
const RETRY_MS = 2_000;

/** The dependencies and settings of a claim. */
export interface ClaimContext {
  readonly client: StoreClient;
  readonly clock: Clock;
  /** The longest wait between two attempts to write, in milliseconds. */
  readonly minCycleMs: number;
}

/** The signals that end the attempts to write. */
export interface ClaimSignals {
  /** Ends the store call in progress. */
  readonly cancel: AbortSignal;
  /** Prevents further attempts. Aborts no later than `cancel`. */
  readonly stop: AbortSignal;
}

/** A record to write, and the version that it replaces. */
interface PendingWrite {
  readonly record: StatusRecord;
  readonly version: string | null;
  /** The start of the lease. No attempt starts after the end of the lease. */
  readonly trustedSince: Instant;
}

/** The outcome of a write after one or more attempts. */
type SettledWrite =
  /** The write took effect. */
  | { readonly outcome: "written"; readonly record: StatusRecord; readonly version: string; readonly sent: Instant }
  /** The write will not take effect. `isRefused` if the store refused it although the record had not changed. */
  | { readonly outcome: "lost"; readonly isRefused: boolean }
  /** The attempts ended without a clear answer. The write may still take effect. */
  | { readonly outcome: "unknown" };

/** The outcome of a claim. */
export type ClaimResult =
  | { readonly outcome: "won"; readonly claim: Claim }
  | Exclude<SettledWrite, { outcome: "written" }>;

/**
 * Claims the record. The claim is won only if its write is known to have taken effect.
 *
 * @param context The dependencies and settings.
 * @param record The record of the claim.
 * @param version The version to replace, or `null` if there is no record.
 * @param signals The signals that end the attempts.
 * @returns The claim, or the reason why it was not won.
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

/** A claim that was won. It holds the record until its lease is over. Its writes must not overlap. */
export class Claim {
  readonly #context: ClaimContext;
  #record: StatusRecord;
  #version: string;
  #confirmed: Instant;

  /** Creates a claim from its first write. */
  constructor(context: ClaimContext, { record, version, sent }: Extract<SettledWrite, { outcome: "written" }>) {
    this.#context = context;
    this.#record = record;
    this.#version = version;
    this.#confirmed = sent;
  }

  /** The record of the last confirmed write. */
  get record(): StatusRecord {
    return this.#record;
  }

  /** The time at which the last confirmed write was sent. The lease starts at this time. */
  get confirmed(): Instant {
    return this.#confirmed;
  }

  /** The rest of the lease, in milliseconds. */
  get trustedMs(): number {
    return (this.#record.leaseMs ?? 0) - longestElapsedMs(this.#context.clock, this.#confirmed);
  }

  /** Writes a heartbeat, which renews the lease. */
  renew(leaseMs: number, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(renewedRecord(this.#record, this.#context.client.latestNowMs, leaseMs), cancel);
  }

  /** Writes the record after the run. Retries until the lease is over. */
  complete(record: StatusRecord, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(record, cancel);
  }

  /** Restores the record as it was before the claim, so that another replica may claim it. */
  release(before: StatusRecord, cancel: AbortSignal): Promise<SettledWrite["outcome"]> {
    return this.#write(releasedRecord(before, this.#record), cancel);
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
 * Writes a record, and repeats the write until its outcome is known or the lease is over.
 *
 * If the store does not confirm the write, the record is read back, as {@linkcode judgeReadBack} describes.
 *
 * @param context The dependencies and settings.
 * @param write The record, and the version to replace.
 * @param signals The signals that end the attempts.
 * @param claimed The current record of the claim. If the write makes the claim, it is the written record.
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
  const mayTryAfter = (waitMs: number): boolean =>
    !stop.aborted && longestElapsedMs(clock, trustedSince) + waitMs < leaseMs;
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
      const hasNewVersion = verdict.version !== pending.version;
      pending.version = verdict.version;
      pending.record = verdict.record;
      // the store answers, and the next attempt replaces another version: no wait is needed
      if (hasNewVersion && mayTryAfter(0)) continue;
    }
    // a short lease leaves less time between attempts
    const waitMs = backoffMs(failures, minCycleMs, clock.random(), Math.min(RETRY_MS, leaseMs / 4));
    // no attempt may follow a wait that ends after the lease
    if (mayTryAfter(waitMs)) {
      await delay(clock, waitMs, stop);
      if (mayTryAfter(0)) continue;
    }
    client.forget();
    return { outcome: "unknown" };
  }
}

/** A write without a confirmation. */
interface WriteInDoubt {
  readonly record: IdentifiedRecord;
  readonly version: string | null;
  /** The owner of the claim. */
  readonly owner: string;
}

/** The outcome of a write by the record that was read back after it. */
type Verdict =
  | { readonly outcome: "written"; readonly version: string }
  | { readonly outcome: "lost"; readonly isRefused: boolean }
  /** Not known yet. The next attempt writes this record over this version. */
  | { readonly outcome: "open"; readonly version: string | null; readonly record: IdentifiedRecord };

/**
 * Returns the outcome of a write by the record that was read back after it.
 *
 * - A record with the id of the write: the write took effect.
 * - A record with the owner of the claim: an earlier write of the claim took effect late, so this one must be repeated.
 * - The old version: an unanswered write must be repeated, as it may not have arrived yet. A refused write is lost.
 * - Any other record: the write is lost.
 *
 * @param entry The record that was read back.
 * @param write The write.
 * @param isUnanswered Whether an attempt to write was not answered.
 */
export function judgeReadBack(entry: RecordEntry, write: WriteInDoubt, isUnanswered: boolean): Verdict {
  const { found, version } = entry;
  const stored = found.kind === "record" ? found.record : undefined;
  if (version !== null && stored?.write === write.record.write) return { outcome: "written", version };
  if (version !== null && stored?.owner === write.owner) {
    // an earlier write of this claim took effect late, or the task was paused, resumed or requested
    return { outcome: "open", version, record: withControlFields(write.record, stored) };
  }
  const isUnchanged = version === write.version;
  if (isUnanswered && isUnchanged) return { outcome: "open", version, record: write.record };
  // a refusal is believed even if the record has not changed: the claim is given up
  return { outcome: "lost", isRefused: isUnchanged };
}
