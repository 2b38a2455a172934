/**
 * The loop of one task: check the record, decide, claim, run, and wait until the next check.
 *
 * @module
 */
import { cannot, unusableRecordError } from "../errors.ts";
import { NEVER_RUN } from "../record/status_record.ts";
import { claimedRecord } from "../record/transitions.ts";
import type { Explanation, SchedulerState, TriggerResult } from "../results.ts";
import type { Settings } from "../settings.ts";
import { type KnownRecord, StoreClient } from "../store/client.ts";
import { withDeadline } from "../store/deadline.ts";
import { backoffMs } from "../time/backoff.ts";
import { elapsedMs } from "../time/clock.ts";
import { MAX_TIMER_MS, settleMicrotasks } from "../time/delay.ts";
import { ActiveRun } from "./active_run.ts";
import { acquireClaim, type Claim } from "./claim.ts";
import { decide, type Decision, type RunDecision, type WaitDecision } from "./decision.ts";
import { type Activity, explain, type Waiting } from "./explanation.ts";
import { type PendingTrigger, pendingTrigger } from "./pending_trigger.ts";
import type { Reporter, RunResult } from "./reporter.ts";
import { RetryDelay } from "./retry_delay.ts";

/** A timer that fires early by no more than this, in milliseconds, is not worth a check. */
const EARLY_MS = 50;

/** A scheduler that stops waits no longer than this, in milliseconds, for a store. */
const LAST_CALL_MS = 1_000;

/** After so many refused claims in a row that nothing explains, and at each doubling, a warning is logged. */
const REFUSED_CLAIMS = 3;

/** How many runs may be triggered one after the other before the host's other work gets its turn of the event loop. */
const RUNS_A_TURN = 10;

/** What a loop needs. */
export interface LoopOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
}

/** What is in progress between two waits of the loop. */
interface Iteration {
  /** Aborts when the scheduler stops: reads and repetitions end, and no run starts. */
  readonly stop: AbortController;
  /** Ends the writes too, when `stop()` has waited for long enough. */
  readonly cancel: AbortController;
  /** Whether it has written the first record. */
  hasCreatedRecord: boolean;
  /** Whether the store has refused that record. */
  isCreationRefused: boolean;
  /** Whether it has tried to run the task. */
  hasRun: boolean;
  /** The run, from its claim until its outcome is recorded. */
  run: ActiveRun | undefined;
}

/** What to do after a step: another one immediately, or to wait. */
type Next =
  | { readonly kind: "again" }
  /** Until a time by the wall clock. */
  | { readonly kind: "wait"; readonly untilMs: number; readonly waiting: Waiting };

const AGAIN: Next = { kind: "again" };

/** What a scheduler does between its start and its stop. */
export class Loop {
  readonly #settings: Settings;
  readonly #client: StoreClient;
  readonly #reporter: Reporter;
  readonly #retryDelay: RetryDelay;
  #state: SchedulerState = "new";
  #timer: unknown;
  #wait: Extract<Next, { kind: "wait" }> | undefined;
  #iteration: Iteration | undefined;
  #iterating: Promise<void> | undefined;
  #drained: Promise<void> | undefined;
  #trigger: PendingTrigger | undefined;
  /** Steps in a row that ended in a backoff. */
  #failures = 0;
  #refusedClaims = 0;
  #abandoned = 0;
  /** Runs since the loop last waited for a timer. */
  #runsThisTurn = 0;
  #hasWarnedOfTrigger = false;
  #hasWarnedOfStop = false;

