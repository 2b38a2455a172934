/**
 * The store's clock, as far as a replica can know it between two reads.
 *
 * @module
 */
import { type Clock, elapsedMs, type Instant } from "./clock.ts";
import { COARSE_MS, JUMP_MS, MAX_DATE_MS } from "./limits.ts";
import type { ReadAnswer } from "./store_call.ts";

/** What a read told of the store's time: somewhere between its sending and its answer, the store's clock stood there. */
export interface Anchor {
  readonly storeMs: number;
  /** How much later it may really have been, as the store told less than it knew. */
  readonly coarseMs: number;
  readonly sent: Instant;
  readonly received: Instant;
}

/** What the answer of a read tells of the store's time, if anything. */
export function anchorOf({ entry, sent, received }: ReadAnswer): Anchor | undefined {
  const storeMs = entry?.storeTime;
  if (typeof storeMs !== "number" || !(Math.abs(storeMs) < MAX_DATE_MS)) return undefined;
  return { storeMs, coarseMs: storeMs % COARSE_MS === 0 ? COARSE_MS : 0, sent, received };
}

/** The present in store time, and never later than it really is: nothing is begun too early by it. */
export function earliestNowMs(clock: Clock, anchor: Anchor | undefined): number {
  if (!anchor) return clock.nowMs();
  return Math.floor(anchor.storeMs + clock.nowMs() - anchor.received.wallMs);
}

/** The present in store time, and never earlier than it really is: a sign of life so dated is not believed too short. */
export function latestNowMs(clock: Clock, anchor: Anchor | undefined): number {
  if (!anchor) return clock.nowMs();
  return Math.ceil(anchor.storeMs + anchor.coarseMs + elapsedMs(clock, anchor.sent));
}

/** How far the store's clock is ahead of the host's: what is taken from its times where users see them. */
export function aheadMs(anchor: Anchor | undefined): number {
  return anchor ? Math.round(anchor.storeMs - anchor.received.wallMs) : 0;
}

/** The same for due times: in whole minutes, so that they do not move with each read. */
export function dueAheadMs(anchor: Anchor | undefined): number {
  return Math.round(aheadMs(anchor) / 60_000) * 60_000;
}

/** Whether the host's clocks have gone on side by side, so that the anchor still tells the time. */
export function isSteady(clock: Clock, anchor: Anchor | undefined): boolean {
  if (!anchor) return true;
  const { wallMs, monotonicMs } = anchor.received;
  return Math.abs((clock.nowMs() - wallMs) - (clock.monotonicMs() - monotonicMs)) <= JUMP_MS;
}
