/**
 * Promises about claims: who runs them, when they may be made, and that they are run.
 *
 * @module
 */
import { type CheckContext, leaseEndMs, marginLeftMs, SLACK_MS } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedCall, ObservedRun, ObservedWrite, Observer } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** Checks each claim and its run. */
export class ClaimCheck implements Observer {
  readonly #context: CheckContext;
  /** Claims that were confirmed in this step. */
  #confirmed: ObservedWrite[] = [];
  /** Active runs whose record was read in this step and has another owner. */
  readonly #lost: ObservedRun[] = [];
  /** The last claim or heartbeat in the record. */
  #lastSign: ObservedWrite | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  runStarted(run: ObservedRun): void {
    const context = this.#context;
    const { claim, number } = run;
    if (run.scheduler.isDart) return;
    context.checked("confirmed-claim");
    if (!claim || claim.scheduler !== run.scheduler) {
      return context.broken("confirmed-claim", `run ${number} has no claim of its own`);
    }
    const isApplied = claim.appliedMs !== undefined || !context.history.knowsRecord;
    if (!isApplied || claim.confirmedMs === undefined) {
      return context.broken("confirmed-claim", `run ${number} started on ${labelOf(claim)}, which is not confirmed`);
    }
    if (claim.run !== run) return context.broken("confirmed-claim", `${labelOf(claim)} was run twice`);
    this.#checkTimeLeft(run, claim);
  }

  writeKnown(write: ObservedWrite): void {
    if (write.kind === "claim") this.#confirmed.push(write);
  }

  readAnswered({ scheduler, isReadBack }: ObservedCall, view: RecordView): void {
    if (!isReadBack || scheduler.isDart) return;
    for (const run of scheduler.unsettledRuns) {
      const isOver = run.abortedMs !== undefined || run.endedMs !== undefined;
      if (!isOver && view.owner !== run.run.owner) this.#lost.push(run);
    }
  }

  stepDone(): void {
    for (const run of this.#lost.splice(0)) {
      this.#context.checked("lost-lease");
      if (run.abortedMs !== undefined || run.endedMs !== undefined) continue;
      this.#context.broken("lost-lease", `run ${run.number} goes on although its record has another owner`);
    }
    if (!this.#confirmed.length) return;
    const confirmed = this.#confirmed;
    this.#confirmed = [];
    for (const claim of confirmed) this.#checkRuns(claim);
  }

  recordChanged(write: ObservedWrite | undefined, _after: RecordView, before: RecordView): void {
    if (write?.kind === "claim" && !write.scheduler.isDart && before.state === "running") {
      this.#checkLease(write, before);
    }
    if (write?.kind === "claim" || write?.kind === "heartbeat") this.#lastSign = write;
  }

  writeSent(write: ObservedWrite): void {
    if (write.kind !== "heartbeat") return;
    const run = this.#context.history.claims.get(write.view.owner)?.run;
    this.#context.checked("late-heartbeat");
    // stop() waits for a run that it has aborted, and keeps its record meanwhile
    const isAborted = run?.abortedBy !== undefined && run.abortedBy !== "AbortError";
    if (!run || run.endedMs !== undefined || isAborted) {
      this.#context.broken("late-heartbeat", `${labelOf(write)} was sent although its run is over`);
    }
  }

  #checkTimeLeft({ number, scheduler }: ObservedRun, claim: ObservedWrite): void {
    const { process: { machine }, settings: { leaseMs, timeoutMs } } = scheduler;
    const { nowMs } = this.#context;
    if (machine.hasJumped(claim.sentMs, nowMs)) return;
    this.#context.checked("time-left");
    const elapsedMs = (nowMs - claim.sentMs) * machine.clock.rate;
    const lengthMs = Math.min(leaseMs, timeoutMs);
    if (elapsedMs > lengthMs + SLACK_MS) {
      const text = `run ${number} started ${Math.round(elapsedMs)} ms after its claim of ${lengthMs} ms`;
      this.#context.broken("time-left", text);
    }
  }

  #checkRuns(claim: ObservedWrite): void {
    const { scheduler, sentMs, mayBeGivenUp, run } = claim;
    const { machine } = scheduler.process;
    const { nowMs } = this.#context;
    const isStopping = scheduler.stopCalledMs !== undefined;
    if (mayBeGivenUp || scheduler.isDart || isStopping || scheduler.lastClaim !== claim) return;
    if (machine.hasJumped(sentMs, nowMs)) return;
    const { leaseMs, timeoutMs, startDeadlineMs } = scheduler.settings;
    // a run whose claim was answered after its start deadline is given up
    if (startDeadlineMs < Infinity) return;
    if ((nowMs - sentMs) * machine.clock.rate > Math.min(leaseMs, timeoutMs) - SLACK_MS) return;
    this.#context.checked("claim-runs");
    if (!run) this.#context.broken("claim-runs", `${labelOf(claim)} is confirmed and was not run`);
  }

  #checkLease(taker: ObservedWrite, before: RecordView): void {
    const context = this.#context;
    const holder = this.#lastSign;
    if (!holder || holder.view.owner !== before.owner) return;
    if (marginLeftMs(context, holder, taker) === undefined) return;
    context.checked("lease-respected");
    const endMs = leaseEndMs(holder, holder.sentMs, taker.scheduler.settings.timeoutMs);
    if (taker.sentMs < endMs) {
      const early = `${Math.ceil(endMs - taker.sentMs)} ms before the end of the lease`;
      context.broken("lease-respected", `${labelOf(taker)} was sent ${early} of ${labelOf(holder)}`);
    }
  }
}
