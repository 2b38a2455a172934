/**
 * The heartbeat of a run, and the loss of its lease.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { delay, startTimer } from "../time/delay.ts";
import type { Claim } from "./claim.ts";

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  readonly claim: Claim;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly leaseMs: number;
  /** Ends the heartbeat. */
  readonly over: AbortSignal;
  /** Called when the lease can no longer be trusted. */
  readonly onLeaseLost: () => void;
}

/**
 * Renews the lease of a claim at each interval, as long as the record is the run's.
 *
 * @returns Resolves when it has ended and no write is under way any more.
 */
export async function keepLease(
  { claim, clock, intervalMs, leaseMs, over, onLeaseLost }: HeartbeatOptions,
): Promise<void> {
  while (!over.aborted) {
    const cancelTimer = startTimer(clock, onLeaseLost, claim.trustedMs);
    await delay(clock, intervalMs, over);
    if (!over.aborted) {
      const outcome = await claim.renew(leaseMs, over);
      if (outcome === "lost" && !over.aborted) onLeaseLost();
    }
    cancelTimer();
  }
}
