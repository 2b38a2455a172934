/**
 * Promises that what is due is done: by whoever has no trouble, and in the place of who has crashed.
 *
 * @module
 */
import { marginMs, patienceMs } from "../lengths.ts";
import type { RecordView } from "../record_view.ts";
import { reckonedMs, type Scene, storeMs } from "../scene.ts";
import type { SchedulerSeen, Watcher, WriteSeen } from "../seen.ts";

const MAX_CALL_MS = 10_000;
const MAX_SPREAD_MS = 1_000;
/** What the rates of clocks add at the most to how long something takes. */
const STRETCH = 1.12;

/** Looks again and again whether something is overdue. */
export class LivenessCheck implements Watcher {
  readonly #scene: Scene;
  #longestLeaseMs = 0;
  /** The last sign of life in the record. */
  #sign: WriteSeen | undefined;

  constructor(scene: Scene) {
    const { lengths, laterLengths } = scene.plan;
    this.#scene = scene;
    if (!scene.history.showsRecord) return;
    this.#longestLeaseMs = Math.max(lengths.leaseMs, laterLengths.leaseMs);
    const stepMs = Math.min(lengths.intervalMs, laterLengths.intervalMs) / 2;
    const lookAgain = (): void => {
      this.#look();
      if (scene.time.nowMs + stepMs < scene.plan.spanMs) scene.time.after(stepMs, lookAgain);
    };
    scene.time.after(stepMs, lookAgain);
  }

  landed(write: WriteSeen | undefined): void {
    if (write?.kind === "claim" || write?.kind === "heartbeat") this.#sign = write;
  }

  killed(holder: SchedulerSeen): void {
    const { history: { record, schedulers }, time } = this.#scene;
    const sign = this.#sign;
    const isHolder = record.state === "running" && sign?.view.owner === record.owner && sign.scheduler === holder;
    if (!isHolder || holder.isOriginal) return;
    for (const other of schedulers) {
      const untilMs = this.#replacedBy(sign, other);
      if (untilMs !== undefined) time.at(untilMs, () => this.#checkReplaced(sign, other));
    }
  }

  #look(): void {
    if (this.#scene.isTimeUnknown) return;
    for (const scheduler of this.#scene.history.schedulers) {
      if (this.#isWell(scheduler)) this.#checkGoesOn(scheduler);
    }
  }

  #isWell({ process, isOriginal, stoppingMs, undisturbedMs, bodies, lengths }: SchedulerSeen): boolean {
    if (isOriginal || process.isDead || process.isPaused || stoppingMs !== undefined) return false;
    const isCut = this.#scene.isCut(process.machine);
    return !isCut && bodies.size <= lengths.maxAbandoned && undisturbedMs <= this.#scene.time.nowMs;
  }

  #checkGoesOn(scheduler: SchedulerSeen): void {
    const scene = this.#scene;
    const { history: { record, recordMs }, time: { nowMs } } = scene;
    if (record.kind !== "none" && record.kind !== "status") return;
    const { lengths, undisturbedMs } = scheduler;
    const { intervalMs, minCycleMs, clockToleranceMs } = lengths;
    const limitMs = Math.min(MAX_CALL_MS, lengths.leaseMs);
    // it may have looked last when another lease had just begun, and others go first
    const lookMs = this.#longestLeaseMs + marginMs(this.#longestLeaseMs, clockToleranceMs) + MAX_SPREAD_MS +
      patienceMs(lengths, record.lastLengthMs) + (scene.storeClock.use === "known" ? 0 : 2 * clockToleranceMs);
    const mostMs = STRETCH * (lookMs + 4 * limitMs + Math.max(minCycleMs, 2_000)) + 2_000;
    const sinceMs = Math.max(recordMs, undisturbedMs);
    const reckoned = reckonedMs(scene, scheduler);
    const isFuture = this.#isFuture(record, scheduler);
    const dueMs = isFuture ? nowMs - 1 : nowMs - (reckoned - this.#dueMs(record, scheduler));
    // who has not seen it yet may be asleep until the next due time, by what it knows
    const isNews = (scheduler.known?.atMs ?? 0) < recordMs;
    const delayMs = (isFuture ? 2 : isNews ? 1 : 0) * STRETCH * intervalMs;
    scene.checked(isFuture ? "future-record" : "goes-on");
    const lateMs = nowMs - Math.max(sinceMs + delayMs, isFuture ? 0 : dueMs) - mostMs;
    if (lateMs <= 0) return;
    const text = `${scheduler.process.name} has left a ${record.state} record for ${Math.round(nowMs - sinceMs)} ms`;
    scene.broken(isFuture ? "future-record" : "goes-on", `${text}, due ${Math.round(nowMs - dueMs)} ms ago`);
  }

  /** Whether it holds a time that a scheduler will not believe. */
  #isFuture({ startedMs, heartbeatMs = 0, scheduledMs = 0 }: RecordView, scheduler: SchedulerSeen): boolean {
    const scene = this.#scene;
    const { clock } = scheduler.process.machine;
    const agoMs = scene.time.nowMs - scene.history.recordMs;
    const writtenMs = storeMs(scene, scene.history.recordMs) ?? clock.wallMs - agoMs * clock.rate;
    return Math.max(startedMs, heartbeatMs, scheduledMs) > writtenMs + 1;
  }

