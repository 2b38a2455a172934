/**
 * Promises that what is due is done, by a replica that is undisturbed and in place of one that has crashed.
 *
 * @module
 */
import { type CheckContext, hasStoreTime, isTimeUnknown, reckonedNowMs, storeTimeAt } from "../check_context.ts";
import type { ObservedScheduler, ObservedWrite, Observer } from "../observations.ts";
import { longestWaitMs } from "../due_time_settings.ts";
import { latestDueMs, nextDueRange } from "../reckoned_due_times.ts";
import type { RecordView } from "../record_view.ts";
import { marginMs, maxFallbackDelayMs, type SchedulerSettings } from "../scheduler_settings.ts";

const MAX_CALL_MS = 10_000;
const MAX_SPREAD_MS = 1_000;
/** How much longer anything takes at most by a clock of another rate. */
const STRETCH = 1.12;

/** Checks at regular times whether a run is overdue. */
export class LivenessCheck implements Observer {
  readonly #context: CheckContext;
  /** The longest lease of any scheduler. */
  readonly #longestLeaseMs: number;
  /** The last claim or heartbeat in the record. */
  #lastSign: ObservedWrite | undefined;
  /** When the record was last paused or resumed. */
  #pauseChangedMs = -Infinity;

  constructor(context: CheckContext) {
    const { settings, settingsAfterDeploy, spanMs } = context.plan;
    this.#context = context;
    this.#longestLeaseMs = Math.max(settings.leaseMs, settingsAfterDeploy.leaseMs);
    if (!context.history.knowsRecord) return;
    const gapsMs = [settings, settingsAfterDeploy].map(({ intervalMs, schedule }) =>
      schedule?.shortestGapMs ?? intervalMs
    );
    const stepMs = Math.min(...gapsMs) / 2;
    const checkAgain = (): void => {
      this.#checkAll();
      if (context.nowMs + stepMs < spanMs) context.clock.after(stepMs, checkAgain);
    };
    context.clock.after(stepMs, checkAgain);
  }

