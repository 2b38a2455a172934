/**
 * Promises about outages: few attempts meanwhile, and the next one soon after the end.
 *
 * @module
 */
import type { CheckContext } from "../check_context.ts";
import type { Machine } from "../machine.ts";
import type { ObservedCall, ObservedScheduler, Observer } from "../observations.ts";

const MAX_CALL_MS = 10_000;
/** A shorter lease leaves less time between the attempts to confirm a write. */
const SHORT_LEASE_MS = 8_000;
/** How many calls a run may add that starts or ends during an outage. */
const EXTRA_CALLS = 6;
/** The longest wait between attempts, if minCycle is shorter. */
const BASE_MS = 2_000;
/** How much longer anything takes at most by a clock of another rate. */
const STRETCH = 1.06;

interface Attempts {
  readonly sinceMs: number;
  count: number;
}

/** Counts the calls of each scheduler while it is cut off from the store. */
export class OutageCheck implements Observer {
  readonly #context: CheckContext;
  readonly #attempts: Map<ObservedScheduler, Attempts> = new Map();
  readonly #lastCalls: Map<ObservedScheduler, ObservedCall> = new Map();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  callSent(call: ObservedCall): void {
    const { scheduler, sentMs } = call;
    this.#lastCalls.set(scheduler, call);
    if (scheduler.isDart || !this.#context.isCutOff(scheduler.process.machine)) return;
    const attempts = this.#attempts.get(scheduler) ?? { sinceMs: sentMs, count: 0 };
    attempts.count++;
    this.#attempts.set(scheduler, attempts);
    this.#checkRate(scheduler, attempts);
  }

  outageEnded(machine: Machine | undefined): void {
    for (const [scheduler, call] of this.#lastCalls) {
      if (machine && scheduler.process.machine !== machine) continue;
      if (this.#context.isCutOff(scheduler.process.machine)) continue;
      this.#attempts.delete(scheduler);
      if (scheduler.isDart || (call.endedMs !== undefined && !call.failed)) continue;
      this.#expectRecovery(scheduler, call);
    }
  }

  #checkRate(scheduler: ObservedScheduler, { sinceMs, count }: Attempts): void {
    const { settings, process, triggers, triggeredMs } = scheduler;
    if (settings.leaseMs < SHORT_LEASE_MS || triggers.size || triggeredMs > sinceMs) return;
    this.#context.checked("outage-rate");
    const lengthMs = this.#context.nowMs - sinceMs;
    if (count > STRETCH * lengthMs / 1_000 + EXTRA_CALLS) {
      const text = `${process.name} has made ${count} calls in ${Math.round(lengthMs)} ms of an outage`;
      this.#context.broken("outage-rate", text);
    }
  }

  #expectRecovery(scheduler: ObservedScheduler, call: ObservedCall): void {
    const context = this.#context;
    const { settings: { minCycleMs, leaseMs, maxAbandoned }, process, undisturbedMs } = scheduler;
    const isStopped = (): boolean => process.isDead || process.isPaused || scheduler.stopCalledMs !== undefined;
    if (isStopped()) return;
    const callMs = call.endedMs === undefined ? Math.min(MAX_CALL_MS, leaseMs) : 0;
    const maxMs = STRETCH * (callMs + Math.max(minCycleMs, BASE_MS)) + 100;
    context.clock.after(maxMs, () => {
      const { machine } = process;
      const isDisturbed = machine.longestPauseMs(undisturbedMs, context.nowMs) > 0 ||
        machine.hasJumped(call.sentMs, context.nowMs);
      if (isStopped() || isDisturbed) return;
      // with too many abandoned calls of its task a scheduler starts nothing, and need not ask
      if (scheduler.unsettledRuns.size > maxAbandoned) return;
      context.checked("outage-recovery");
      // a call that was under way at the end may have been answered
      if (this.#lastCalls.get(scheduler) === call && (call.failed || call.endedMs === undefined)) {
        context.broken("outage-recovery", `${process.name} has not called for ${Math.round(maxMs)} ms`);
      }
    });
  }
}
