/**
 * Promises about runs that might go on beside each other.
 *
 * @module
 */
import { labelOf } from "../history.ts";
import type { RecordView } from "../record_view.ts";
import { leftOfMarginMs, type Scene, SLACK_MS, trustEndMs } from "../scene.ts";
import type { RunSeen, Watcher, WriteSeen } from "../seen.ts";

/** Looks at which runs go on at the same time, and whether those that should not have say so. */
export class OverlapCheck implements Watcher {
  readonly #scene: Scene;
  #active: RunSeen[] = [];
  readonly #overtaken: RunSeen[] = [];
  readonly #unprotected: Set<RunSeen> = new Set();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  began(run: RunSeen): void {
    const { scheduler, claim } = run;
    this.#active = this.#active.filter(isActive);
    for (const other of this.#active) this.#checkPair(other, run);
    if (!this.#active.length) this.#scene.checked("no-overlap");
    this.#active.push(run);
    if (scheduler.isOriginal || !claim) return;
    this.#scene.checked("bounded-bodies");
    const most = scheduler.lengths.maxAbandoned + 1;
    if (scheduler.bodies.size > most) {
      this.#scene.broken(
        "bounded-bodies",
        `${scheduler.process.name} has ${scheduler.bodies.size} bodies, not ${most}`,
      );
    }
  }

  aborted(run: RunSeen): void {
    if (run.endedMs === undefined) this.#checkTrust(run, run.abortedMs!);
  }

  ended(run: RunSeen): void {
    if (run.abortedMs === undefined) this.#checkTrust(run, run.endedMs!);
  }

  landed(write: WriteSeen | undefined, _after: RecordView, before: RecordView): void {
    if (write?.kind !== "claim" || before.state !== "running") return;
    const run = this.#scene.history.claims.get(before.owner)?.run;
    if (!run || run.scheduler.isOriginal) return;
    // a replica of the original knows no lease
    if (write.scheduler.isOriginal) this.#unprotected.add(run);
    run.supersededMs = this.#scene.time.nowMs;
    this.#overtaken.push(run);
  }

  over(): void {
    for (const run of this.#active) {
      if (isActive(run) && !run.scheduler.process.isPaused) this.#checkTrust(run, this.#scene.time.nowMs);
    }
    for (const run of this.#overtaken) this.#checkReported(run);
  }

  #checkPair(holder: RunSeen, taker: RunSeen): void {
    const scene = this.#scene;
    if (holder.scheduler.isOriginal || taker.scheduler.isOriginal || !holder.claim || !taker.claim) return;
    if (this.#unprotected.has(holder)) return;
    // that one of the original's has taken a claim over shows in the record alone
    if (!scene.history.showsRecord && scene.plan.replicas.some(({ isOriginal }) => isOriginal)) return;
    const { nowMs } = scene.time;
    // what it asked for later may have failed, so the last sign that it knows of counts
    const anchorAgeMs = holder.claim.anchorAgeMs + holder.signMs - holder.claim.sentMs;
    const sign = { ...holder.claim, sentMs: holder.signMs, anchorAgeMs };
    const leftMs = leftOfMarginMs(scene, sign, taker.claim);
    if (leftMs === undefined) return;
    const { machine } = holder.scheduler.process;
    const endMs = trustEndMs(holder.claim, holder.signMs, 0);
    if (machine.hasSlept(holder.signMs, nowMs) || machine.longestPauseMs(endMs, nowMs) > leftMs) return;
    scene.checked("no-overlap");
    const late = `${Math.round(nowMs - endMs)} ms after the end of its lease`;
    scene.broken("no-overlap", `run ${taker.number} began beside run ${holder.number}, ${late}`);
  }

  /** By its own clock, a run ends at its timeout, or when its lease does. */
  #checkTrust(run: RunSeen, endMs: number): void {
    const { scheduler: { process: { machine }, lengths }, claim, signMs } = run;
    if (!claim || run.scheduler.isOriginal) return;
    if (machine.hasJumped(claim.sentMs, endMs) || machine.hasSlept(claim.sentMs, endMs)) return;
    const { rate } = machine.clock;
    const deadlineMs = Math.min(signMs + lengths.leaseMs / rate, claim.sentMs + lengths.timeoutMs / rate);
    if (machine.longestPauseMs(deadlineMs - SLACK_MS, endMs) > 0) return;
    this.#scene.checked("trust-ends");
    if (endMs > deadlineMs + SLACK_MS + machine.traits.lagMs) {
      const late = `${Math.round(endMs - deadlineMs)} ms after its end`;
      this.#scene.broken("trust-ends", `run ${run.number} went on until ${late}`);
    }
  }

  /** A run that was overtaken says so, unless it was killed or aborted by a stop, or there was no time for it. */
  #checkReported(run: RunSeen): void {
    const { scheduler: { process, lengths }, supersededMs, abortedBy, reports } = run;
    const endMs = run.abortedMs ?? run.endedMs;
    if (process.isDead || process.isPaused || endMs === undefined || abortedBy === "AbortError") return;
    const lastMs = Math.max(endMs, supersededMs!, ...process.machine.pauses.map(({ toMs }) => toMs));
    if (this.#scene.time.nowMs < lastMs + 2 * lengths.leaseMs + 30_000) return;
    this.#scene.checked("overlap-reported");
    if (!reports.some((report) => report !== "FINISHED")) {
      this.#scene.broken("overlap-reported", `run ${run.number} of ${labelOf(run.claim!)} was overtaken in silence`);
    }
  }
}

function isActive({ endedMs, abortedMs, scheduler: { process } }: RunSeen): boolean {
  return endedMs === undefined && abortedMs === undefined && !process.isDead;
}
