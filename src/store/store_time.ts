/**
 * The store's time between two reads.
 *
 * @module
 */
import { type Clock, elapsedMs, hasKeptPace, type Instant } from "../time/clock.ts";
import { COARSE_MS } from "../record/plausibility.ts";
import { MAX_DATE_MS } from "../record/record_time.ts";

/** Due times are converted to the host's time by whole minutes, so that they do not change with each read. */
const MINUTE_MS = 60_000;

/** A sample of the store's clock, taken between the sending of a read and its answer. */
export interface StoreTimeSample {
  readonly storeMs: number;
  /** One second if the sample was cut to whole seconds, so that the true time may be later by it; otherwise 0. */
  readonly coarseMs: number;
  readonly sent: Instant;
  readonly received: Instant;
}

/** Returns the sample of a read, or `undefined` if the store has no clock or its time is invalid. */
export function sampleStoreTime(storeMs: unknown, sent: Instant, received: Instant): StoreTimeSample | undefined {
  if (typeof storeMs !== "number" || !(Math.abs(storeMs) < MAX_DATE_MS)) return undefined;
  return { storeMs, coarseMs: storeMs % COARSE_MS === 0 ? COARSE_MS : 0, sent, received };
}

/** Returns the earliest possible present in store time. A run that is due by it never starts too early. */
export function earliestNowMs(clock: Clock, sample: StoreTimeSample | undefined): number {
  if (!sample) return clock.nowMs();
  return Math.floor(sample.storeMs + clock.nowMs() - sample.received.wallMs);
}

/** Returns the latest possible present in store time. A lease that is dated by it never ends too early for other replicas. */
export function latestNowMs(clock: Clock, sample: StoreTimeSample | undefined): number {
  if (!sample) return clock.nowMs();
  return Math.ceil(sample.storeMs + sample.coarseMs + elapsedMs(clock, sample.sent));
}

/** Returns the lead of the store's clock over the host's, in milliseconds. It is subtracted from the times for users. */
export function storeAheadMs(sample: StoreTimeSample | undefined): number {
  return sample ? Math.round(sample.storeMs - sample.received.wallMs) : 0;
}

/** Returns the lead that applies to due times, in whole minutes. */
export function dueTimesAheadMs(sample: StoreTimeSample | undefined): number {
  return Math.round(storeAheadMs(sample) / MINUTE_MS) * MINUTE_MS;
}

/** The lead of the store's clock over the host's, in milliseconds. */
export interface StoreAhead {
  readonly aheadMs: number;
  /** The lead that applies to due times, in whole minutes. */
  readonly dueTimesAheadMs: number;
}

/** Returns the lead of the store's clock over the host's. */
export function storeAheadOf(sample: StoreTimeSample | undefined): StoreAhead {
  return { aheadMs: storeAheadMs(sample), dueTimesAheadMs: dueTimesAheadMs(sample) };
}

/** Returns whether a sample is still valid, as the host's clocks have not jumped since then. */
export function isReliable(clock: Clock, sample: StoreTimeSample | undefined): boolean {
  return sample === undefined || hasKeptPace(clock, sample.received);
}
