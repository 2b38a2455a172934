/**
 * Promises about what is logged.
 *
 * @module
 */
import { driftMs, reckonedMs, type Scene, SLACK_MS } from "../scene.ts";
import type { RunSeen, SchedulerSeen, Watcher } from "../seen.ts";

const LINE = /^### \[([A-Z]+)\] neat-periodic-task: "simulated"(, timeout exceeded!)?$/;

/** The line that each end of a run has. */
const LINES: Readonly<Record<string, string>> = {
  TimeoutError: "FAILED, timeout exceeded!",
  LeaseLostError: "FAILED",
};

/** Reads the log of each scheduler. */
export class LogCheck implements Watcher {
  readonly #scene: Scene;
  readonly #begun: Map<SchedulerSeen, number> = new Map();
  readonly #current: Map<SchedulerSeen, RunSeen> = new Map();
  #over: RunSeen[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  logged(scheduler: SchedulerSeen, level: string, message: string): void {
    if (scheduler.isOriginal) return;
    const run = this.#current.get(scheduler);
    const [, word, after = ""] = LINE.exec(message) ?? [];
    if (word === "START") this.#begun.set(scheduler, (this.#begun.get(scheduler) ?? 0) + 1);
    else if (word === "ALIVE") this.#checkAlive(scheduler);
    else if (word) run?.reports.push(word + after);
    else if (message.endsWith("the outcome was not recorded")) run?.reports.push("not recorded");
    if (word && (level === "error") !== (word === "FAILED")) {
      this.#scene.broken("log-lines", `${word} was logged at level ${level}`);
    }
  }

  began(run: RunSeen): void {
    const { scheduler } = run;
    if (scheduler.isOriginal) return;
    const begun = this.#begun.get(scheduler) ?? 0;
    this.#scene.checked("log-lines");
    if (begun !== 1) this.#scene.broken("log-lines", `START was logged ${begun} times before run ${run.number}`);
    this.#begun.set(scheduler, 0);
    this.#current.set(scheduler, run);
  }

  aborted(run: RunSeen): void {
    if (run.endedMs === undefined) this.#over.push(run);
  }

  ended(run: RunSeen): void {
    if (run.abortedMs === undefined) this.#over.push(run);
  }

  settled(): void {
    if (!this.#over.length) return;
    for (const run of this.#over.splice(0)) this.#checkEnd(run);
  }

  #checkEnd({ scheduler, number, reports, abortedBy, abortedMs, endedMs, threw }: RunSeen): void {
    if (scheduler.isOriginal) return;
    const lines = reports.filter((report) => /^F/.test(report));
    const ofBody = threw ? "FAILED" : "FINISHED";
    const expected = abortedBy === undefined ? ofBody : LINES[abortedBy];
    const isRight = expected ? lines.length === 1 && lines[0] === expected : lines.length === 0;
    // what ended just when it was aborted may count as either
    const isEither = abortedMs === endedMs && lines.length === 1 && lines[0] === ofBody;
    this.#scene.checked("log-lines");
    // a run that stop() aborts is waited for, and then has no line
    if (!isRight && !isEither) {
      const logged = lines.join(", ") || "nothing";
      this.#scene.broken("log-lines", `of run ${number} ${logged} was logged, not ${expected ?? "nothing"}`);
    }
  }

  #checkAlive(scheduler: SchedulerSeen): void {
    const scene = this.#scene;
    const { known, process: { machine }, lengths, anchoredMs } = scheduler;
    const ageMs = scene.time.nowMs - (anchoredMs ?? scheduler.startedMs);
    scene.checked("alive-line");
    if (known?.view.state !== "finished") {
      return scene.broken("alive-line", `${scheduler.process.name} knew of a ${known?.view.state} record`);
    }
    if (scene.isTimeUnknown) return;
    if (machine.hasJumped(scene.time.nowMs - ageMs, scene.time.nowMs) || machine.hasJumped(known.atMs, Infinity)) {
      return;
    }
    const nowMs = reckonedMs(scene, scheduler);
    const { startedMs, scheduledMs = startedMs } = known.view;
    // a time in the future is not believed, and the record counts as written when it was seen
    const isOdd =
      Math.max(startedMs, scheduledMs) > nowMs - (scene.time.nowMs - known.atMs) + lengths.clockToleranceMs / 2;
    const lateMs = nowMs - scheduledMs - lengths.intervalMs;
    if (!isOdd && lateMs > driftMs(scene, scheduler, ageMs) + scheduler.behindMs + SLACK_MS) {
      scene.broken("alive-line", `${scheduler.process.name} was ${Math.round(lateMs)} ms late to say so`);
    }
  }
}
