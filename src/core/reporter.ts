/**
 * The log lines and events of one task.
 *
 * @module
 */
import {
  NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventDetails,
  type NeatPeriodicTaskEventType,
  type RunEventDetail,
  SafeEventTarget,
  type TakeoverReason,
} from "../events.ts";
import { callSafely, type Logger, type LogLevel, logTo } from "../log.ts";
import type { Run } from "../options.ts";
import type { RunOutcome } from "../record/recent_runs.ts";
import type { Clock } from "../time/clock.ts";
import { Outage } from "./outage.ts";

/** The result of a run. */
export interface RunResult {
  readonly run: Run;
  readonly outcome: RunOutcome;
  /** The value that the task threw, or the reason of the abort; `undefined` if the run finished. */
  readonly error: unknown;
  /** The time from the claim to the end of the run, in milliseconds. */
  readonly durationMs: number;
}

/** The options of a {@linkcode Reporter}. */
export interface ReporterOptions {
  readonly name: string;
  readonly instance: () => string;
  readonly clock: Clock;
  readonly log: Logger | undefined;
}

const CAUSES: Readonly<Record<TakeoverReason, string>> = {
  "lease-over": "its lease is over",
  stopped: "it has stopped",
  overdue: "it has not started the run that was due",
  triggered: "a run was triggered here",
};

/** Writes the log lines and dispatches the events of a task. Errors of the logger and of listeners do not reach callers. */
export class Reporter {
  readonly #name: string;
  readonly #instance: () => string;
  readonly #clock: Clock;
  readonly #log: Logger | undefined;
  #events: SafeEventTarget | undefined;
  #outage: Outage | undefined;

  /** Creates a reporter for one task. */
  constructor({ name, instance, clock, log }: ReporterOptions) {
    this.#name = name;
    this.#instance = instance;
    this.#clock = clock;
    this.#log = log;
  }

  /** The target of the events. Created at its first use, as it takes more memory than the rest of an idle scheduler. */
  get events(): SafeEventTarget {
    return this.#events ??= new SafeEventTarget((error) => this.warn("a listener failed", error));
  }

  /** Reports that the last run finished and the next one is not due. */
  alive(): void {
    this.#logLine("info", "ALIVE");
    this.#emit("alive", {});
  }

  /** Reports that this replica runs the task after another one. */
  tookOver({ from, reason, run }: { from: string | undefined; reason: TakeoverReason; run: Run }): void {
    this.#logMessage(
      "info",
      `took over from ${from === undefined ? "another replica" : `"${from}"`}: ${CAUSES[reason]}`,
    );
    this.#emit("takeover", { ...detailOf(run), from, reason });
  }

  /** Reports that a run starts. */
  started(run: Run): void {
    this.#logLine("info", "START");
    this.#emit("start", detailOf(run));
  }

  /** Reports the end of a run. An aborted run is not reported, as the record returns to its state before the claim. */
  ended({ run, outcome, error, durationMs }: RunResult): void {
    if (outcome === "aborted") return;
    if (outcome === "finished") {
      this.#logLine("info", "FINISHED");
      this.#emit("finished", { ...detailOf(run), outcome, durationMs });
    } else {
      this.#logLine(
        "error",
        "FAILED",
        outcome === "timeout" ? ", timeout exceeded!" : "",
        error,
        `instance "${this.#instance()}"`,
      );
      this.#emit("failed", { ...detailOf(run), outcome, durationMs, error });
    }
  }

  /** Reports that the lease of a run can no longer be trusted. */
  leaseLost(run: Run, error: Error): void {
    this.#emit("leaselost", { ...detailOf(run), error });
  }

  /** Reports that the task has not returned after its abort. */
  abandoned(run: Run): void {
    this.warn(`run ${run.term} has not returned after its abort, going on without it`);
    this.#emit("abandoned", detailOf(run));
  }

  /** Reports a failed call to the store. The first failure of an outage is logged with its error, some later ones without. */
  storeFailed(error: unknown): void {
    const nowMs = this.#clock.monotonicMs();
    this.#outage ??= new Outage(nowMs);
    const report = this.#outage.fail(nowMs);
    if (report?.failures === 1) this.warn("store call failed, retrying", error);
    else if (report) {
      this.warn(`store has not answered for ${seconds(report.durationMs)}, ${report.failures} calls failed, retrying`);
    }
    this.#emit("storeerror", { error });
  }

  /** Reports the end of an outage. Does nothing if the last call did not fail. */
  storeAnswered(): void {
    if (!this.#outage) return;
    const { durationMs, failures } = this.#outage.report(this.#clock.monotonicMs());
    this.#outage = undefined;
    this.#logMessage("info", `store answers again after ${seconds(durationMs)}, ${calls(failures)} failed`);
    this.#emit("storeback", { durationMs, failures });
  }

  /** Reports that the store refuses claims although no other replica has written the record. */
  claimsRefused(count: number): void {
    const message = `store refused ${count} claims in a row, and no other replica has written the record`;
    this.warn(message);
    this.#emit("storeerror", { error: new Error(message) });
  }

  /** Logs a warning. */
  warn(message: string, ...details: unknown[]): void {
    this.#logMessage("warn", message, ...details);
  }

  /** Logs an error. */
  error(message: string, ...details: unknown[]): void {
    this.#logMessage("error", message, ...details);
  }

  /** Logs one of the four lines that alerts match. */
  #logLine(level: LogLevel, word: "ALIVE" | "START" | "FINISHED" | "FAILED", after = "", ...details: unknown[]): void {
    logTo(this.#log, level, `### [${word}] neat-periodic-task: "${this.#name}"${after}`, ...details);
  }

  #logMessage(level: LogLevel, message: string, ...details: unknown[]): void {
    logTo(this.#log, level, `neat-periodic-task "${this.#name}": ${message}`, ...details);
  }

  #emit<Type extends NeatPeriodicTaskEventType>(type: Type, detail: NeatPeriodicTaskEventDetails[Type]): void {
    const events = this.#events;
    if (!events) return;
    const common = { name: this.#name, instance: this.#instance(), time: new Date(this.#clock.nowMs()) };
    callSafely(() => events.dispatchEvent(new NeatPeriodicTaskEvent(type, { ...detail, ...common })));
  }
}

function detailOf(run: Run): RunEventDetail {
  const { term, scheduled, started } = run;
  return { run, term, scheduled, started };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

function calls(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}