  recordChanged(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void {
    if (after.pausedMs !== before.pausedMs) this.#pauseChangedMs = this.#context.nowMs;
    if (write?.kind !== "claim" && write?.kind !== "heartbeat") return;
    this.#lastSign = write;
    // sent before the crash, and written after it
    if (write.scheduler.process.isDead) this.killed(write.scheduler);
  }

  killed(holder: ObservedScheduler): void {
    const { history: { record, schedulers }, clock } = this.#context;
    const sign = this.#lastSign;
    const isHolder = record.state === "running" && sign?.view.owner === record.owner && sign.scheduler === holder;
    if (!isHolder || holder.isDart) return;
    for (const other of schedulers) {
      const untilMs = this.#takeoverMs(sign, other);
      if (untilMs !== undefined) clock.at(untilMs, () => this.#checkTakeover(sign, other));
    }
  }

  #checkAll(): void {
    const { history: { record, schedulers } } = this.#context;
    if (isTimeUnknown(this.#context) || (record.kind !== "none" && record.kind !== "status")) return;
    for (const scheduler of schedulers) {
      if (this.#isUndisturbed(scheduler)) this.#checkDueRun(scheduler);
    }
  }

  #isUndisturbed(scheduler: ObservedScheduler): boolean {
    const { process, isDart, stopCalledMs, undisturbedMs, unsettledRuns, settings } = scheduler;
    if (isDart || process.isDead || process.isPaused || stopCalledMs !== undefined) return false;
    const isCutOff = this.#context.isCutOff(process.machine);
    return !isCutOff && unsettledRuns.size <= settings.maxAbandoned && undisturbedMs <= this.#context.nowMs;
  }

  #checkDueRun(scheduler: ObservedScheduler): void {
    const context = this.#context;
    const { history: { record, recordMs }, nowMs } = context;
    const sinceMs = Math.max(recordMs, scheduler.undisturbedMs);
    const isFuture = this.#isFuture(record, scheduler);
    const { settings } = scheduler;
    const isUncertain = record.pausedMs !== undefined || settings.startDeadlineMs < Infinity;
    if (isFuture && isUncertain) return;
    const untilDueMs = dueMs(context, scheduler, record) - reckonedNowMs(context, scheduler);
    const dueTrueMs = isFuture ? nowMs - 1 : nowMs + untilDueMs;
    // a scheduler that does not know the record yet may sleep until the next due time of the one it knows; the answer of its last
    // read may have been on its way when the record changed
    const isUnknown = (scheduler.known?.atMs ?? 0) < recordMs || scheduler.known?.view.write !== record.write;
    const gapMs = settings.schedule?.longestGapMs ?? settings.intervalMs;
    const sleepMs = STRETCH * (isFuture ? 2 * gapMs : isUnknown ? longestWaitMs(settings) : 0);
    const promise = isFuture ? "future-record" : "due-run";
    context.checked(promise);
    const knownSinceMs = isUnknown ? 0 : scheduler.known?.sinceMs ?? 0;
    const dutyMs = STRETCH * dutyWaitMs(scheduler, gapMs);
    const fromMs = dutyMs + Math.max(sinceMs + sleepMs, isFuture ? 0 : dueTrueMs, knownSinceMs);
    if (nowMs - fromMs <= this.#maxDelayMs(settings, record)) return;
    const text = `${scheduler.process.name} has left a ${record.state} record for ${Math.round(nowMs - sinceMs)} ms`;
    context.broken(promise, `${text}, due ${Math.round(nowMs - dueTrueMs)} ms ago`);
  }

  /** How long after it is due a run may be claimed at the latest. */
  #maxDelayMs(settings: SchedulerSettings, { lastLengthMs }: RecordView): number {
    const { minCycleMs, clockToleranceMs, leaseMs } = settings;
    const callMs = Math.min(MAX_CALL_MS, leaseMs);
    // its last check may have found another lease that had just begun, and it lets the preferred replica go first
    const checkMs = this.#longestLeaseMs + marginMs(this.#longestLeaseMs, clockToleranceMs) + MAX_SPREAD_MS +
      maxFallbackDelayMs(settings, lastLengthMs) + (hasStoreTime(this.#context) ? 0 : 2 * clockToleranceMs);
    return STRETCH * (checkMs + 4 * callMs + Math.max(minCycleMs, 2_000)) + 2_000;
  }

  /** Whether the record holds a time that a scheduler does not believe. */
  #isFuture({ startedMs, heartbeatMs = 0, scheduledMs = 0 }: RecordView, scheduler: ObservedScheduler): boolean {
    const { history: { recordMs }, nowMs } = this.#context;
    const { clock } = scheduler.process.machine;
    const writtenMs = storeTimeAt(this.#context, recordMs) ?? clock.wallMs - (nowMs - recordMs) * clock.rate;
    return Math.max(startedMs, heartbeatMs, scheduledMs) > writtenMs + 1;
  }

  /** The true time by which an undisturbed scheduler has taken over from one that has just crashed. */
  #takeoverMs(sign: ObservedWrite, other: ObservedScheduler): number | undefined {
    const context = this.#context;
    const { record } = context.history;
    const isExpected = !isTimeUnknown(context) && this.#isUndisturbed(other) && !this.#isFuture(record, other) &&
      record.pausedMs === undefined;
    if (!isExpected) return undefined;
    const { rate } = sign.scheduler.process.machine.clock;
    const leaseMs = sign.view.leaseMs ?? other.settings.timeoutMs;
    const { clockToleranceMs } = other.settings;
    // the holder may have dated its record later than it was
    const uncertainMs = hasStoreTime(context)
      ? sign.storeTimeLagMs + sign.storeTimeAgeMs * Math.abs(rate - 1)
      : 2 * clockToleranceMs;
    const checkMs = Math.max(other.process.lastTimerMs, sign.sentMs + leaseMs + uncertainMs);
    const callMs = Math.min(MAX_CALL_MS, other.settings.leaseMs);
    const latestMs = checkMs + STRETCH * (marginMs(leaseMs, clockToleranceMs) + MAX_SPREAD_MS) + 0.12 * leaseMs +
      2 * callMs +
      other.storeTimeLagMs + 1_000;
    // how far the clock of the other is ahead of the holder's
    const { heartbeatMs = record.startedMs } = record;
    const aheadMs = reckonedNowMs(context, other) - (context.nowMs - sign.sentMs) - heartbeatMs;
    // a run that cannot start within its deadline is given up
    const endMs = sign.sentMs + leaseMs + other.settings.startDeadlineMs - Math.max(aheadMs, 0);
    return latestMs > endMs ? undefined : latestMs;
  }

  #checkTakeover(sign: ObservedWrite, other: ObservedScheduler, isAgain = false): void {
    const context = this.#context;
    const { history: { record }, clock, nowMs, plan: { spanMs } } = context;
    const isDisturbed = isTimeUnknown(context) || !this.#isUndisturbed(other) || other.undisturbedMs > sign.sentMs;
    const isRenewed = this.#lastSign !== sign && this.#lastSign?.view.owner === sign.view.owner;
    if (isDisturbed || isRenewed || nowMs > spanMs || this.#pauseChangedMs >= sign.sentMs) return;
    const { lastClaim, settings: { minCycleMs } } = other;
    if (!isAgain && lastClaim && lastClaim.sentMs > sign.sentMs) {
      // its claim, by the record that it knew before, was lost: it waits before the next
      clock.after(STRETCH * Math.max(minCycleMs, 2_000), () => this.#checkTakeover(sign, other, true));
      return;
    }
    context.checked("crash-takeover");
    if (record.owner !== sign.view.owner || record.state !== "running") return;
    const text = `${sign.scheduler.process.name} was killed in term ${sign.view.term}`;
    context.broken("crash-takeover", `${text}, and ${other.process.name} has not taken over`);
  }
}

/**
 * How much longer a scheduler may sleep by the record that it knows: if that lists four standbys, two of them check a due time, the
 * other two the one after it, and schedulers that are not listed check every `maxCycle`.
 */
function dutyWaitMs({ known, standbyId, settings }: ObservedScheduler, gapMs: number): number {
  const standbys = known?.view.standbys ?? [];
  if (standbys.length < 4) return 0;
  return standbyId !== undefined && standbys.includes(standbyId)
    ? Math.min(gapMs, settings.maxCycleMs)
    : settings.maxCycleMs;
}

/** When the record is due, in the time that schedulers reckon in; Infinity if it is paused, or a run was given up. */
function dueMs(context: CheckContext, scheduler: ObservedScheduler, record: RecordView): number {
  const { settings } = scheduler;
  const { startDeadlineMs } = settings;
  const nowMs = reckonedNowMs(context, scheduler);
  const { state, pausedMs } = record;
  // a request is due now, whatever its date
  const requestedMs = record.requestedMs === undefined ? Infinity : -Infinity;
  if (pausedMs !== undefined) return Infinity;
  const repeatMs = repetitionMs(context, settings, record);
  if (repeatMs !== undefined && nowMs <= repeatMs + startDeadlineMs) {
    return state === "running" ? repeatMs : Math.min(repeatMs, requestedMs);
  }
  const nextMs = nextDueRange(context, scheduler, record).latestMs;
  if (startDeadlineMs === Infinity || nextMs > nowMs || nextMs === -Infinity) return Math.min(nextMs, requestedMs);
  const latestMs = latestDueMs(settings, nextMs, nowMs);
  return Math.min(nowMs > latestMs + startDeadlineMs ? Infinity : latestMs, requestedMs);
}

/** When a run is repeated that has failed or whose lease ends. */
function repetitionMs(context: CheckContext, settings: SchedulerSettings, record: RecordView): number | undefined {
  const { timeoutMs, retryDelayMs, clockToleranceMs } = settings;
  const { state, startedMs, heartbeatMs = startedMs, leaseMs = timeoutMs } = record;
  if (state === "failed") return startedMs + retryDelayMs;
  if (state !== "running") return undefined;
  return heartbeatMs + leaseMs + marginMs(leaseMs, clockToleranceMs) + (hasStoreTime(context) ? 0 : clockToleranceMs);
}
