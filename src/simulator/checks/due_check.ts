/**
 * Promises about due times: no run before its due time, each run for the latest one, and none after its start deadline.
 *
 * @module
 */
import { type CheckContext, driftMs, hasStoreTime, isTimeUnknown, reckonedMs, SLACK_MS } from "../check_context.ts";
import { isScheduled } from "../due_time_settings.ts";
import { labelOf } from "../history.ts";
import type { ObservedRun, ObservedWrite, Observer } from "../observations.ts";
import { dueAfterMs, lastDueMs, nextDueRange, type TimeRange } from "../reckoned_due_times.ts";
import type { RecordView } from "../record_view.ts";
import { marginMs } from "../scheduler_settings.ts";

/** A claim and what its due time follows from. */
interface DueClaim {
  readonly write: ObservedWrite;
  readonly before: RecordView;
  readonly after: RecordView;
  /** The due time after that of the last run. */
  readonly next: TimeRange;
  /** How far its scheduler's clock and the store's may have drifted apart. */
  readonly apartMs: number;
}

/** Checks each claim, and the run that follows. */
export class DueCheck implements Observer {
  readonly #context: CheckContext;
  /** When the record was written that a claim replaces. */
  #beforeMs = 0;
  /** The last write of a scheduler, which the times of the record are from. */
  #beforeWrite: ObservedWrite | undefined;
  /** Until when the runs of claims may start, in the time that their schedulers reckon in. */
  readonly #startByMs: Map<ObservedWrite, number> = new Map();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  recordChanged(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void {
    const beforeMs = this.#beforeMs;
    const beforeWrite = this.#beforeWrite;
    this.#beforeMs = this.#context.nowMs;
    this.#beforeWrite = write ?? beforeWrite;
    if (write?.kind !== "claim" || write.scheduler.isDart || isTimeUnknown(this.#context)) return;
    if (before.kind !== "status" || this.#hasClockJumped(write, beforeWrite, beforeMs)) return;
    // a scheduler stops believing a record when its clock and the store's have drifted apart
    const ageMs = Math.max(write.storeTimeAgeMs, this.#context.nowMs - beforeMs);
    const apartMs = driftMs(this.#context, write.scheduler, ageMs);
    const { clockToleranceMs } = write.scheduler.settings;
    if (apartMs > 0.2 * clockToleranceMs) return;
    // nor does it believe times that were in the future when they were written
    const writtenMs = reckonedMs(this.#context, write.scheduler, beforeMs);
    const latestMs = Math.max(before.startedMs, before.scheduledMs ?? 0);
    if (latestMs > writtenMs - write.storeTimeLagMs + 0.8 * clockToleranceMs) return;
    const next = nextDueRange(this.#context, write.scheduler, before);
    const claim = { write, before, after, next, apartMs };
    if (before.state !== "running" && !write.isTriggered) this.#checkDue(claim);
    const isFirst = before.state === "idle";
    const isOutside = write.isTriggered || before.requestedMs !== undefined;
    if (!isFirst || (!isOutside && next.earliestMs > -Infinity)) this.#checkGrid(claim);
    if (!isOutside) this.#setStartBy(claim);
  }

  runStarted({ claim, number, scheduler }: ObservedRun): void {
    const startByMs = claim && this.#startByMs.get(claim);
    if (!claim || startByMs === undefined) return;
    const { nowMs } = this.#context;
    const ageMs = nowMs - claim.sentMs + claim.storeTimeAgeMs;
    if (scheduler.process.machine.hasJumped(nowMs - ageMs, nowMs)) return;
    const lagMs = Math.max(claim.storeTimeLagMs, scheduler.storeTimeLagMs);
    const lateMs = reckonedMs(this.#context, scheduler, nowMs) - startByMs;
    this.#context.checked("start-deadline");
    if (lateMs > lagMs + driftMs(this.#context, scheduler, ageMs) + SLACK_MS) {
      const text = `run ${number} of ${labelOf(claim)} started ${Math.round(lateMs)} ms after its deadline`;
      this.#context.broken("start-deadline", text);
    }
  }

  #hasClockJumped(write: ObservedWrite, beforeWrite: ObservedWrite | undefined, beforeMs: number): boolean {
    const datedMs = beforeWrite ? beforeWrite.sentMs - beforeWrite.storeTimeAgeMs : beforeMs;
    if (beforeWrite?.scheduler.process.machine.hasJumped(datedMs, beforeMs)) return true;
    const fromMs = Math.min(beforeMs, write.sentMs - write.storeTimeAgeMs);
    return write.scheduler.process.machine.hasJumped(fromMs, this.#context.nowMs);
  }

  #checkDue({ write, before, next, apartMs }: DueClaim): void {
    const { state, owner, startedMs, requestedMs } = before;
    const { retryDelayMs } = write.scheduler.settings;
    // the holder may have dated its start later than it was
    const startLagMs = this.#context.history.claims.get(owner)?.storeTimeLagMs ?? 0;
    const regularMs = state === "failed" ? startedMs - startLagMs + retryDelayMs : next.earliestMs;
    // a request is due now, whatever its date
    const dueMs = requestedMs === undefined ? regularMs : -Infinity;
    const earlyMs = dueMs - reckonedMs(this.#context, write.scheduler, write.sentMs);
    this.#context.checked("not-early");
    if (earlyMs > apartMs + SLACK_MS) {
      this.#context.broken("not-early", `${labelOf(write)} was sent ${Math.round(earlyMs)} ms before it was due`);
    }
  }

  #checkGrid(claim: DueClaim): void {
    const { write, before, after, next, apartMs } = claim;
    const scheduledMs = after.scheduledMs ?? NaN;
    const nowMs = reckonedMs(this.#context, write.scheduler, write.sentMs);
    const slackMs = apartMs + SLACK_MS + write.storeTimeLagMs;
    this.#context.checked("on-the-grid");
    const isForLast = scheduledMs === lastDueMs(before);
    const followingMs = isForLast ? next.latestMs : dueAfterMs(write.scheduler.settings, scheduledMs);
    const isLatest = followingMs > nowMs - slackMs;
    const isFuture = !isForLast && scheduledMs > nowMs + slackMs;
    if ((isForLast || this.#isDueTime(claim)) && isLatest && !isFuture) return;
    const ago = `${Math.round(nowMs - scheduledMs)} ms ago`;
    const distance = `${scheduledMs - (lastDueMs(before) ?? NaN)} ms after the last run`;
    this.#context.broken("on-the-grid", `${labelOf(write)} is for a due time ${ago}, ${distance}`);
  }

  /** Whether a claim is for a due time after that of the last run. */
  #isDueTime({ write: { scheduler }, before, after, next }: DueClaim): boolean {
    const { settings } = scheduler;
    const { scheduledMs = NaN } = after;
    if (settings.schedule) {
      if (before.state === "idle" && settings.firstRun === "immediately") return scheduledMs >= next.earliestMs;
      return scheduledMs >= next.earliestMs && (scheduledMs === before.dueMs || isScheduled(settings, scheduledMs));
    }
    const intervals = (scheduledMs - next.earliestMs) / settings.intervalMs;
    // the first due time follows from the first read, which is not known exactly
    const isExact = next.earliestMs === next.latestMs;
    return intervals >= 0 && (!isExact || Number.isInteger(intervals));
  }

  #setStartBy({ write, before, after, next }: DueClaim): void {
    const { startDeadlineMs, retryDelayMs, timeoutMs, clockToleranceMs } = write.scheduler.settings;
    if (startDeadlineMs === Infinity || (before.state === "idle" && next.earliestMs === -Infinity)) return;
    const { startedMs, heartbeatMs = startedMs, leaseMs = timeoutMs } = before;
    const toleranceMs = hasStoreTime(this.#context) ? 0 : clockToleranceMs;
    const leaseEndMs = heartbeatMs + leaseMs + marginMs(leaseMs, clockToleranceMs) + toleranceMs;
    const repeatMs = { failed: startedMs + retryDelayMs, running: leaseEndMs }[before.state] ?? -Infinity;
    const isForLast = after.scheduledMs === lastDueMs(before);
    const dueMs = Math.max(isForLast ? -Infinity : after.scheduledMs ?? NaN, repeatMs);
    this.#startByMs.set(write, dueMs + startDeadlineMs);
  }
}
