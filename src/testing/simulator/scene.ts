/**
 * What the checks of a world have in common: the world, and where to say what they have found.
 *
 * @module
 */
import type { History } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { WorldPlan } from "./plan.ts";
import type { PromiseName } from "./promises.ts";
import type { SchedulerSeen, WriteSeen } from "./seen.ts";
import type { VirtualTime } from "./virtual_time.ts";
import { marginMs } from "./lengths.ts";
import type { StoreClock } from "./store_clock.ts";

/** The world as checks see it. */
export interface Scene {
  readonly plan: WorldPlan;
  readonly time: VirtualTime;
  readonly history: History;
  readonly storeClock: StoreClock;
  /** Whether the store tells a clock of which nothing is known: then nothing is checked that is reckoned in store time. */
  readonly isTimeUnknown: boolean;
  /** Whether equal bodies have equal versions in the store, in which bodies may be put back. */
  readonly sharesVersions: boolean;
  /** Whether the calls of a machine don't get through. */
  isCut(machine: Machine): boolean;
  /** Counts that a promise was checked. */
  checked(promise: PromiseName): void;
  /** Says that a promise was broken. */
  broken(promise: PromiseName, how: string): void;
}

/** The store's clock at a true time, to fractions of a millisecond; absent where it tells none. */
export function storeMs({ storeClock }: Scene, atMs: number): number | undefined {
  return storeClock.use === "known" ? storeClock.at(atMs) : undefined;
}

/** The present by the clock that a scheduler has to go by: the store's, or its own where the store has none. */
export function reckonedMs(scene: Scene, { process: { machine: { clock } } }: SchedulerSeen): number {
  return storeMs(scene, scene.time.nowMs) ?? clock.wallMs;
}

/** By how much a scheduler may be wrong about the store's time because its clock runs at another rate. */
export function driftMs(scene: Scene, scheduler: SchedulerSeen, ageMs: number): number {
  return scene.storeClock.use === "known" ? ageMs * Math.abs(scheduler.process.machine.clock.rate - 1) : 0;
}

/** What rounding and late timers may take. */
export const SLACK_MS = 5;

/**
 * How much of the margin is left for pauses when a scheduler takes a claim over from its holder, or nothing if their clocks are
 * worse than the promises take: set meanwhile, of rates too different, or, where the store has no clock, too far apart.
 */
export function leftOfMarginMs(scene: Scene, holder: WriteSeen, taker: WriteSeen): number | undefined {
  const { storeClock, time: { nowMs } } = scene;
  if (scene.isTimeUnknown) return undefined;
  const hasClock = storeClock.use === "known";
  const [one, other] = [holder.scheduler.process.machine, taker.scheduler.process.machine];
  const leaseMs = holder.view.leaseMs ?? taker.scheduler.lengths.timeoutMs;
  const { clockToleranceMs } = taker.scheduler.lengths;
  const fromMs = Math.min(holder.sentMs - holder.anchorAgeMs, taker.sentMs - taker.anchorAgeMs);
  if (one.hasJumped(fromMs, nowMs) || other.hasJumped(fromMs, nowMs)) return undefined;
  // a sleeping machine's monotonic clock stands still
  if (other.hasSlept(holder.sentMs, nowMs)) return undefined;
  const apartMs = Math.abs(one.clock.rate - (hasClock ? 1 : other.clock.rate)) * leaseMs +
    driftMs(scene, holder.scheduler, holder.anchorAgeMs) + driftMs(scene, taker.scheduler, taker.anchorAgeMs);
  // replicas of the original date what they write by their own clocks
  const ofOriginalMs = holder.scheduler.isOriginal && hasClock ? Math.abs(one.clock.aheadMs - storeClock.offsetMs) : 0;
  const isFar = Math.abs(one.clock.aheadMs - other.clock.aheadMs) + apartMs >= clockToleranceMs;
  if (!hasClock && isFar) return undefined;
  const leftMs = marginMs(leaseMs, clockToleranceMs) - apartMs - ofOriginalMs - SLACK_MS;
  return leftMs > 0 ? leftMs : undefined;
}

/** Until when the holder of a lease whose sign of life was sent at a time trusts it, by its own clock. */
export function trustEndMs(sign: WriteSeen, signMs: number, otherwiseMs: number): number {
  return signMs + (sign.view.leaseMs ?? otherwiseMs) / sign.scheduler.process.machine.clock.rate;
}
