/** What the replicas are set to, and what the checks must allow for. Lengths are in milliseconds. */
export interface ReplicaSettings {
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly retryDelayMs: number;
  readonly clockToleranceMs: number;
  /** The resolution of the store's clock; 0 if it has none. */
  readonly storeClockMs: number;
}

/** The longest delay of an event in a process that nothing delays. Longer ones are logged as stalls. */
export const MAX_DELAY_MS = 75;

/** How long a replica may do nothing after a store error: it repeats the call within half a second, or waits for one. */
export const RECOVERY_MS = 1_500;

const COMMON = { intervalMs: 800, leaseMs: 1_200, retryDelayMs: 300 };

/** Settings for replicas on a Deno KV file. They are on one host and so share one clock. */
export const DENO_KV_SETTINGS: ReplicaSettings = { ...COMMON, clockToleranceMs: 100, storeClockMs: 0 };

/** Settings for replicas on an SQLite file. Its clock is that of the host, in milliseconds. */
export const SQLITE_SETTINGS: ReplicaSettings = { ...COMMON, clockToleranceMs: 100, storeClockMs: 1 };

/** Settings for replicas on Cloud Storage. Its clocks have whole seconds, so the tolerance cannot be shorter. */
export const CLOUD_STORAGE_SETTINGS: ReplicaSettings = { ...COMMON, clockToleranceMs: 5_000, storeClockMs: 1_000 };

/**
 * Settings for replicas on S3. Servers such as versitygw renew the second of their answers by a timer, and not at its start, so that
 * their clock is up to a second behind that of the host.
 */
export const S3_SETTINGS: ReplicaSettings = { ...CLOUD_STORAGE_SETTINGS, storeClockMs: 2_000 };

/** Settings for replicas on Redis, whose clock has microseconds. */
export const REDIS_SETTINGS: ReplicaSettings = { ...COMMON, clockToleranceMs: 5_000, storeClockMs: 1 };

/** Settings for replicas on PostgreSQL, MySQL or MariaDB, whose clocks have microseconds. */
export const SQL_SETTINGS: ReplicaSettings = { ...COMMON, clockToleranceMs: 5_000, storeClockMs: 1 };

/** Returns how long others wait beyond the end of a lease. */
export function leaseMarginMs({ leaseMs, clockToleranceMs, storeClockMs }: ReplicaSettings): number {
  return storeClockMs > 0 ? Math.min(leaseMs / 10, clockToleranceMs) : clockToleranceMs;
}

/** Returns how long after a run may be claimed some replica that can claim it checks the record. */
export function maxCheckDelayMs({ intervalMs, storeClockMs }: ReplicaSettings): number {
  // A standby waits for up to twice its fallback delay, a quarter of the interval. Replicas that wait for the end of a lease
  // check one after another. A timer, a read, a claim and the start of the run may each be delayed.
  return intervalMs / 2 + intervalMs / 20 + storeClockMs + 4 * MAX_DELAY_MS;
}