  constructor({ settings, client, reporter }: LoopOptions) {
    this.#settings = settings;
    this.#client = client;
    this.#reporter = reporter;
    this.#retryDelay = new RetryDelay(
      settings.retryDelay,
      settings.timeoutMs,
      (error) => reporter.warn("retryDelay failed", error),
    );
  }

  /** The state of the scheduler. */
  get state(): SchedulerState {
    return this.#state;
  }

  /** How many calls of the task have not returned after their abort. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /** Starts the loop. A due run starts immediately. */
  start(): void {
    this.#state = "started";
    this.#wake();
  }

  /** Asks for a run. The next step of the loop, or the one in progress, answers. */
  trigger(): Promise<TriggerResult> {
    if (this.#isStopping) return Promise.resolve({ outcome: "stopped" });
    const run = this.#iteration?.run;
    if (run?.isCallingTask) {
      return Promise.reject(new Error(cannot("trigger the task", "its own run asks for it and would wait", run.term)));
    }
    if (run && !this.#hasWarnedOfTrigger) {
      this.#hasWarnedOfTrigger = true;
      const advice = "a task must not await its own trigger(), as the run would time out";
      this.#reporter.warn(`trigger() waits for run ${run.term}: ${advice}`);
    }
    if (this.#trigger) return this.#trigger.answer;
    this.#trigger = pendingTrigger();
    const { answer } = this.#trigger;
    if (!this.#iteration && this.#mustYield) this.#sleep(this.#waitUntilNow());
    else this.#wake();
    return answer;
  }

  /**
   * Stops the loop: no read, no claim and no run begins any more.
   *
   * @returns Whether the task itself has called it, so that its answer must not wait for the task.
   */
  stop(): boolean {
    if (this.#state !== "stopped") this.#state = "stopping";
    this.#clearTimer();
    if (this.#iteration) this.#iteration.stop.abort();
    else this.#answer({ outcome: "stopped" });
    this.#drained ??= this.#drain();
    return this.#iteration?.run?.isCallingTask ?? false;
  }

  /** Warns, once, of a `stop()` that waits for a run: a task that awaits it waits for itself. */
  warnOfWaitingStop(): void {
    const run = this.#iteration?.run;
    if (!run || this.#hasWarnedOfStop) return;
    this.#hasWarnedOfStop = true;
    const what = run.isCallingTask
      ? `run ${run.term} called stop(), which does not wait for it`
      : `stop() waits for run ${run.term}`;
    this.#reporter.warn(`${what}: a task that stops its own scheduler calls run.stopAfter()`);
  }

  /** Aborts the run in progress. */
  abort(): void {
    this.#iteration?.run?.abort();
  }

  /** Aborts what is in progress, and then waits for the task no longer, and for the store one more second. */
  async cutShort(): Promise<void> {
    const iteration = this.#iteration;
    const iterating = this.#iterating;
    if (!iteration || !iterating) return;
    this.abort();
    await settleMicrotasks(() => !this.#iteration);
    iteration.run?.detach();
    await withDeadline(this.#settings.clock, LAST_CALL_MS, undefined, () => iterating)
      .catch(() => iteration.cancel.abort());
  }

  /** Resolves when nothing is in progress any more after `stop()`. */
  get drained(): Promise<void> {
    return this.#drained ?? Promise.resolve();
  }

  /** Explains what the loop is doing, by its last decision. */
  explain(): Explanation {
    return explain(this.#state, this.#activity(), this.#abandoned);
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

  /** Whether there is anything to wake for. */
  get #isWanted(): boolean {
    return this.#state === "started" || this.#trigger !== undefined;
  }

  get #mustYield(): boolean {
    return this.#runsThisTurn >= RUNS_A_TURN;
  }

  get #hasTooManyAbandoned(): boolean {
    return this.#abandoned > this.#settings.maxAbandoned;
  }

  /** Begins an iteration. One that is in progress notices by itself what has changed. */
  #wake(): void {
    this.#clearTimer();
    if (!this.#iteration && this.#isWanted && !this.#isStopping) this.#iterating = this.#iterate();
  }

  async #iterate(): Promise<void> {
    const iteration: Iteration = this.#iteration = {
      stop: new AbortController(),
      cancel: new AbortController(),
      hasCreatedRecord: false,
      isCreationRefused: false,
      hasRun: false,
      run: undefined,
    };
    let next: Next;
    do {
      const served = this.#trigger;
      next = await this.#step(iteration, served !== undefined);
      const hasNewTrigger = this.#trigger !== undefined && this.#trigger !== served;
      if (next.kind === "wait" && hasNewTrigger) next = this.#mustYield ? this.#waitUntilNow() : AGAIN;
    } while (next.kind === "again" && this.#isWanted && !this.#isStopping);
    this.#iteration = this.#iterating = undefined;
    if (this.#isStopping) this.#answer({ outcome: "stopped" });
    else if (this.#isWanted && next.kind === "wait") this.#sleep(next);
  }

  async #step(iteration: Iteration, isTriggered: boolean): Promise<Next> {
    try {
      const decision = await this.#check(iteration, isTriggered);
      if (this.#isStopping) return AGAIN;
      if (decision.kind === "failed") return this.#failStep(decision.error);
      if (decision.kind === "wait") return this.#waitAsDecided(decision, decision.isAlive);
      if (this.#hasTooManyAbandoned) return this.#refuseRun();
      const { before } = decision;
      return before
        ? await this.#claimAndRun(iteration, { ...decision, before }, isTriggered)
        : await this.#createRecord(iteration);
    } catch (error) {
      // nothing above throws, unless an option that the user gave does, such as the clock
      this.#reporter.warn("unexpected error", error);
      return this.#failStep(error);
    }
  }

  /** Decides by the record: the preferred replica by what it knows, all others by what they read. */
  async #check(
    iteration: Iteration,
    isTriggered: boolean,
  ): Promise<Decision | { readonly kind: "failed"; readonly error: unknown }> {
    const client = this.#client;
    if (client.known && client.isPreferred && !isTriggered) {
      const decision = this.#decide(client.known, isTriggered);
      if (decision.kind === "run") return decision;
    }
    const read = await client.read({ signal: iteration.stop.signal });
    if (read.outcome === "failed") return { kind: "failed", error: read.error };
    return client.known ? this.#decide(client.known, isTriggered) : { kind: "failed", error: undefined };
  }

  #decide(known: KnownRecord, isTriggered: boolean): Decision {
    const client = this.#client;
    const { clock } = this.#settings;
    return decide({
      found: known.found,
      highestTerm: client.highestTerm,
      nowMs: client.earliestNowMs,
      hasStoreClock: client.hasStoreClock,
      firstSeenMs: known.firstSeenMs,
      seenForMs: clock.monotonicMs() - known.firstSeenMonotonicMs,
      isPreferred: client.isPreferred,
      retryDelayMs: this.#retryDelay.after(known.found),
      isTriggered,
      jitter: clock.random(),
    }, this.#settings);
  }

  /** Writes the first record. Without one the store cannot tell its time, and a claim might be dated wrongly. */
  async #createRecord(iteration: Iteration): Promise<Next> {
    // a store that keeps no record must not be asked without pause
    if (iteration.hasCreatedRecord) {
      if (iteration.isCreationRefused) this.#countRefusedClaim();
      return this.#backOff();
    }
    iteration.hasCreatedRecord = true;
    const version = this.#client.known?.version ?? null;
    const signal = iteration.cancel.signal;
    const written = await this.#client.write(StoreClient.identified(NEVER_RUN), version, { signal });
    if (written.outcome === "failed") return this.#failStep(written.error);
    iteration.isCreationRefused = written.outcome === "conflict";
    return AGAIN;
  }

  async #claimAndRun(iteration: Iteration, decision: ClaimableDecision, isTriggered: boolean): Promise<Next> {
    const result = await this.#runClaimed(iteration, decision);
    const hasRunBefore = iteration.hasRun;
    iteration.hasRun = true;
    if (result) {
      this.#failures = 0;
      this.#runsThisTurn++;
      this.#answer(triggerResultOf(result));
    }
    // what was written or read just now need not be read again
    const { known } = this.#client;
    const next = known && this.#decide(known, isTriggered && !result);
    // where no check comes before the next run, ALIVE is due now
    if (next?.kind === "wait") return this.#waitAsDecided(next, next.isAlive && next.untilMs >= next.dueMs);
    // the next run is due already; but after one such run, the host's other work gets its turn of the event loop
    if (result) return hasRunBefore ? this.#waitUntilNow() : AGAIN;
    if (!next) this.#reject(new Error("The claim was not settled"));
    // a store that refuses every claim must not be asked without pause
    return this.#backOff();
  }

  /** Claims the record and runs the task. Returns nothing if the claim was not won, or came too late. */
  async #runClaimed(iteration: Iteration, decision: ClaimableDecision): Promise<RunResult | undefined> {
    const claim = await this.#claim(iteration, decision);
    if (!claim) return undefined;
    const cancel = iteration.cancel.signal;
    const { before, scheduledMs } = decision;
    // nothing is awaited between this check and the start of the run
    if (iteration.stop.signal.aborted || this.#isTooLate(claim)) {
      await claim.release(before, cancel);
      return undefined;
    }
    const run = iteration.run = new ActiveRun({
      settings: this.#settings,
      client: this.#client,
      reporter: this.#reporter,
      claim,
      before,
      scheduledMs,
      stopAfter: () => void this.stop(),
    });
    const result = await run.execute(cancel);
    iteration.run = undefined;
    if (!run.hasReturned) this.#abandon(run);
    return result;
  }

  async #claim(iteration: Iteration, { before, scheduledMs }: ClaimableDecision): Promise<Claim | undefined> {
    const client = this.#client;
    const { clock, leaseMs, minCycleMs } = this.#settings;
    const signals = { cancel: iteration.cancel.signal, stop: iteration.stop.signal };
    const record = claimedRecord(before, {
      // replicas of the original drop the term from the record, so the highest one seen counts
      term: client.highestTerm + 1,
      startedMs: client.latestNowMs,
      scheduledMs,
      leaseMs,
    });
    const result = await acquireClaim({ client, clock, minCycleMs }, record, client.known?.version ?? null, signals);
    if (result.outcome === "lost" && result.isUnexplained) this.#countRefusedClaim();
    if (result.outcome !== "won") return undefined;
    this.#refusedClaims = 0;
    return result.claim;
  }

  /** Whether a claim was answered so late that its lease, or the time for the run, is over. */
  #isTooLate(claim: Claim): boolean {
    const { clock, leaseMs, timeoutMs } = this.#settings;
    const tookMs = elapsedMs(clock, claim.confirmed);
    const limitMs = Math.min(leaseMs, timeoutMs);
    if (tookMs < limitMs) return false;
    this.#reporter.warn(`the claim was answered too late, after ${tookMs} of ${limitMs} ms, so no run was started`);
    return true;
  }

  #countRefusedClaim(): void {
    const count = ++this.#refusedClaims;
    if (count >= REFUSED_CLAIMS && Number.isInteger(Math.log2(count / REFUSED_CLAIMS))) {
      this.#reporter.claimsRefused(count);
    }
  }

  #abandon(run: ActiveRun): void {
    this.#abandoned++;
    this.#reporter.abandoned(run.view());
    run.returned.then(() => {
      const hadTooMany = this.#hasTooManyAbandoned;
      this.#abandoned--;
      if (hadTooMany) this.#wake();
    });
  }

  /** Reports a record that is not to be claimed now, and waits until the next check. */
  #waitAsDecided(decision: WaitDecision, isAlive: boolean): Next {
    const { name, clock } = this.#settings;
    const { reason, untilMs, dueMs } = decision;
    const found = this.#client.known?.found;
    this.#failures = 0;
    if (reason === "running") this.#answer({ outcome: "running-elsewhere" });
    if (found?.kind === "newer" || found?.kind === "foreign") {
      const error = unusableRecordError(name, found);
      if (found.kind === "newer") this.#reporter.warn(error.message);
      else this.#reporter.error(error.message);
      this.#reject(error);
    } else if (reason === "last-term") {
      const error = new Error(cannot(`use the record at "${name}"`, "its term cannot rise", this.#client.highestTerm));
      this.#reporter.error(error.message);
      this.#reject(error);
    }
    if (isAlive) this.#reporter.alive();
    return {
      kind: "wait",
      untilMs: clock.nowMs() + untilMs - this.#client.earliestNowMs,
      waiting: waitingOf(reason, new Date(this.#client.hostDueTimeMs(dueMs))),
    };
  }

  #refuseRun(): Next {
    const { clock, intervalMs, maxCycleMs } = this.#settings;
    this.#reporter.warn(`${this.#abandoned} runs have not returned, so no run is started`);
    this.#answer({ outcome: "too-many-abandoned" });
    const untilMs = clock.nowMs() + Math.min(intervalMs, maxCycleMs);
    return { kind: "wait", untilMs, waiting: { reason: "too-many-abandoned" } };
  }

  #failStep(error: unknown): Next {
    if (!this.#isStopping) this.#reject(error);
    return this.#backOff();
  }

  #backOff(): Next {
    const { clock, minCycleMs } = this.#settings;
    const untilMs = clock.nowMs() + backoffMs(++this.#failures, minCycleMs, clock.random());
    return { kind: "wait", untilMs, waiting: { reason: "store-error" } };
  }

  /** Waits for a turn of the event loop. */
  #waitUntilNow(): Extract<Next, { kind: "wait" }> {
    return { kind: "wait", untilMs: this.#settings.clock.nowMs(), waiting: { reason: "due" } };
  }

  /** Answers the trigger, if there is one. */
  #answer(result: TriggerResult): void {
    this.#trigger?.resolve(result);
    this.#trigger = undefined;
  }

  #reject(error: unknown): void {
    this.#trigger?.reject(error);
    this.#trigger = undefined;
  }

  /** Sets the timer. A wait longer than timers keep ends early, which costs one check every 25 days. */
  #sleep(wait: Extract<Next, { kind: "wait" }>): void {
    const { clock } = this.#settings;
    this.#wait = wait;
    const delayMs = Math.min(Math.max(Math.ceil(wait.untilMs - clock.nowMs()), 1), MAX_TIMER_MS);
    this.#timer = clock.setTimer(() => this.#timerFired(wait), delayMs);
  }

  #timerFired(wait: Extract<Next, { kind: "wait" }>): void {
    this.#runsThisTurn = 0;
    const earlyMs = wait.untilMs - this.#settings.clock.nowMs();
    if (earlyMs > 0 && earlyMs <= EARLY_MS) this.#sleep(wait);
    else this.#wake();
  }

  #clearTimer(): void {
    if (this.#wait) this.#settings.clock.clearTimer(this.#timer);
    this.#wait = undefined;
  }

  /** Resolves when nothing is in progress any more, and the place of the preferred replica is given up. */
  async #drain(): Promise<void> {
    // a store may call stop() synchronously, before the promise of the iteration is kept
    await undefined;
    await this.#iterating;
    await this.#client.resign(LAST_CALL_MS);
    this.#state = "stopped";
  }
}

/** A decision to run over a record that is there. */
type ClaimableDecision = RunDecision & { readonly before: NonNullable<RunDecision["before"]> };

function triggerResultOf({ outcome, run, error }: RunResult): TriggerResult {
  return outcome === "finished" ? { outcome, run } : { outcome, run, error };
}

function waitingOf(reason: WaitDecision["reason"], due: Date): Waiting {
  switch (reason) {
    case "running":
      return { reason: "running-elsewhere", due };
    case "not-due":
    case "standby":
    case "retry-delay":
      return { reason, due };
    case "foreign-record":
    case "newer-record":
    case "last-term":
      return { reason };
  }
}
