/**
 * The conditional writes, and what an unanswered write turns into.
 *
 * @module
 */
import { backoffMs, pause } from "./backoff.ts";
import { elapsedMs, type Instant, instant } from "./clock.ts";
import { newId } from "./ids.ts";
import type { Replica } from "./replica.ts";
import { parseStatus, type Status } from "./status.ts";

type Writable = { -readonly [Field in keyof Status]: Status[Field] };

/** A record that a replica claims, and that it alone may write from then on until its lease is over. */
export interface Held {
  /** The record of the claim, and later as it was last known to be written. */
  status: Status;
  /** The version that the next write replaces. */
  version: string | null;
  /** When the last confirmed sign of life was sent: from here the lease counts. Absent until the claim is won. */
  confirmed?: Instant;
}

/** What became of a write: done; overtaken by another's record; or not settled in time, so that it may still take effect. */
export type WriteOutcome = "written" | "lost" | "unknown";

/**
 * Writes a held record: first the claim, then other fields under it. Not to be called before an earlier call has ended.
 *
 * Whatever is not a clear yes is settled by reading back: our own write id means written, another's record means overtaken,
 * and the old version still there means that the same conditional write is repeated, until the lease is over. The replica
 * learns what became of the record.
 *
 * @param replica Whose record.
 * @param held The record, which is changed if it is written.
 * @param next The record that is to replace it; it gets a write id of its own.
 * @param cancel Ends it at once.
 * @param stop Keeps it from being repeated; aborts no later than `cancel`.
 * @returns What became of it.
 */
export async function writeHeld(
  replica: Replica,
  held: Held,
  next: Status,
  cancel: AbortSignal,
  stop: AbortSignal = cancel,
): Promise<WriteOutcome> {
  const { clock, minCycleMs } = replica.settings;
  const { owner, leaseMs = 0 } = held.status;
  const sent = instant(clock);
  const since = held.confirmed ?? sent;
  const status: Writable = { ...next, write: newId() };
  const confirm = (version: string): "written" => {
    Object.assign(held, { status, version, confirmed: sent });
    replica.wrote(status, version);
    return "written";
  };
  const mayGoOn = (afterMs: number): boolean => !stop.aborted && elapsedMs(clock, since) + afterMs < leaseMs;
  let isUnanswered = false;
  for (let failures = 1;; failures++) {
    try {
      const version = await replica.write(status, held.version, cancel);
      if (version) return confirm(version);
    } catch (error) {
      replica.reportStoreError(error, cancel);
      isUnanswered = true;
    }
    try {
      const answer = await replica.read(cancel);
      const { entry } = answer;
      const found = parseStatus(entry?.value);
      if (entry && found?.write === status.write) return confirm(entry.version);
      if (entry && found?.owner === owner) {
        // an earlier write of ours took effect late, or someone has added a request
        held.version = entry.version;
        status.requestedMs = found.requestedMs || status.requestedMs;
      } else if (!isUnanswered || (entry?.version ?? null) !== held.version) {
        // a store that reports a conflict where nothing has changed is believed: a claim is given up rather than forced
        replica.observe(answer);
        return "lost";
      }
    } catch (error) {
      replica.reportStoreError(error, cancel);
    }
    // two calls in two seconds; a short lease leaves less time between attempts
    const waitMs = backoffMs(failures, minCycleMs, clock.random(), Math.min(2_000, leaseMs / 4));
    // a wait beyond the end of the lease would be for nothing
    if (mayGoOn(waitMs)) {
      await pause(clock, waitMs, stop);
      if (mayGoOn(0)) continue;
    }
    replica.forget();
    return "unknown";
  }
}
