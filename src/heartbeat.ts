/**
 * The signs of life of a run, and the end of the trust in its lease.
 *
 * @module
 */
import { pause } from "./backoff.ts";
import { type Held, writeHeld } from "./claim.ts";
import { elapsedMs, setAlarm } from "./clock.ts";
import type { Replica } from "./replica.ts";

/**
 * Writes a heartbeat at each interval, as long as the record is the run's.
 *
 * @param replica Whose run.
 * @param held Its record.
 * @param over Ends it.
 * @param lose Called when the lease can no longer be trusted.
 * @returns Resolves when it has ended and no write is under way any more.
 */
export async function keepAlive(
  replica: Replica,
  held: Held,
  over: AbortSignal,
  lose: () => void,
): Promise<void> {
  const { clock, heartbeatIntervalMs, leaseMs } = replica.settings;
  while (!over.aborted) {
    const trustedMs = held.status.leaseMs! - elapsedMs(clock, held.confirmed!);
    const clearEnd = setAlarm(clock, lose, trustedMs);
    await pause(clock, heartbeatIntervalMs!, over);
    const next = { ...held.status, heartbeatMs: replica.latestNowMs, leaseMs };
    // nothing is sent when the pause has ended because the run has
    const outcome = await writeHeld(replica, held, next, over);
    if (outcome === "lost" && !over.aborted) lose();
    clearEnd();
  }
}
