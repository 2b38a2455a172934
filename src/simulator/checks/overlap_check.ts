/**
 * Promises about runs that overlap.
 *
 * @module
 */
import { type CheckContext, hasDartReplicas, leaseEndMs, marginLeftMs, SLACK_MS } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedRun, ObservedWrite, Observer } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** Checks which runs are active at the same time, that they end in time, and that an overlap is reported. */
export class OverlapCheck implements Observer {
  readonly #context: CheckContext;
  #active: ObservedRun[] = [];
  readonly #superseded: ObservedRun[] = [];
  /** Runs that a replica of the original has taken over: it knows no lease. */
  readonly #takenByDart: Set<ObservedRun> = new Set();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  runStarted(run: ObservedRun): void {
    const { scheduler, claim } = run;
    this.#active = this.#active.filter(isActive);
    for (const other of this.#active) this.#checkPair(other, run);
    if (!this.#active.length) this.#context.checked("no-overlap");
    this.#active.push(run);
    if (scheduler.isDart || !claim) return;
    this.#context.checked("bounded-calls");
    const most = scheduler.settings.maxAbandoned + 1;
    const { size } = scheduler.unsettledRuns;
    if (size > most) {
      this.#context.broken("bounded-calls", `${scheduler.process.name} has ${size} unsettled calls, not ${most}`);
    }
  }

  runAborted(run: ObservedRun): void {
    if (run.endedMs === undefined) this.#checkInTime(run, run.abortedMs ?? Infinity);
  }

  runEnded(run: ObservedRun): void {
    if (run.abortedMs === undefined) this.#checkInTime(run, run.endedMs ?? Infinity);
  }

  recordChanged(write: ObservedWrite | undefined, _after: RecordView, before: RecordView): void {
    if (write?.kind !== "claim") return;
    // it overwrites what it cannot read, whose run may be active
    if (write.scheduler.isDart && before.kind !== "status") this.#active.forEach((run) => this.#takenByDart.add(run));
    if (before.state !== "running") return;
    const run = this.#context.history.claims.get(before.owner)?.run;
    if (!run || run.scheduler.isDart) return;
    if (write.scheduler.isDart) this.#takenByDart.add(run);
    run.supersededMs = this.#context.nowMs;
    this.#superseded.push(run);
  }

  finished(): void {
    for (const run of this.#active) {
      if (isActive(run) && !run.scheduler.process.isPaused) this.#checkInTime(run, this.#context.nowMs);
    }
    for (const run of this.#superseded) this.#checkReported(run);
  }

  #checkPair(holder: ObservedRun, taker: ObservedRun): void {
    const context = this.#context;
    const { nowMs, history } = context;
    if (holder.scheduler.isDart || taker.scheduler.isDart || !holder.claim || !taker.claim) return;
    // that a replica of the original has taken over shows in the record only
    if (this.#takenByDart.has(holder) || (!history.knowsRecord && hasDartReplicas(context))) return;
    // a later heartbeat may have failed, so the lease counts from the last that the holder knows to be written
    const { claim, leaseStartMs } = holder;
    const storeTimeAgeMs = claim.storeTimeAgeMs + leaseStartMs - claim.sentMs;
    const leftMs = marginLeftMs(context, { ...claim, sentMs: leaseStartMs, storeTimeAgeMs }, taker.claim);
    if (leftMs === undefined) return;
    const { machine } = holder.scheduler.process;
    const endMs = leaseEndMs(claim, leaseStartMs, 0);
    if (machine.wasSuspended(leaseStartMs, nowMs) || machine.longestPauseMs(endMs, nowMs) > leftMs) return;
    context.checked("no-overlap");
    const late = `${Math.round(nowMs - endMs)} ms after the end of its lease`;
    context.broken("no-overlap", `run ${taker.number} started beside run ${holder.number}, ${late}`);
  }

  /** By its own clock, a run ends at its timeout, or at the end of its lease. */
  #checkInTime(run: ObservedRun, endMs: number): void {
    const { scheduler: { process: { machine }, settings, isDart }, claim, leaseStartMs } = run;
    if (!claim || isDart) return;
    if (machine.hasJumped(claim.sentMs, endMs) || machine.wasSuspended(claim.sentMs, endMs)) return;
    const { rate } = machine.clock;
    const limitMs = Math.min(leaseStartMs + settings.leaseMs / rate, claim.sentMs + settings.timeoutMs / rate);
    if (machine.longestPauseMs(limitMs - SLACK_MS, endMs) > 0) return;
    this.#context.checked("abort-in-time");
    if (endMs > limitMs + SLACK_MS + machine.traits.lagMs) {
      const text = `run ${run.number} went on for ${Math.round(endMs - limitMs)} ms after its end`;
      this.#context.broken("abort-in-time", text);
    }
  }

  /** A run that was taken over is reported, unless it was killed, aborted by stop(), or there was no time for it. */
  #checkReported(run: ObservedRun): void {
    const { scheduler: { process, settings }, claim, supersededMs, abortedBy, reports } = run;
    const endMs = run.abortedMs ?? run.endedMs;
    if (process.isDead || process.isPaused || endMs === undefined || abortedBy === "AbortError") return;
    const lastMs = Math.max(endMs, supersededMs ?? 0, ...process.machine.pauses.map(({ toMs }) => toMs));
    if (this.#context.nowMs < lastMs + 2 * settings.leaseMs + 30_000) return;
    this.#context.checked("overlap-reported");
    if (!reports.some((report) => report !== "FINISHED")) {
      const claimed = claim ? ` of ${labelOf(claim)}` : "";
      this.#context.broken("overlap-reported", `run ${run.number}${claimed} was taken over without a report`);
    }
  }
}

function isActive({ endedMs, abortedMs, scheduler: { process } }: ObservedRun): boolean {
  return endedMs === undefined && abortedMs === undefined && !process.isDead;
}
