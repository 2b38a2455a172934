/**
 * The heartbeat of a run, which renews its lease.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { delay, startTimer } from "../time/delay.ts";
import type { Claim } from "./claim.ts";

/** The options of {@linkcode keepLease}. */
export interface HeartbeatOptions {
  readonly claim: Claim;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly leaseMs: number;
  /** Aborts at the end of the run. */
  readonly over: AbortSignal;
  /** Called when the lease can no longer be trusted. */
  readonly onLeaseLost: () => void;
}

/**
 * Renews the lease of a claim at each interval until the run ends. Reports a lease that can no longer be trusted.
 *
 * @returns Resolves after the end of the run, when no heartbeat is being written.
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
