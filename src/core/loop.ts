/**
 * The loop of one task: its state, its timer, and the order of its steps.
 *
 * @module
 */
import type { Explanation, SchedulerState, StopResult, TriggerResult } from "../results.ts";
import type { Settings } from "../settings.ts";
import type { StoreClient } from "../store/client.ts";
import { withDeadline } from "../store/deadline.ts";
import type { Clock } from "../time/clock.ts";
import { MAX_TIMER_MS, settleMicrotasks, startTimer } from "../time/delay.ts";
import { AbandonedRuns } from "./abandoned_runs.ts";
import { type Activity, explain } from "./explanation.ts";
import { type Iteration, newIteration } from "./iteration.ts";
import { OwnCalls } from "./own_calls.ts";
import { type PendingTrigger, pendingTrigger } from "./pending_trigger.ts";
import type { Reporter } from "./reporter.ts";
import { type Next, Stepper, type TriggerAnswer, type Wait } from "./step.ts";

/** A timer that fires early by no more than this, in milliseconds, is not worth a check. */
const EARLY_MS = 50;

/** A scheduler that stops waits no longer than this, in milliseconds, for a store. */
const LAST_CALL_MS = 1_000;

/** A scheduler that stops tries no longer than this, in milliseconds, to write the outcome of a run that is over. */
const LAST_WRITES_MS = 10_000;

/** How many runs may be triggered one after the other before the host's other work gets its turn of the event loop. */
const RUNS_A_TURN = 10;

/** What a loop needs. */
export interface LoopOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
}

/** The loop of one scheduler: it waits, makes steps, and answers triggers. */
export class Loop {
  readonly #clock: Clock;
  readonly #client: StoreClient;
  readonly #stepper: Stepper;
  readonly #abandoned: AbandonedRuns;
  readonly #ownCalls: OwnCalls;
  #state: SchedulerState = "new";
  #timer: unknown;
  /** The wait that the timer ends; absent if no timer is set. */
  #wait: Wait | undefined;
  #iteration: Iteration | undefined;
  #iterating: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #trigger: PendingTrigger | undefined;
  /** Runs since the loop last waited for a timer. */
  #runsThisTurn = 0;

