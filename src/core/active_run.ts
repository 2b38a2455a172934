/**
 * One run: timeout, heartbeat, abort, outcome.
 *
 * @module
 */
import { LeaseLostError } from "../errors.ts";
import type { Run } from "../options.ts";
import type { RunOutcome } from "../record/recent_runs.ts";
import type { StatusRecord } from "../record/status_record.ts";
import { completedRecord } from "../record/transitions.ts";
import type { Settings } from "../settings.ts";
import type { StoreClient } from "../store/client.ts";
import { elapsedMs } from "../time/clock.ts";
import { settleMicrotasks, startTimer } from "../time/delay.ts";
import type { Claim } from "./claim.ts";
import { keepLease } from "./heartbeat.ts";
import type { Reporter, RunResult } from "./reporter.ts";
import { callTask, settle } from "./task_call.ts";

/** What a run needs. */
export interface ActiveRunOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
  /** The claim that was won. */
  readonly claim: Claim;
  /** The record before the claim. */
  readonly before: StatusRecord;
  /** The due time of the run, in store time. */
  readonly scheduledMs: number;
  /** Stops the scheduler after the run. */
  readonly stopAfter: () => void;
}

/** Why a run ended before its task did. */
interface Ending {
  readonly outcome: RunOutcome;
  readonly error: Error;
}

