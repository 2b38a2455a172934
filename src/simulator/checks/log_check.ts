/**
 * Promises about what is logged.
 *
 * @module
 */
import { type CheckContext, driftMs, isTimeUnknown, reckonedNowMs, SLACK_MS } from "../check_context.ts";
import type { ObservedRun, ObservedScheduler, Observer } from "../observations.ts";
import { nextDueRange } from "../reckoned_due_times.ts";

const LINE = /^### \[([A-Z]+)\] neat-periodic-task: "simulated"(, timeout exceeded!)?$/;

/** The line that a run ends with which was aborted, by the reason. */
const ABORT_LINES: Readonly<Record<string, string>> = {
  TimeoutError: "FAILED, timeout exceeded!",
  LeaseLostError: "FAILED",
};

/** Checks the log of each scheduler. */
export class LogCheck implements Observer {
  readonly #context: CheckContext;
  /** How often START was logged since the last run. */
  readonly #starts: Map<ObservedScheduler, number> = new Map();
  /** The last run of each scheduler. */
  readonly #runs: Map<ObservedScheduler, ObservedRun> = new Map();
  /** Runs that ended or were aborted in this step. */
  #over: ObservedRun[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  logged(scheduler: ObservedScheduler, level: string, message: string): void {
    if (scheduler.isDart) return;
    const run = this.#runs.get(scheduler);
    const [, word, suffix = ""] = LINE.exec(message) ?? [];
    if (word === "START") this.#starts.set(scheduler, (this.#starts.get(scheduler) ?? 0) + 1);
    else if (word === "ALIVE") this.#checkAlive(scheduler);
    else if (word) run?.reports.push(word + suffix);
    else if (message.includes("the outcome was not recorded")) run?.reports.push("not recorded");
    if (word && (level === "error") !== (word === "FAILED")) {
      this.#context.broken("log-lines", `${word} was logged at level ${level}`);
    }
  }

  runStarted(run: ObservedRun): void {
    const { scheduler } = run;
    if (scheduler.isDart) return;
    const starts = this.#starts.get(scheduler) ?? 0;
    this.#context.checked("log-lines");
    if (starts !== 1) this.#context.broken("log-lines", `START was logged ${starts} times before run ${run.number}`);
    this.#starts.set(scheduler, 0);
    this.#runs.set(scheduler, run);
  }

  runAborted(run: ObservedRun): void {
    if (run.endedMs === undefined) this.#over.push(run);
  }

  runEnded(run: ObservedRun): void {
    if (run.abortedMs === undefined) this.#over.push(run);
  }

  stepDone(): void {
    if (!this.#over.length) return;
    for (const run of this.#over.splice(0)) this.#checkEnd(run);
  }

  #checkEnd({ scheduler, number, reports, abortedBy, abortedMs, endedMs, threw }: ObservedRun): void {
    if (scheduler.isDart) return;
    const lines = reports.filter((report) => /^F/.test(report));
    const settledLine = threw ? "FAILED" : "FINISHED";
    // stop() waits for a run that it aborts, which has no line
    const expected = abortedBy === undefined ? settledLine : ABORT_LINES[abortedBy];
    const isRight = expected ? lines.length === 1 && lines[0] === expected : lines.length === 0;
    // a run that ends as it is aborted may count as either
    const isEither = abortedMs === endedMs && lines.length === 1 && lines[0] === settledLine;
    this.#context.checked("log-lines");
    if (isRight || isEither) return;
    const logged = lines.join(", ") || "nothing";
    this.#context.broken("log-lines", `of run ${number} ${logged} was logged, not ${expected ?? "nothing"}`);
  }

  #checkAlive(scheduler: ObservedScheduler): void {
    const context = this.#context;
    const { nowMs } = context;
    const { known, process: { name, machine }, settings, storeTimeReadMs, startedMs: schedulerMs } = scheduler;
    context.checked("alive-line");
    // before the first run it is logged as well, if that run is not due at once
    const isIdle = known?.view.state === "idle" && (settings.firstRun === "on-schedule" || settings.jitterMs > 0);
    const isPaused = known?.view.pausedMs !== undefined;
    if (!known || (known.view.state !== "finished" && !isIdle) || isPaused) {
      return context.broken("alive-line", `${name} knew a ${isPaused ? "paused" : known?.view.state} record`);
    }
    if (isTimeUnknown(context)) return;
    const fromMs = storeTimeReadMs ?? schedulerMs;
    if (machine.hasJumped(fromMs, nowMs) || machine.hasJumped(known.atMs, Infinity)) return;
    const reckonedMs = reckonedNowMs(context, scheduler);
    const { startedMs, scheduledMs = startedMs } = known.view;
    // a record dated into the future counts as written when it was read
    const readMs = reckonedMs - (nowMs - known.atMs);
    const isFuture = Math.max(startedMs, scheduledMs) > readMs + settings.clockToleranceMs / 2;
    const lateMs = reckonedMs - nextDueRange(context, scheduler, known.view).latestMs;
    const slackMs = driftMs(context, scheduler, nowMs - fromMs) + scheduler.storeTimeLagMs + SLACK_MS;
    if (!isFuture && lateMs > slackMs) {
      context.broken("alive-line", `${name} logged it ${Math.round(lateMs)} ms after the next run was due`);
    }
  }
}
