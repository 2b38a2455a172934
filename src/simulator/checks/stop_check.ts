/**
 * Promises about stop() and trigger().
 *
 * @module
 */
import type { CheckContext } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type {
  ObservedCall,
  ObservedRun,
  ObservedScheduler,
  ObservedStop,
  ObservedTrigger,
  ObservedWrite,
  Observer,
} from "../observations.ts";

const MAX_CALL_MS = 10_000;
/** What a store gets when the time of a stop is over, with what timers and calls of two kinds may take. */
const LAST_CALLS_MS = 2_200;

/** Checks what is left after a stop, and the results of triggers. */
export class StopCheck implements Observer {
  readonly #context: CheckContext;
  readonly #stops: ObservedStop[] = [];
  /** Stops that resolved in this step. */
  readonly #resolved: ObservedStop[] = [];
  readonly #stopped: Set<ObservedScheduler> = new Set();
  readonly #triggers: ObservedTrigger[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  stopCalled(stop: ObservedStop): void {
    this.#stops.push(stop);
  }

  stopResolved(stop: ObservedStop): void {
    if (stop.scheduler.isDart) return;
    this.#resolved.push(stop);
    this.#checkInTime(stop, this.#context.nowMs);
  }

  stepDone(): void {
    for (const stop of this.#resolved.splice(0)) {
      this.#checkLeft(stop);
      this.#stopped.add(stop.scheduler);
    }
    for (const { process } of this.#stopped) {
      if (!process.isDead && process.timers.size > 0) {
        const text = `${process.name} has ${process.timers.size} timers after its stop`;
        this.#context.broken("stop-leaves-nothing", text);
      }
    }
  }

  callSent({ scheduler, kind }: ObservedCall): void {
    if (!this.#stopped.has(scheduler)) return;
    this.#context.broken("stop-leaves-nothing", `${scheduler.process.name} sent a ${kind} after stop() had resolved`);
  }

  writeSent(write: ObservedWrite): void {
    if (write.kind !== "claim" || write.scheduler.isDart) return;
    this.#context.checked("stop-starts-nothing");
    if (write.scheduler.stopCalledMs !== undefined) {
      this.#context.broken("stop-starts-nothing", `${labelOf(write)} was sent after stop()`);
    }
  }

  runStarted({ scheduler, number }: ObservedRun): void {
    if (scheduler.stopCalledMs !== undefined && !scheduler.isDart) {
      this.#context.broken("stop-starts-nothing", `run ${number} started after stop()`);
    }
  }

  triggerCalled(trigger: ObservedTrigger): void {
    this.#triggers.push(trigger);
  }

  finished(): void {
    const { nowMs } = this.#context;
    for (const stop of this.#stops) {
      if (stop.resolvedMs === undefined) this.#checkInTime(stop, nowMs);
    }
    for (const trigger of this.#triggers) this.#checkTrigger(trigger);
  }

  #checkLeft({ scheduler: { process, unsettledRuns: { size } }, result }: ObservedStop): void {
    const { clean, abandoned } = result ?? { clean: undefined, abandoned: -1 };
    this.#context.checked("stop-leaves-nothing");
    if (clean !== (abandoned === 0) || abandoned !== size) {
      const text = `stop() of ${process.name} resolved with { clean: ${clean}, abandoned: ${abandoned} }`;
      this.#context.broken("stop-leaves-nothing", `${text} and ${size} unsettled calls`);
    }
  }

  #checkInTime({ scheduler, calledMs, timeoutMs }: ObservedStop, endMs: number): void {
    const { process, settings: { leaseMs, timeoutMs: runMs } } = scheduler;
    const { machine } = process;
    if (process.isDead || scheduler.isDart || machine.hasJumped(0, endMs)) return;
    if (machine.longestPauseMs(calledMs, endMs) > 0) return;
    // the run, its last heartbeat, its outcome with all attempts, and the release of its preferred place
    const wholeMs = runMs + 2 * leaseMs + 4 * Math.min(MAX_CALL_MS, leaseMs) + LAST_CALLS_MS;
    const maxMs = Math.min(wholeMs, timeoutMs === undefined ? Infinity : timeoutMs + LAST_CALLS_MS);
    this.#context.checked("stop-resolves");
    if ((endMs - calledMs) * machine.clock.rate > maxMs + 20) {
      const text = `stop() of ${process.name} took ${Math.round(endMs - calledMs)} ms, not ${maxMs} ms`;
      this.#context.broken("stop-resolves", text);
    }
  }

  #checkTrigger(trigger: ObservedTrigger): void {
    const { scheduler: { process, isDart }, result, error } = trigger;
    if (process.isDead || process.isPaused || isDart) return;
    if (error === undefined && !result) return this.#checkPendingTrigger(trigger);
    if (!result?.run) return;
    this.#context.checked("trigger-resolves");
    const run = this.#context.history.claims.get(result.run.owner)?.run;
    if (run && hasOutcome(run, result.outcome)) return;
    const text = `trigger() of ${process.name} resolved with ${result.outcome}, which is not so`;
    this.#context.broken("trigger-resolves", text);
  }

  #checkPendingTrigger({ scheduler: { process, settings: { leaseMs, timeoutMs } }, calledMs }: ObservedTrigger): void {
    const sinceMs = Math.max(calledMs, ...process.machine.pauses.map(({ toMs }) => toMs));
    const maxMs = 2 * timeoutMs + 4 * leaseMs + 8 * MAX_CALL_MS;
    this.#context.checked("trigger-resolves");
    if (this.#context.nowMs - sinceMs > maxMs) {
      this.#context.broken("trigger-resolves", `trigger() of ${process.name} has not resolved for ${maxMs} ms`);
    }
  }
}

/** Whether a run went as a trigger says. */
function hasOutcome({ endedMs, abortedMs, threw }: ObservedRun, outcome: string): boolean {
  if (outcome === "finished") return endedMs !== undefined && !threw;
  return outcome === "failed" ? threw : abortedMs !== undefined;
}
