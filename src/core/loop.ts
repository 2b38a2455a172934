/**
 * The loop of a scheduler: its state, its timer, and the order of its steps.
 *
 * @module
 */
import type { Explanation, SchedulerState, StopResult, TriggerResult } from "../results.ts";
import type { Settings } from "../settings.ts";
import type { StoreClient } from "../store/client.ts";
import { withDeadline } from "../store/deadline.ts";
import { MAX_TIMER_MS, settleMicrotasks, startTimer } from "../time/delay.ts";
import { AbandonedRuns } from "./abandoned_runs.ts";
import { type Activity, explain } from "./explanation.ts";
import { Hints } from "./hints.ts";
import { type Iteration, newIteration } from "./iteration.ts";
import { OwnCalls } from "./own_calls.ts";
import { type PendingAnswer, pendingAnswer, rejectedAnswer } from "./pending_answer.ts";
import { Readiness } from "./readiness.ts";
import type { Reporter } from "./reporter.ts";
import { RunSlot } from "./run_slots.ts";
import { type Next, Stepper, type TriggerAnswer, type Wait } from "./step.ts";
import type { WatcherOptions } from "./watcher.ts";

/** A timer that fires early by at most this time, in milliseconds, is set again without a check. */
const EARLY_MS = 50;

/** The longest wait of a stopping scheduler for a call to the store, in milliseconds. */
const LAST_CALL_MS = 1_000;

/** The longest wait of a stopping scheduler for the outcome of its last run to be recorded, in milliseconds. */
const LAST_WRITES_MS = 10_000;

/** After this number of runs without a timer in between, the event loop does other work before a triggered run. */
const MAX_RUNS_PER_TURN = 10;

/** The options of a {@linkcode Loop}. */
export interface LoopOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
  /** Watches the record until the signal aborts; `undefined` if the store cannot. */
  readonly watch: WatcherOptions["watch"] | undefined;
}

/** The loop of a scheduler. It makes steps, waits between them, and answers triggers. */
export class Loop {
  /** The settings of the scheduler. */
  readonly settings: Settings;
  /** The calls of the scheduler to its store. */
  readonly client: StoreClient;
  /** The slot for a run, which a group may limit. */
  readonly slot: RunSlot;
  readonly #stepper: Stepper;
  readonly #abandoned: AbandonedRuns;
  readonly #reporter: Reporter;
  /** Created for the first call during a run. */
  #ownCalls: OwnCalls | undefined;
  readonly #readiness = new Readiness();
  /** `undefined` if the store cannot watch the record. */
  readonly #hints: Hints | undefined;
  #state: SchedulerState = "new";
  #timer: unknown;
  /** The current wait; `undefined` if no timer is set. */
  #wait: Wait | undefined;
  #iteration: Iteration | undefined;
  #iterating: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #trigger: PendingAnswer<TriggerResult> | undefined;
  /** Whether the store's watch has not ended at its signal. */
  #isWatchLeft = false;
  /** The number of runs since a timer fired. */
  #runsThisTurn = 0;

