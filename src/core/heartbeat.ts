/**
 * Renews the lease of a run by heartbeats.
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
 * Renews the lease at each interval until the run is over or the lease is lost.
 *
 * @returns Resolves when no heartbeat write is in progress.
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
