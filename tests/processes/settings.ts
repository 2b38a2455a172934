/** What the replicas are set to, and how much of it the checks have to allow for. Lengths are in milliseconds. */
export interface Rules {
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly retryDelayMs: number;
  readonly clockToleranceMs: number;
  /** How coarse the store's clock is; 0 if it has none. */
  readonly storeClockMs: number;
}

/** No event of an unhindered process is later than it should be by more: what is, is logged as a stall. */
export const BLINK_MS = 75;

/** After an error of the store a replica may do nothing for so long: it repeats the call in half a second, or waits for one. */
export const RECOVERY_MS = 1_500;

const COMMON = { intervalMs: 800, leaseMs: 1_200, retryDelayMs: 300 };

/** Of replicas on a Deno KV file. They are on one host, and so have one clock. */
export const ON_DENO_KV: Rules = { ...COMMON, clockToleranceMs: 100, storeClockMs: 0 };

/** Of replicas on Cloud Storage, which tells its time in whole seconds: no shorter may the tolerance be, although they go by it. */
export const ON_CLOUD_STORAGE: Rules = { ...COMMON, clockToleranceMs: 5_000, storeClockMs: 1_000 };

/** How much longer than a lease others wait for its end. */
export function marginMs({ leaseMs, clockToleranceMs, storeClockMs }: Rules): number {
  return storeClockMs > 0 ? Math.min(leaseMs / 10, clockToleranceMs) : clockToleranceMs;
}

/** Within how long after a run may be begun, by the record, someone looks who can begin it. */
export function checkMs({ intervalMs, storeClockMs }: Rules): number {
  // who is not first in line waits for up to twice its patience, a quarter of the interval; those who wait for the end of a
  // lease look one after the other; a timer, a read, a claim, and the begin of the body may each take a little
  return intervalMs / 2 + intervalMs / 20 + storeClockMs + 4 * BLINK_MS;
}
