/**
 * Promises about due times: no run before it, and each for its slot.
 *
 * @module
 */
import { labelOf } from "../history.ts";
import type { RecordView } from "../record_view.ts";
import { driftMs, type Scene, SLACK_MS, storeMs } from "../scene.ts";
import type { SchedulerSeen, Watcher, WriteSeen } from "../seen.ts";

/** Looks at each claim of a record that nobody holds. */
export class DueCheck implements Watcher {
  readonly #scene: Scene;
  #beforeMs = 0;
  #before: WriteSeen | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  landed(write: WriteSeen | undefined, after: RecordView, before: RecordView): void {
    const beforeMs = this.#beforeMs;
    const written = this.#before;
    this.#beforeMs = this.#scene.time.nowMs;
    this.#before = write;
    if (write?.kind !== "claim" || write.scheduler.isOriginal || this.#scene.isTimeUnknown) return;
    if (before.kind !== "status" || before.state === "idle") return;
    const { machine } = write.scheduler.process;
    const datedMs = written ? written.sentMs - written.anchorAgeMs : beforeMs;
    if (written?.scheduler.process.machine.hasJumped(datedMs, beforeMs)) return;
    if (machine.hasJumped(Math.min(beforeMs, write.sentMs - write.anchorAgeMs), this.#scene.time.nowMs)) return;
    // a record is no longer believed once the replica's clock and the store's have parted since it was written
    const ageMs = Math.max(write.anchorAgeMs, this.#scene.time.nowMs - beforeMs);
    const apartMs = driftMs(this.#scene, write.scheduler, ageMs);
    if (apartMs > 0.2 * write.scheduler.lengths.clockToleranceMs) return;
    // times that were in the future when they were written are not believed
    const { clockToleranceMs } = write.scheduler.lengths;
    const seenMs = this.#reckoned(write.scheduler, beforeMs);
    if (Math.max(before.startedMs, before.scheduledMs ?? 0) > seenMs - write.behindMs + 0.8 * clockToleranceMs) return;
    if (before.state !== "running" && !write.isTriggered) this.#checkDue(write, before, apartMs);
    this.#checkSlot(write, after, before, apartMs);
  }

  /** The store's time, or that of the scheduler's own clock, at a true time. */
  #reckoned({ process: { machine: { clock } } }: SchedulerSeen, atMs: number): number {
    return storeMs(this.#scene, atMs) ?? clock.wallMs - (this.#scene.time.nowMs - atMs) * clock.rate;
  }

  #checkDue(
    write: WriteSeen,
    { state, owner, startedMs, scheduledMs, requestedMs }: RecordView,
    apartMs: number,
  ): void {
    const { intervalMs, retryDelayMs } = write.scheduler.lengths;
    const regularMs = state === "failed"
      // it may have dated its start later than it was
      ? startedMs - (this.#scene.history.claims.get(owner)?.behindMs ?? 0) + retryDelayMs
      : (scheduledMs ?? startedMs) + intervalMs;
    const isAsked = requestedMs !== undefined && requestedMs > startedMs;
    const dueMs = isAsked ? Math.min(requestedMs, regularMs) : regularMs;
    const earlyMs = dueMs - this.#reckoned(write.scheduler, write.sentMs);
    this.#scene.checked("not-early");
    if (earlyMs > apartMs + SLACK_MS) {
      this.#scene.broken("not-early", `${labelOf(write)} was sent ${Math.round(earlyMs)} ms before it was due`);
    }
  }

  #checkSlot(write: WriteSeen, after: RecordView, before: RecordView, apartMs: number): void {
    const { intervalMs } = write.scheduler.lengths;
    const baseMs = before.scheduledMs ?? before.startedMs;
    const slots = (after.scheduledMs! - baseMs) / intervalMs;
    const nowMs = this.#reckoned(write.scheduler, write.sentMs);
    const slackMs = apartMs + SLACK_MS + write.behindMs;
    this.#scene.checked("on-the-grid");
    const isLatest = nowMs - after.scheduledMs! < intervalMs + slackMs;
    if (slots < 0 || !Number.isInteger(slots) || !isLatest || (slots > 0 && after.scheduledMs! > nowMs + slackMs)) {
      const text = `${labelOf(write)} is for ${slots} intervals after the last`;
      this.#scene.broken("on-the-grid", `${text}, ${Math.round(nowMs - after.scheduledMs!)} ms ago`);
    }
  }
}
