/**
 * Promises about due times: no run before its due time, and each run for the latest one.
 *
 * @module
 */
import { type CheckContext, driftMs, isTimeUnknown, SLACK_MS, storeTimeAt } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedScheduler, ObservedWrite, Observer } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** Checks each claim of a record that has no active holder. */
export class DueCheck implements Observer {
  readonly #context: CheckContext;
  /** When the record was written that a claim replaces. */
  #beforeMs = 0;
  #beforeWrite: ObservedWrite | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  recordChanged(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void {
    const beforeMs = this.#beforeMs;
    const beforeWrite = this.#beforeWrite;
    this.#beforeMs = this.#context.nowMs;
    this.#beforeWrite = write;
    if (write?.kind !== "claim" || write.scheduler.isDart || isTimeUnknown(this.#context)) return;
    if (before.kind !== "status" || before.state === "idle") return;
    if (this.#hasClockJumped(write, beforeWrite, beforeMs)) return;
    // a scheduler stops believing a record when its clock and the store's have drifted apart
    const ageMs = Math.max(write.storeTimeAgeMs, this.#context.nowMs - beforeMs);
    const apartMs = driftMs(this.#context, write.scheduler, ageMs);
    const { clockToleranceMs } = write.scheduler.settings;
    if (apartMs > 0.2 * clockToleranceMs) return;
    // nor does it believe times that were in the future when they were written
    const writtenMs = this.#reckonedMs(write.scheduler, beforeMs);
    const latestMs = Math.max(before.startedMs, before.scheduledMs ?? 0);
    if (latestMs > writtenMs - write.storeTimeLagMs + 0.8 * clockToleranceMs) return;
    if (before.state !== "running" && !write.isTriggered) this.#checkDue(write, before, apartMs);
    this.#checkGrid(write, after, before, apartMs);
  }

  #hasClockJumped(write: ObservedWrite, beforeWrite: ObservedWrite | undefined, beforeMs: number): boolean {
    const datedMs = beforeWrite ? beforeWrite.sentMs - beforeWrite.storeTimeAgeMs : beforeMs;
    if (beforeWrite?.scheduler.process.machine.hasJumped(datedMs, beforeMs)) return true;
    const fromMs = Math.min(beforeMs, write.sentMs - write.storeTimeAgeMs);
    return write.scheduler.process.machine.hasJumped(fromMs, this.#context.nowMs);
  }

  /** A true time in the time that a scheduler reckons in: store time, or the time of its own clock. */
  #reckonedMs({ process: { machine: { clock } } }: ObservedScheduler, atMs: number): number {
    return storeTimeAt(this.#context, atMs) ?? clock.wallMs - (this.#context.nowMs - atMs) * clock.rate;
  }

  #checkDue(write: ObservedWrite, before: RecordView, apartMs: number): void {
    const { state, owner, startedMs, scheduledMs, requestedMs } = before;
    const { intervalMs, retryDelayMs } = write.scheduler.settings;
    // the holder may have dated its start later than it was
    const startLagMs = this.#context.history.claims.get(owner)?.storeTimeLagMs ?? 0;
    const regularMs = state === "failed"
      ? startedMs - startLagMs + retryDelayMs
      : (scheduledMs ?? startedMs) + intervalMs;
    const isRequested = requestedMs !== undefined;
    const dueMs = isRequested ? Math.min(requestedMs, regularMs) : regularMs;
    const earlyMs = dueMs - this.#reckonedMs(write.scheduler, write.sentMs);
    this.#context.checked("not-early");
    if (earlyMs > apartMs + SLACK_MS) {
      this.#context.broken("not-early", `${labelOf(write)} was sent ${Math.round(earlyMs)} ms before it was due`);
    }
  }

  #checkGrid(write: ObservedWrite, after: RecordView, before: RecordView, apartMs: number): void {
    const { intervalMs } = write.scheduler.settings;
    const scheduledMs = after.scheduledMs ?? NaN;
    const intervals = (scheduledMs - (before.scheduledMs ?? before.startedMs)) / intervalMs;
    const nowMs = this.#reckonedMs(write.scheduler, write.sentMs);
    const slackMs = apartMs + SLACK_MS + write.storeTimeLagMs;
    this.#context.checked("on-the-grid");
    const isOnGrid = intervals >= 0 && Number.isInteger(intervals);
    const isLatest = nowMs - scheduledMs < intervalMs + slackMs;
    const isFuture = intervals > 0 && scheduledMs > nowMs + slackMs;
    if (!isOnGrid || !isLatest || isFuture) {
      const text = `${labelOf(write)} is for ${intervals} intervals after the last run`;
      this.#context.broken("on-the-grid", `${text}, ${Math.round(nowMs - scheduledMs)} ms ago`);
    }
  }
}
