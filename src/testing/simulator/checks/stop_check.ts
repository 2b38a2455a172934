/**
 * Promises about stop(), and about what a trigger is answered.
 *
 * @module
 */
import { labelOf } from "../history.ts";
import type { Scene } from "../scene.ts";
import type { CallSeen, RunSeen, SchedulerSeen, StopSeen, TriggerSeen, Watcher, WriteSeen } from "../seen.ts";

const MAX_CALL_MS = 10_000;
/** What a store gets once the time of a stop is over, with what timers and calls of two kinds may take. */
const LAST_CALLS_MS = 2_200;

/** Looks at what is left after a stop. */
export class StopCheck implements Watcher {
  readonly #scene: Scene;
  readonly #stops: StopSeen[] = [];
  readonly #answered: StopSeen[] = [];
  readonly #stopped: Set<SchedulerSeen> = new Set();
  readonly #triggers: TriggerSeen[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  stopping(stop: StopSeen): void {
    this.#stops.push(stop);
  }

  stopped(stop: StopSeen): void {
    if (stop.scheduler.isOriginal) return;
    this.#answered.push(stop);
    this.#checkInTime(stop, stop.answeredMs!);
  }

  settled(): void {
    for (const stop of this.#answered.splice(0)) {
      this.#checkLeft(stop);
      this.#stopped.add(stop.scheduler);
    }
    for (const { process } of this.#stopped) {
      if (!process.isDead && process.timers.size > 0) {
        this.#scene.broken("stop-leaves-nothing", `${process.name} has ${process.timers.size} timers after its stop`);
      }
    }
  }

  called({ scheduler, kind }: CallSeen): void {
    if (this.#stopped.has(scheduler)) {
      this.#scene.broken("stop-leaves-nothing", `${scheduler.process.name} sent a ${kind} after its stop was answered`);
    }
  }

  sent(write: WriteSeen): void {
    if (write.kind !== "claim" || write.scheduler.isOriginal) return;
    this.#scene.checked("stop-begins-nothing");
    if (write.scheduler.stoppingMs !== undefined) {
      this.#scene.broken("stop-begins-nothing", `${labelOf(write)} was sent after stop()`);
    }
  }

  began({ scheduler, number }: RunSeen): void {
    if (scheduler.stoppingMs !== undefined && !scheduler.isOriginal) {
      this.#scene.broken("stop-begins-nothing", `run ${number} began after stop()`);
    }
  }

  triggered(trigger: TriggerSeen): void {
    this.#triggers.push(trigger);
  }

  over(): void {
    const { nowMs } = this.#scene.time;
    for (const stop of this.#stops) {
      if (stop.answeredMs === undefined) this.#checkInTime(stop, nowMs);
    }
    for (const trigger of this.#triggers) this.#checkTrigger(trigger);
  }

  #checkLeft({ scheduler: { process, bodies }, answer }: StopSeen): void {
    const { clean, abandoned } = answer!;
    this.#scene.checked("stop-leaves-nothing");
    if (clean !== (abandoned === 0) || abandoned !== bodies.size) {
      const answered = `{ clean: ${clean}, abandoned: ${abandoned} }`;
      this.#scene.broken("stop-leaves-nothing", `${process.name} answered ${answered} with ${bodies.size} bodies left`);
    }
  }

  #checkInTime({ scheduler, atMs, timeoutMs }: StopSeen, endMs: number): void {
    const { process, lengths: { leaseMs } } = scheduler;
    const { machine } = process;
    if (process.isDead || scheduler.isOriginal || machine.hasJumped(0, endMs)) return;
    if (machine.longestPauseMs(atMs, endMs) > 0) return;
    // the run, its last heartbeat, its outcome with its repetitions, and the place in the line
    const patientMs = scheduler.lengths.timeoutMs + 2 * leaseMs + 4 * Math.min(MAX_CALL_MS, leaseMs) + LAST_CALLS_MS;
    const mostMs = Math.min(patientMs, timeoutMs === undefined ? Infinity : timeoutMs + LAST_CALLS_MS);
    this.#scene.checked("stop-answers");
    if ((endMs - atMs) * machine.clock.rate > mostMs + 20) {
      this.#scene.broken("stop-answers", `${process.name} took ${Math.round(endMs - atMs)} ms, not ${mostMs} ms`);
    }
  }

  #checkTrigger({ scheduler, atMs, result, error }: TriggerSeen): void {
    const { process, lengths: { leaseMs, timeoutMs } } = scheduler;
    if (process.isDead || process.isPaused || scheduler.isOriginal) return;
    if (error === undefined && !result) {
      const sinceMs = Math.max(atMs, ...process.machine.pauses.map(({ toMs }) => toMs));
      const mostMs = 2 * timeoutMs + 4 * leaseMs + 8 * MAX_CALL_MS;
      this.#scene.checked("triggers-answered");
      if (this.#scene.time.nowMs - sinceMs > mostMs) {
        this.#scene.broken("triggers-answered", `${process.name} has not answered for ${mostMs} ms`);
      }
      return;
    }
    if (!result?.run) return;
    this.#scene.checked("triggers-answered");
    const run = this.#scene.history.claims.get(result.run.owner)?.run;
    const isTrue = run &&
      (result.outcome === "finished"
        ? run.endedMs !== undefined && !run.threw
        : result.outcome === "failed"
        ? run.threw
        : run.abortedMs !== undefined);
    if (!isTrue) this.#scene.broken("triggers-answered", `${process.name} answered ${result.outcome}, which is not so`);
  }
}
