/**
 * The store's time, estimated between two reads.
 *
 * @module
 */
import { type Clock, elapsedMs, hasKeptPace, type Instant } from "../time/clock.ts";
import { COARSE_MS } from "../record/plausibility.ts";
import { MAX_DATE_MS } from "../record/record_time.ts";

/** Due times are moved to the host's time in whole minutes, so that they do not change with each read. */
const MINUTE_MS = 60_000;

/** A sample of the store's clock: it showed a time somewhere between the sending of a read and its answer. */
export interface StoreTimeSample {
  readonly storeMs: number;
  /** How much later it may have been, as the store shows whole seconds. */
  readonly coarseMs: number;
  readonly sent: Instant;
  readonly received: Instant;
}

/** Returns the sample from the answer of a read, or `undefined` if the answer has no time. */
export function sampleStoreTime(storeMs: unknown, sent: Instant, received: Instant): StoreTimeSample | undefined {
  if (typeof storeMs !== "number" || !(Math.abs(storeMs) < MAX_DATE_MS)) return undefined;
  return { storeMs, coarseMs: storeMs % COARSE_MS === 0 ? COARSE_MS : 0, sent, received };
}

/** Returns the present in store time, never later than it really is, so that nothing starts too early. */
export function earliestNowMs(clock: Clock, sample: StoreTimeSample | undefined): number {
  if (!sample) return clock.nowMs();
  return Math.floor(sample.storeMs + clock.nowMs() - sample.received.wallMs);
}

/** Returns the present in store time, never earlier than it really is, so that heartbeats are believed for long enough. */
export function latestNowMs(clock: Clock, sample: StoreTimeSample | undefined): number {
  if (!sample) return clock.nowMs();
  return Math.ceil(sample.storeMs + sample.coarseMs + elapsedMs(clock, sample.sent));
}

/** Returns how far the store's clock is ahead of the host's, in milliseconds. It is subtracted from the times that users see. */
export function storeAheadMs(sample: StoreTimeSample | undefined): number {
  return sample ? Math.round(sample.storeMs - sample.received.wallMs) : 0;
}

/** Returns the same for due times, in whole minutes. */
export function dueTimesAheadMs(sample: StoreTimeSample | undefined): number {
  return Math.round(storeAheadMs(sample) / MINUTE_MS) * MINUTE_MS;
}

/** Returns whether the sample is still valid, as the host's clocks have not jumped since. */
export function isReliable(clock: Clock, sample: StoreTimeSample | undefined): boolean {
  return sample === undefined || hasKeptPace(clock, sample.received);
}
