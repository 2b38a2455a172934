/**
 * One run: its timeout, its heartbeat, its abort and its outcome.
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
import { handedOn } from "./duty.ts";
import { keepLease } from "./heartbeat.ts";
import type { Reporter, RunResult } from "./reporter.ts";
import { callTask, settle } from "./task_call.ts";

/** The options of an {@linkcode ActiveRun}. */
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

/** The outcome of a run that was aborted, with the reason of the abort. */
interface AbortOutcome {
  readonly outcome: RunOutcome;
  readonly error: Error;
}

/** One execution of the task, under a claim that was won. */
export class ActiveRun {
  readonly #options: ActiveRunOptions;
  readonly #run: Omit<Run, "scheduled" | "started" | "deadline"> & {
    readonly scheduledMs: number;
    readonly startedMs: number;
  };
  /** Aborts the signal of the task. */
  readonly #taskAbort = new AbortController();
  /** Aborts at the end of the run, whether or not the task has returned. */
  readonly #end = new AbortController();
  #abortOutcome: AbortOutcome | undefined;
  #isCallingTask = false;
  #hasReturned = false;
  #returned: Promise<unknown> = Promise.resolve();

  /** Creates a run. It does nothing until it is executed. */
  constructor(options: ActiveRunOptions) {
    this.#options = options;
    const { settings, client, claim, scheduledMs, stopAfter } = options;
    this.#run = {
      name: settings.name,
      term: claim.record.term,
      owner: claim.record.owner,
      signal: this.#taskAbort.signal,
      scheduledMs: client.hostDueTimeMs(scheduledMs),
      startedMs: claim.confirmed.wallMs,
      stopAfter: () => {
        if (!this.#end.signal.aborted) stopAfter();
      },
    };
  }

  /** The term of the claim. */
  get term(): number {
    return this.#run.term;
  }

  /** Whether the synchronous part of the task or of `wrapRun` is running at this moment. */
  get isCallingTask(): boolean {
    return this.#isCallingTask;
  }

  /** Whether the task and `wrapRun` have returned. */
  get hasReturned(): boolean {
    return this.#hasReturned;
  }

  /** Resolves when the task and `wrapRun` have returned. */
  get returned(): Promise<unknown> {
    return this.#returned;
  }

  /** Returns the run for users. Each call returns a new object, so that a user cannot change the object of another. */
  view(): Run {
    const { scheduledMs, startedMs, ...others } = this.#run;
    return {
      ...others,
      scheduled: new Date(scheduledMs),
      started: new Date(startedMs),
      deadline: new Date(startedMs + this.#options.settings.timeoutMs),
    };
  }

  /** Aborts the signal of the task because the scheduler stops. The run goes on until the task returns. */
  abort(): void {
    this.#abort("aborted", new DOMException("The scheduler was stopped", "AbortError"));
  }

  /** Ends the run. If the task has not returned, the run no longer waits for it. */
  detach(): void {
    this.#end.abort(endReason());
  }

  /** Resolves at the end of the run, before its outcome is recorded, whether or not the task has returned. */
  get ended(): Promise<void> {
    const { signal } = this.#end;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }

  /**
   * Calls the task and records the outcome. Never rejects.
   *
   * @param cancel Ends the attempts to record the outcome.
   * @returns The result of the run, after its outcome was recorded or the attempts have ended.
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
      over: this.#end.signal,
      onLeaseLost: () => this.#loseLease(),
    });
  }

  /** Calls the task, and waits until it returns or the run ends. */
  async #callTask(): Promise<{ outcome: RunOutcome; error: unknown }> {
    const { settings: { task, wrapRun }, reporter } = this.#options;
    const settled = settle(() =>
      callTask({
        task,
        wrapRun,
        run: this.view(),
        isAborted: () => this.#abortOutcome !== undefined,
        enter: (call) => this.#enterTask(call),
        onWrapError: (error) => reporter.warn("wrapRun failed", error),
      })
    );
    this.#returned = settled.then(() => this.#hasReturned = true);
    const failure = await Promise.race([settled, this.ended]);
    // not by the signal of the run, which the task can replace
    if (this.#abortOutcome) return this.#abortOutcome;
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
    // the outcome of a run that has ended must not change
    if (this.#end.signal.aborted) return;
    this.#abortOutcome ??= { outcome, error };
    this.#taskAbort.abort(error);
  }

  /** Returns the record after the run, with the next run handed on if replicas take turns. */
  #handOn(completed: StatusRecord): StatusRecord {
    const { client, settings: { rotate, clock } } = this.#options;
    const isHandedOn = rotate && completed.state === "finished";
    return isHandedOn ? handedOn(completed, client.newStandbyId(), clock.random()) : completed;
  }

  /** Records the outcome. The claim of an aborted run is released if the task has returned; otherwise its record stays. */
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
      : await claim.complete(this.#handOn(completedRecord(claim.record, end)), cancel);
    if (written === "lost") reporter.warn("the outcome was not recorded, as another replica wrote the record first");
    else if (written === "unknown") {
      reporter.warn("the outcome was not recorded in time, so the next run waits for the end of the lease");
    }
  }
}

let sharedEndReason: DOMException | undefined;

/** Returns the abort reason at the end of a run. All runs share it, as a DOMException is slow to create. */
function endReason(): DOMException {
  return sharedEndReason ??= new DOMException("The run is over", "AbortError");
}