  #dueMs(record: RecordView, { lengths }: SchedulerSeen): number {
    const { intervalMs, timeoutMs, retryDelayMs, clockToleranceMs } = lengths;
    const { state, startedMs, scheduledMs = startedMs, heartbeatMs = startedMs, leaseMs = timeoutMs } = record;
    if (state === "idle") return 0;
    if (state === "failed") return startedMs + retryDelayMs;
    if (state === "finished") return scheduledMs + intervalMs;
    const toleranceMs = this.#scene.storeClock.use === "known" ? 0 : clockToleranceMs;
    return heartbeatMs + leaseMs + marginMs(leaseMs, clockToleranceMs) + toleranceMs;
  }

  /** By when a scheduler without trouble will have taken over from one that has just crashed. */
  #replacedBy(sign: WriteSeen, other: SchedulerSeen): number | undefined {
    const scene = this.#scene;
    if (scene.isTimeUnknown || !this.#isWell(other) || this.#isFuture(scene.history.record, other)) return undefined;
    const { rate } = sign.scheduler.process.machine.clock;
    const leaseMs = sign.view.leaseMs ?? other.lengths.timeoutMs;
    const { clockToleranceMs } = other.lengths;
    const hasClock = scene.storeClock.use === "known";
    // the sign may be dated as much later as its writer could not know better
    const uncertainMs = hasClock ? sign.behindMs + sign.anchorAgeMs * Math.abs(rate - 1) : 2 * clockToleranceMs;
    const lookMs = Math.max(other.process.lastTimerMs, sign.sentMs + leaseMs + uncertainMs);
    const limitMs = Math.min(MAX_CALL_MS, other.lengths.leaseMs);
    return lookMs + STRETCH * (marginMs(leaseMs, clockToleranceMs) + MAX_SPREAD_MS) + 0.12 * leaseMs + 2 * limitMs +
      other.behindMs + 1_000;
  }

  #checkReplaced(sign: WriteSeen, other: SchedulerSeen, isAgain = false): void {
    const { history, time, time: { nowMs } } = this.#scene;
    const isDisturbed = this.#scene.isTimeUnknown || !this.#isWell(other) || other.undisturbedMs > sign.sentMs;
    if (isDisturbed || nowMs > this.#scene.plan.spanMs) return;
    const { lastClaim, lengths: { minCycleMs } } = other;
    if (!isAgain && lastClaim && lastClaim.sentMs > sign.sentMs) {
      // who has tried in vain, by what it knew before, waits before it tries again
      time.after(STRETCH * Math.max(minCycleMs, 2_000), () => this.#checkReplaced(sign, other, true));
      return;
    }
    this.#scene.checked("replaced");
    if (history.record.owner !== sign.view.owner || history.record.state !== "running") return;
    const how = `${other.process.name} has not replaced it`;
    this.#scene.broken("replaced", `${sign.scheduler.process.name} was killed in term ${sign.view.term}, and ${how}`);
  }
}
