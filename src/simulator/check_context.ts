/**
 * What checks know of a simulation, and what several of them reckon alike.
 *
 * @module
 */
import type { History } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { ObservedScheduler, ObservedWrite } from "./observations.ts";
import type { SimulationPlan } from "./plan.ts";
import type { PromiseName } from "./promises.ts";
import { marginMs } from "./scheduler_settings.ts";
import type { StoreClock } from "./store_clock.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** The simulation as checks know it. */
export interface CheckContext {
  readonly plan: SimulationPlan;
  readonly clock: VirtualClock;
  /** The true time: the clock's, in milliseconds since the start. */
  readonly nowMs: number;
  readonly history: History;
  readonly storeClock: StoreClock;
  /** Whether equal records have equal versions, and records are put back. */
  readonly sharesVersions: boolean;
  /** Whether the calls of a machine fail now. */
  isCutOff(machine: Machine): boolean;
  /** Counts a check of a promise. */
  checked(promise: PromiseName): void;
  /** Reports a broken promise. */
  broken(promise: PromiseName, text: string): void;
}

/** What rounding and late timers may take. */
export const SLACK_MS = 5;

/** Whether reads have a `storeTime` of an unknown clock: then nothing is checked that depends on store time. */
export function isTimeUnknown({ storeClock }: CheckContext): boolean {
  return storeClock.use === "unknown";
}

/** Whether schedulers reckon in the time of the store's clock. */
export function hasStoreTime({ storeClock }: CheckContext): boolean {
  return storeClock.use === "known";
}

/** Whether some replicas are those of Dart's neat_periodic_task. */
export function hasDartReplicas({ plan }: CheckContext): boolean {
  return plan.replicas.some(({ isDart }) => isDart);
}

/** The store time at a true time, to fractions of a millisecond; absent if reads have none. */
export function storeTimeAt(context: CheckContext, atMs: number): number | undefined {
  return hasStoreTime(context) ? context.storeClock.at(atMs) : undefined;
}

/** The present in the time that a scheduler reckons in: store time, or the time of its own clock. */
export function reckonedNowMs(context: CheckContext, { process: { machine: { clock } } }: ObservedScheduler): number {
  return storeTimeAt(context, context.nowMs) ?? clock.wallMs;
}

/** A true time in the time that a scheduler reckons in, unless its clock was set since then. */
export function reckonedMs(
  context: CheckContext,
  { process: { machine: { clock } } }: ObservedScheduler,
  atMs: number,
): number {
  return storeTimeAt(context, atMs) ?? clock.wallMs - (context.nowMs - atMs) * clock.rate;
}

/** How wrong a scheduler may be about a store time that it has known for some time, as its clock runs at another rate. */
export function driftMs(context: CheckContext, scheduler: ObservedScheduler, ageMs: number): number {
  return hasStoreTime(context) ? ageMs * Math.abs(scheduler.process.machine.clock.rate - 1) : 0;
}

/**
 * How much of the margin is left for pauses when a scheduler takes a run over from its holder.
 *
 * Returns `undefined` if the clocks are worse than the promises allow for: set meanwhile, of rates too different, or, without a
 * store clock, too far apart.
 */
export function marginLeftMs(
  context: CheckContext,
  holder: ObservedWrite,
  taker: ObservedWrite,
): number | undefined {
  if (isTimeUnknown(context)) return undefined;
  const { storeClock, nowMs } = context;
  const [one, other] = [holder.scheduler.process.machine, taker.scheduler.process.machine];
  const leaseMs = holder.view.leaseMs ?? taker.scheduler.settings.timeoutMs;
  const { clockToleranceMs } = taker.scheduler.settings;
  const fromMs = Math.min(holder.sentMs - holder.storeTimeAgeMs, taker.sentMs - taker.storeTimeAgeMs);
  if (one.hasJumped(fromMs, nowMs) || other.hasJumped(fromMs, nowMs)) return undefined;
  // the monotonic clock of a suspended machine stands still
  if (other.wasSuspended(holder.sentMs, nowMs)) return undefined;
  const isInStoreTime = hasStoreTime(context);
  const apartMs = Math.abs(one.clock.rate - (isInStoreTime ? 1 : other.clock.rate)) * leaseMs +
    driftMs(context, holder.scheduler, holder.storeTimeAgeMs) + driftMs(context, taker.scheduler, taker.storeTimeAgeMs);
  // replicas of the original date their records by their own clocks
  const dartMs = holder.scheduler.isDart && isInStoreTime ? Math.abs(one.clock.aheadMs - storeClock.offsetMs) : 0;
  const isFar = Math.abs(one.clock.aheadMs - other.clock.aheadMs) + apartMs >= clockToleranceMs;
  if (!isInStoreTime && isFar) return undefined;
  const leftMs = marginMs(leaseMs, clockToleranceMs) - apartMs - dartMs - SLACK_MS;
  return leftMs > 0 ? leftMs : undefined;
}

/**
 * The true time until which a holder trusts its lease, by its own clock.
 *
 * @param write A claim or heartbeat of the holder.
 * @param startMs When the lease starts: when the write was sent.
 * @param defaultMs The lease, if the record names none.
 */
export function leaseEndMs(write: ObservedWrite, startMs: number, defaultMs: number): number {
  return startMs + (write.view.leaseMs ?? defaultMs) / write.scheduler.process.machine.clock.rate;
}
