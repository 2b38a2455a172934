/**
 * Promises about outages: few attempts meanwhile, and the next one soon after.
 *
 * @module
 */
import type { Machine } from "../machine.ts";
import type { Scene } from "../scene.ts";
import type { CallSeen, SchedulerSeen, Watcher } from "../seen.ts";

const MAX_CALL_MS = 10_000;
/** Leases that are shorter leave less time between attempts while a write is in doubt. */
const SHORT_LEASE_MS = 8_000;
/** What a run that begins or ends just then may add. */
const EXTRA_CALLS = 6;
/** The shortest wait at the most: between the repetitions of a write. */
const BASE_MS = 2_000;
/** What the rates of clocks add at the most. */
const STRETCH = 1.06;

interface Attempts {
  sinceMs: number;
  count: number;
}

/** Counts the attempts of each scheduler while its calls don't get through. */
export class OutageCheck implements Watcher {
  readonly #scene: Scene;
  readonly #attempts: Map<SchedulerSeen, Attempts> = new Map();
  readonly #last: Map<SchedulerSeen, CallSeen> = new Map();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  called(call: CallSeen): void {
    const { scheduler, sentMs } = call;
    this.#last.set(scheduler, call);
    if (scheduler.isOriginal || !this.#scene.isCut(scheduler.process.machine)) return;
    const attempts = this.#attempts.get(scheduler) ?? { sinceMs: sentMs, count: 0 };
    attempts.count++;
    this.#attempts.set(scheduler, attempts);
    this.#checkRate(scheduler, attempts);
  }

  storeIsBack(machine: Machine | undefined): void {
    for (const [scheduler, call] of this.#last) {
      if (machine && scheduler.process.machine !== machine) continue;
      if (this.#scene.isCut(scheduler.process.machine)) continue;
      this.#attempts.delete(scheduler);
      if (scheduler.isOriginal || (call.endedMs !== undefined && !call.failed)) continue;
      this.#expectReturn(scheduler, call);
    }
  }

  #checkRate({ lengths, process, triggers, triggeredMs }: SchedulerSeen, { sinceMs, count }: Attempts): void {
    const { nowMs } = this.#scene.time;
    if (lengths.leaseMs < SHORT_LEASE_MS || triggers.size || triggeredMs > sinceMs) return;
    this.#scene.checked("outage-rate");
    const lastedMs = nowMs - sinceMs;
    if (count > STRETCH * lastedMs / 1_000 + EXTRA_CALLS) {
      const text = `${process.name} has made ${count} calls in ${Math.round(lastedMs)} ms of an outage`;
      this.#scene.broken("outage-rate", text);
    }
  }

  #expectReturn(scheduler: SchedulerSeen, call: CallSeen): void {
    const { time } = this.#scene;
    const { lengths: { minCycleMs, leaseMs, maxAbandoned }, process, undisturbedMs } = scheduler;
    if (process.isDead || process.isPaused || scheduler.stoppingMs !== undefined) return;
    const limitMs = call.endedMs === undefined ? Math.min(MAX_CALL_MS, leaseMs) : 0;
    const mostMs = STRETCH * (limitMs + Math.max(minCycleMs, BASE_MS)) + 100;
    time.after(mostMs, () => {
      const isDisturbed = process.isDead || process.isPaused ||
        process.machine.longestPauseMs(undisturbedMs, time.nowMs);
      if (isDisturbed || scheduler.stoppingMs !== undefined || process.machine.hasJumped(call.sentMs, time.nowMs)) {
        return;
      }
      // who has left too many bodies behind begins nothing, and need not ask
      if (scheduler.bodies.size > maxAbandoned) return;
      this.#scene.checked("outage-return");
      // what was on its way when the store came back may have got through
      if (this.#last.get(scheduler) === call && (call.failed || call.endedMs === undefined)) {
        this.#scene.broken("outage-return", `${process.name} has not called for ${Math.round(mostMs)} ms`);
      }
    });
  }
}