/** One execution of the task under a claim that was won. */
export class ActiveRun {
  readonly #options: ActiveRunOptions;
  readonly #facts: Omit<Run, "scheduled" | "started" | "deadline"> & {
    readonly scheduledMs: number;
    readonly startedMs: number;
  };
  readonly #controller = new AbortController();
  /** Aborts when the run is over, whether or not the task has returned. */
  readonly #over = new AbortController();
  #ending: Ending | undefined;
  #isCallingTask = false;
  #hasReturned = false;
  #returned: Promise<unknown> = Promise.resolve();

  /** Creates the run. Nothing happens until it is executed. */
  constructor(options: ActiveRunOptions) {
    this.#options = options;
    const { settings, client, claim, scheduledMs, stopAfter } = options;
    this.#facts = {
      name: settings.name,
      term: claim.record.term,
      owner: claim.record.owner,
      signal: this.#controller.signal,
      scheduledMs: client.hostDueTimeMs(scheduledMs),
      startedMs: claim.confirmed.wallMs,
      stopAfter: () => {
        if (!this.#over.signal.aborted) stopAfter();
      },
    };
  }

  /** The term of the claim. */
  get term(): number {
    return this.#facts.term;
  }

  /** Whether the synchronous part of the task, or of `wrapRun`, is executing. */
  get isCallingTask(): boolean {
    return this.#isCallingTask;
  }

  /** Whether neither the task nor `wrapRun` is running any more. */
  get hasReturned(): boolean {
    return this.#hasReturned;
  }

  /** Resolves when neither the task nor `wrapRun` is running any more. */
  get returned(): Promise<unknown> {
    return this.#returned;
  }

  /** Returns the run as users see it. It is new at each call, so that no user changes the run that others see. */
  view(): Run {
    const { scheduledMs, startedMs, ...facts } = this.#facts;
    return {
      ...facts,
      scheduled: new Date(scheduledMs),
      started: new Date(startedMs),
      deadline: new Date(startedMs + this.#options.settings.timeoutMs),
    };
  }

  /** Aborts the signal of the task, because the scheduler stops. The run still waits for the task. */
  abort(): void {
    this.#abort("aborted", new DOMException("The scheduler was stopped", "AbortError"));
  }

  /** Ends the run without waiting for the task any longer. */
  detach(): void {
    this.#over.abort(runOver());
  }

  /** Resolves when the run is over, whether or not the task has returned. Its outcome is then being recorded. */
  get ended(): Promise<void> {
    const { signal } = this.#over;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }

  /**
   * Calls the task and records the outcome. Never rejects, and resolves when the loop may go on.
   *
   * @param cancel Ends the writing of the outcome.
   */
  async execute(cancel: AbortSignal): Promise<RunResult> {
    const { settings: { clock, timeoutMs }, reporter, claim } = this.#options;
    const { confirmed } = claim;
    reporter.started(this.view());
    const cancelTimeout = startTimer(clock, () => this.#timeOut(), timeoutMs - elapsedMs(clock, confirmed));
    const heartbeat = this.#startHeartbeat();
    const result = await this.#callTask();
    this.detach();
    cancelTimeout();
    const durationMs = elapsedMs(clock, confirmed);
    reporter.ended({ ...result, run: this.view(), durationMs });
    await heartbeat;
    await this.#record(result, durationMs, cancel);
    await settleMicrotasks(() => this.#hasReturned);
    return { ...result, run: this.view(), durationMs };
  }

  #startHeartbeat(): Promise<void> | undefined {
    const { settings: { clock, heartbeatIntervalMs, leaseMs }, claim } = this.#options;
    if (heartbeatIntervalMs === undefined) return undefined;
    return keepLease({
      claim,
      clock,
      leaseMs,
      intervalMs: heartbeatIntervalMs,
      over: this.#over.signal,
      onLeaseLost: () => this.#loseLease(),
    });
  }

  /** Calls the task, and waits for it or for the end of the run, whichever comes first. */
  async #callTask(): Promise<{ outcome: RunOutcome; error: unknown }> {
    const { settings: { task, wrapRun }, reporter } = this.#options;
    const settled = settle(() =>
      callTask({
        task,
        wrapRun,
        run: this.view(),
        isOver: () => this.#ending !== undefined,
        enter: (call) => this.#enterTask(call),
        onWrapError: (error) => reporter.warn("wrapRun failed", error),
      })
    );
    this.#returned = settled.then(() => this.#hasReturned = true);
    const failure = await Promise.race([settled, this.ended]);
    // by nothing that the task can change: its run and the signal's reason are its own
    if (this.#ending) return this.#ending;
    return failure?.isFailure ? { outcome: "failed", error: failure.error } : { outcome: "finished", error: undefined };
  }

  #enterTask<T>(call: () => T): T {
    const wasCalling = this.#isCallingTask;
    this.#isCallingTask = true;
    try {
      return call();
    } finally {
      this.#isCallingTask = wasCalling;
    }
  }

  #timeOut(): void {
    const { timeoutMs } = this.#options.settings;
    this.#abort("timeout", new DOMException(`The run exceeded ${timeoutMs} ms`, "TimeoutError"));
    this.detach();
  }

  #loseLease(): void {
    const error = new LeaseLostError("The lease was lost");
    this.#options.reporter.leaseLost(this.view(), error);
    this.#abort("leaselost", error);
    this.detach();
  }

  #abort(outcome: RunOutcome, error: Error): void {
    // the outcome is known: an abort would come too late to change it
    if (this.#over.signal.aborted) return;
    this.#ending ??= { outcome, error };
    this.#controller.abort(error);
  }

  /** Records the outcome. An aborted run is released if the task has returned; else its record stays until the lease is over. */
  async #record(
    { outcome, error }: { outcome: RunOutcome; error: unknown },
    durationMs: number,
    cancel: AbortSignal,
  ): Promise<void> {
    const { claim, client, before, reporter } = this.#options;
    const isAborted = outcome === "aborted";
    if (isAborted && !this.#hasReturned) return;
    const end = { outcome, error, durationMs, finishedMs: client.latestNowMs };
    const written = isAborted
      ? await claim.release(before, cancel)
      : await claim.complete(completedRecord(claim.record, end), cancel);
    if (written === "lost") reporter.warn("the outcome was not recorded, as another replica wrote the record first");
    else if (written === "unknown") {
      reporter.warn("the outcome was not recorded in time, so the next run waits for the end of the lease");
    }
  }
}

let overReason: DOMException | undefined;

/** Returns the reason with which the store calls of a run end. Shared, as a DOMException is slow to create. */
function runOver(): DOMException {
  return overReason ??= new DOMException("The run is over", "AbortError");
}