  constructor({ settings, client, reporter }: LoopOptions) {
    this.#clock = settings.clock;
    this.#client = client;
    this.#abandoned = new AbandonedRuns(settings.maxAbandoned, () => this.#wake());
    this.#ownCalls = new OwnCalls((message) => reporter.warn(message));
    this.#stepper = new Stepper({
      settings,
      client,
      reporter,
      abandoned: this.#abandoned,
      stop: () => this.#stop(),
    });
  }

  /** The state of the scheduler. */
  get state(): SchedulerState {
    return this.#state;
  }

  /** Starts the loop. A due run starts immediately. */
  start(): void {
    this.#state = "started";
    this.#wake();
  }

  /** Asks for a run. The next step, or the one in progress, answers. */
  trigger(): Promise<TriggerResult> {
    if (this.#isStopping) return Promise.resolve({ outcome: "stopped" });
    const refusal = this.#ownCalls.noticeTrigger(this.#iteration?.run);
    if (refusal) return Promise.reject(refusal);
    if (this.#trigger) return this.#trigger.answer;
    this.#trigger = pendingTrigger();
    const { answer } = this.#trigger;
    if (!this.#iteration && this.#mustYield) this.#sleep(this.#stepper.waitForTurn());
    else this.#wake();
    return answer;
  }

  /**
   * Stops the loop for the user: no read, no claim and no run begins any more.
   *
   * @param options Whether to abort the run in progress, and for how long to wait for it, in milliseconds.
   * @returns How many calls of the task have not returned, and whether the run in progress was waited for.
   */
  async stop({ abort, timeoutMs }: { abort: boolean; timeoutMs: number | undefined }): Promise<StopResult> {
    const isCalledByTask = this.#ownCalls.noticeStop(this.#iteration?.run);
    this.#stop();
    if (abort) this.#iteration?.run?.abort();
    const drained = this.#drained ?? Promise.resolve();
    if (timeoutMs !== undefined) {
      const cancelTimer = startTimer(this.#clock, () => void this.#cutShort(), timeoutMs);
      drained.then(cancelTimer);
    }
    if (isCalledByTask) return { clean: false, abandoned: this.#abandoned.count };
    await drained;
    return { clean: this.#abandoned.count === 0, abandoned: this.#abandoned.count };
  }

  #stop(): void {
    if (this.#state !== "stopped") this.#state = "stopping";
    this.#clearTimer();
    if (this.#iteration) this.#iteration.stop.abort();
    else this.#answer({ kind: "result", result: { outcome: "stopped" } });
    this.#drained ??= this.#drain();
  }

  /** Aborts the run in progress, and waits neither for the task nor, after one more second, for the store. */
  async #cutShort(): Promise<void> {
    const iteration = this.#iteration;
    const iterating = this.#iterating;
    if (!iteration || !iterating) return;
    iteration.run?.abort();
    await settleMicrotasks(() => !this.#iteration);
    iteration.run?.detach();
    await withDeadline(this.#clock, LAST_CALL_MS, undefined, () => iterating).catch(() => iteration.cancel.abort());
  }

  /** Explains what the loop is doing, by its last decision. */
  explain(): Explanation {
    return explain(this.#state, this.#activity(), this.#abandoned.count);
  }

  #activity(): Activity {
    const run = this.#iteration?.run;
    if (run) return { kind: "running", term: run.term };
    if (this.#iteration) return { kind: "checking" };
    if (!this.#wait) return { kind: "none" };
    return { kind: "waiting", waiting: this.#wait.waiting, until: new Date(this.#wait.untilMs) };
  }

  get #isStopping(): boolean {
    return this.#state === "stopping" || this.#state === "stopped";
  }

  /** Whether the loop was started or triggered. */
  get #isWanted(): boolean {
    return this.#state === "started" || this.#trigger !== undefined;
  }

  get #mustYield(): boolean {
    return this.#runsThisTurn >= RUNS_A_TURN;
  }

  /** Begins an iteration, unless one is in progress, which serves new triggers itself. */
  #wake(): void {
    this.#clearTimer();
    if (!this.#iteration && this.#isWanted && !this.#isStopping) this.#iterating = this.#iterate();
  }

  /** Makes steps until the loop has to wait. */
  async #iterate(): Promise<void> {
    const iteration = this.#iteration = newIteration();
    let next: Next;
    do {
      const served = this.#trigger;
      const result = await this.#stepper.step(iteration, served !== undefined);
      next = result.next;
      if (result.hasRun) this.#runsThisTurn++;
      if (result.answer.kind === "result" || !this.#isStopping) this.#answer(result.answer);
      const hasNewTrigger = this.#trigger !== undefined && this.#trigger !== served;
      const hasRoomCome = next.kind === "wait" && next.waiting.reason === "too-many-abandoned" &&
        !this.#abandoned.isFull;
      if (hasRoomCome) next = { kind: "again" };
      if (next.kind === "wait" && hasNewTrigger) {
        next = this.#mustYield ? this.#stepper.waitForTurn() : { kind: "again" };
      }
    } while (next.kind === "again" && this.#isWanted && !this.#isStopping);
    this.#iteration = this.#iterating = undefined;
    if (this.#isStopping) this.#answer({ kind: "result", result: { outcome: "stopped" } });
    else if (this.#isWanted && next.kind === "wait") this.#sleep(next);
  }

  /** Answers the trigger, if there is one and an answer for it. */
  #answer(answer: TriggerAnswer): void {
    if (answer.kind === "none") return;
    if (answer.kind === "result") this.#trigger?.resolve(answer.result);
    else this.#trigger?.reject(answer.error);
    this.#trigger = undefined;
  }

  /** Sets the timer. A wait longer than timers keep ends early, which costs one check every 25 days. */
  #sleep(wait: Wait): void {
    this.#clearTimer();
    this.#wait = wait;
    const delayMs = Math.min(Math.max(Math.ceil(wait.untilMs - this.#clock.nowMs()), 1), MAX_TIMER_MS);
    this.#timer = this.#clock.setTimer(() => this.#timerFired(wait), delayMs);
  }

  #timerFired(wait: Wait): void {
    this.#wait = undefined;
    this.#runsThisTurn = 0;
    const earlyMs = wait.untilMs - this.#clock.nowMs();
    if (earlyMs > 0 && earlyMs <= EARLY_MS) this.#sleep(wait);
    else this.#wake();
  }

  #clearTimer(): void {
    if (this.#wait) this.#clock.clearTimer(this.#timer);
    this.#wait = undefined;
  }

  /** Resolves when nothing is in progress any more, and the place of the preferred replica is given up. */
  async #drain(): Promise<void> {
    // a store may call stop() synchronously, before the promise of the iteration is kept
    await undefined;
    const iteration = this.#iteration;
    const iterating = this.#iterating;
    if (iteration && iterating) {
      await iteration.run?.ended;
      // a store that is away must not delay the stop for the whole lease
      await withDeadline(this.#clock, LAST_WRITES_MS, undefined, () => iterating).catch(() => iteration.cancel.abort());
      await iterating;
    }
    await this.#client.resign(LAST_CALL_MS);
    this.#state = "stopped";
  }
}