  /** Creates a loop. It does nothing until it is started or triggered. */
  constructor({ settings, client, reporter, watch }: LoopOptions) {
    this.settings = settings;
    this.client = client;
    const wake = (): void => this.#wake();
    this.slot = new RunSlot(wake);
    this.#abandoned = new AbandonedRuns(settings.maxAbandoned, wake);
    this.#reporter = reporter;
    // a watch would keep the process alive
    if (watch && settings.keepAlive) {
      this.#hints = new Hints({ watch, settings, client, reporter, onHint: () => this.#hint() });
    }
    this.#stepper = new Stepper({
      settings,
      client,
      reporter,
      abandoned: this.#abandoned,
      readiness: this.#readiness,
      slot: this.slot,
      stop: () => this.#stop(),
    });
  }

  /** The state of the scheduler. */
  get state(): SchedulerState {
    return this.#state;
  }

  /** Whether other replicas check the record for the next due time, so that what is known of it may be old. */
  get leavesChecks(): boolean {
    return this.#wait?.ignoresHints === true;
  }

  /** Starts the loop. A due run starts immediately. */
  start(): void {
    this.#state = "started";
    this.#hints?.start();
    this.#wake();
  }

  /** Requests a run. The step in progress answers, or a later one. */
  trigger(): Promise<TriggerResult> {
    if (this.#isStopping) return Promise.resolve({ outcome: "stopped" });
    const run = this.#iteration?.run;
    const error = run && this.#noticedCalls.noticeTrigger(run);
    if (error) return rejectedAnswer(error);
    if (this.#trigger) return this.#trigger.answer;
    this.#trigger = pendingAnswer();
    const { answer } = this.#trigger;
    if (!this.#iteration && this.#mustYield) this.#sleep(this.#stepper.waitForTurn());
    else this.#wake();
    return answer;
  }

  /** Waits for the first check; later calls are answered by the last one. */
  ready(): Promise<void> {
    return this.#readiness.ready();
  }

  /**
   * Stops the loop at the request of the user. No claim and no run starts after this call.
   *
   * @param options Whether to abort the run in progress, and the longest wait for it in milliseconds.
   * @returns The result for the user.
   */
  async stop({ abort, timeoutMs }: { abort: boolean; timeoutMs: number | undefined }): Promise<StopResult> {
    const run = this.#iteration?.run;
    const isCalledByTask = run !== undefined && this.#noticedCalls.noticeStop(run);
    this.#stop();
    if (abort) run?.abort();
    const drained = this.#drained ?? Promise.resolve();
    if (timeoutMs !== undefined) {
      const cancelTimer = startTimer(this.settings.clock, () => void this.#endRun(), timeoutMs);
      drained.then(cancelTimer);
    }
    if (isCalledByTask) return { clean: false, abandoned: this.#abandoned.count };
    await drained;
    return { clean: this.#abandoned.count === 0 && !this.#isWatchLeft, abandoned: this.#abandoned.count };
  }

  /** Ends the current wait or the step in progress, and stops the loop after the work in progress. */
  #stop(): void {
    if (this.#state !== "stopped") this.#state = "stopping";
    this.#clearTimer();
    this.#readiness.stopped(this.#state);
    void this.#hints?.stop();
    if (this.#iteration) this.#iteration.stop.abort();
    else {
      this.#answer({ kind: "result", result: { outcome: "stopped" } });
      this.slot.release();
    }
    this.#drained ??= this.#drain();
  }

  /** Aborts the run in progress, and ends it without waiting for the task. Ends the calls to the store one second later. */
  async #endRun(): Promise<void> {
    const iteration = this.#iteration;
    const iterating = this.#iterating;
    if (!iteration || !iterating) return;
    iteration.run?.abort();
    await settleMicrotasks(() => !this.#iteration);
    iteration.run?.detach();
    await withDeadline(this.settings.clock, LAST_CALL_MS, undefined, () => iterating).catch(() =>
      iteration.cancel.abort()
    );
  }

  /** Explains the activity of the loop. */
  explain(): Explanation {
    return explain(this.#state, this.#activity(), this.#abandoned.count);
  }

  #activity(): Activity {
    const run = this.#iteration?.run;
    if (run) return { kind: "running", term: run.term };
    if (this.#iteration) return { kind: "checking" };
    if (!this.#wait) return { kind: "none" };
    return { kind: "waiting", waiting: this.#wait.waiting, untilMs: this.#wait.untilMs };
  }

  get #noticedCalls(): OwnCalls {
    return this.#ownCalls ??= new OwnCalls(this.#reporter);
  }

  get #isStopping(): boolean {
    return this.#state === "stopping" || this.#state === "stopped";
  }

  /** Whether the loop is started or a trigger is pending. */
  get #hasWork(): boolean {
    return this.#state === "started" || this.#trigger !== undefined;
  }

  /** Whether the event loop must do other work before a triggered run. */
  get #mustYield(): boolean {
    return this.#runsThisTurn >= MAX_RUNS_PER_TURN;
  }

  /** Checks the record soon, as the store has given a hint that it may have changed. */
  #hint(): void {
    if (this.#iteration) this.#iteration.isHinted = true;
    const wait = this.#wait;
    const untilMs = wait && !this.#isStopping ? this.#hints?.checkMs(wait) : undefined;
    if (wait && untilMs !== undefined && untilMs < wait.untilMs) this.#sleep({ ...wait, untilMs });
  }

  /** Starts an iteration, unless one is in progress. */
  #wake(): void {
    this.#clearTimer();
    if (!this.#iteration && this.#hasWork && !this.#isStopping) this.#iterating = this.#iterate();
  }

  /** Makes steps until the next wait. */
  async #iterate(): Promise<void> {
    const iteration = this.#iteration = newIteration();
    let next: Next;
    do {
      const triggerBefore = this.#trigger;
      const result = await this.#stepper.step(iteration, triggerBefore !== undefined);
      next = result.next;
      if (result.hasRun) this.#runsThisTurn++;
      if (result.answer.kind === "result" || !this.#isStopping) this.#answer(result.answer);
      const hasNewTrigger = this.#trigger !== undefined && this.#trigger !== triggerBefore;
      if (this.#mayRunNow(next)) next = { kind: "again" };
      if (next.kind === "wait" && hasNewTrigger) {
        next = this.#mustYield ? this.#stepper.waitForTurn() : { kind: "again" };
      }
    } while (next.kind === "again" && this.#hasWork && !this.#isStopping);
    this.#iteration = this.#iterating = undefined;
    this.#hints?.checked();
    if (this.#isStopping) this.#answer({ kind: "result", result: { outcome: "stopped" } });
    else if (this.#hasWork && next.kind === "wait") this.#sleep(next);
    if (iteration.isHinted && !this.#hints?.isAboutOwnWrite) this.#hint();
    // last, as it may start the run of another scheduler
    if (!this.#isWaitingForSlot) this.slot.release();
  }

  /** Whether a run may start that a step has put off: a slot was free, or a call has returned, while the step ended. */
  #mayRunNow(next: Next): boolean {
    if (next.kind !== "wait") return false;
    const { reason } = next.waiting;
    return reason === "too-many-abandoned" && !this.#abandoned.isFull || reason === "concurrency" && this.slot.isHeld;
  }

  get #isWaitingForSlot(): boolean {
    return this.#wait?.waiting.reason === "concurrency";
  }

  /** Answers the pending trigger, if there is an answer. */
  #answer(answer: TriggerAnswer): void {
    if (answer.kind === "none") return;
    if (answer.kind === "result") this.#trigger?.resolve(answer.result);
    else {
      this.#readiness.failed(answer.error);
      this.#trigger?.reject(answer.error);
    }
    this.#trigger = undefined;
  }

  /** Sets the timer. If the wait is longer than the longest timer of 25 days, the timer fires early and causes a check. */
  #sleep(wait: Wait): void {
    this.#clearTimer();
    this.#wait = wait;
    const delayMs = Math.min(Math.max(Math.ceil(wait.untilMs - this.settings.clock.nowMs()), 1), MAX_TIMER_MS);
    this.#timer = this.settings.clock.setTimer(() => this.#timerFired(wait), delayMs);
    // a process must not end while somebody waits for an answer
    if (!this.settings.keepAlive && !this.#trigger) this.settings.clock.unrefTimer?.(this.#timer);
  }

  #timerFired(wait: Wait): void {
    this.#wait = undefined;
    this.#runsThisTurn = 0;
    const earlyMs = wait.untilMs - this.settings.clock.nowMs();
    if (earlyMs > 0 && earlyMs <= EARLY_MS) this.#sleep(wait);
    else this.#wake();
  }

  #clearTimer(): void {
    if (this.#wait) this.settings.clock.clearTimer(this.#timer);
    this.#wait = undefined;
  }

  /** Waits for the work in progress, and gives up the place of the preferred replica. */
  async #drain(): Promise<void> {
    // a store may call stop() synchronously, before the promise of the iteration is stored
    await undefined;
    const iteration = this.#iteration;
    const iterating = this.#iterating;
    if (iteration && iterating) {
      await iteration.run?.ended;
      // a store that does not answer must not delay the stop for the whole lease
      await withDeadline(this.settings.clock, LAST_WRITES_MS, undefined, () => iterating).catch(() =>
        iteration.cancel.abort()
      );
      await iterating;
    }
    const hintsStopped = withDeadline(
      this.settings.clock,
      LAST_CALL_MS,
      undefined,
      async () => await this.#hints?.stop(),
    );
    const [watchEnd] = await Promise.allSettled([
      hintsStopped,
      this.client.resign(LAST_CALL_MS),
    ]);
    this.#isWatchLeft = watchEnd.status === "rejected";
    this.#state = "stopped";
  }
}
