/**
 * The steps of the loop: check the record, decide, claim the record, and run the task.
 *
 * @module
 */
import { cannot, unusableRecordError } from "../errors.ts";
import { NEVER_RUN } from "../record/status_record.ts";
import { claimedRecord } from "../record/transitions.ts";
import type { TriggerResult } from "../results.ts";
import type { Settings } from "../settings.ts";
import { identified, type KnownRecord, type StoreClient } from "../store/client.ts";
import { backoffMs } from "../time/backoff.ts";
import { longestElapsedMs } from "../time/clock.ts";
import type { AbandonedRuns } from "./abandoned_runs.ts";
import { ActiveRun } from "./active_run.ts";
import { acquireClaim, type Claim } from "./claim.ts";
import { decide, type Decision, type RunDecision, type WaitDecision } from "./decision.ts";
import type { Waiting } from "./explanation.ts";
import type { Iteration } from "./iteration.ts";
import type { Reporter, RunResult } from "./reporter.ts";
import { RetryDelay } from "./retry_delay.ts";

/** A warning is logged after this number of refused claims in a row, and each time that the number doubles. */
const REFUSED_CLAIMS = 3;

/** A wait of the loop, until a time by the wall clock. */
export interface Wait {
  readonly kind: "wait";
  readonly untilMs: number;
  readonly waiting: Waiting;
}

/** The action after a step: another step, or a wait. */
export type Next = { readonly kind: "again" } | Wait;

/** The answer of a step to a pending `trigger()`, if there is one. */
export type TriggerAnswer =
  | { readonly kind: "none" }
  | { readonly kind: "result"; readonly result: TriggerResult }
  | { readonly kind: "error"; readonly error: unknown };

/** The result of a step. */
export interface StepResult {
  readonly next: Next;
  readonly answer: TriggerAnswer;
  /** Whether the step ran the task. */
  readonly hasRun: boolean;
}

/** The result of a step that another step follows, without an answer. */
const ANOTHER_STEP: StepResult = { next: { kind: "again" }, answer: { kind: "none" }, hasRun: false };

/** The options of a {@linkcode Stepper}. */
export interface StepperOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
  readonly abandoned: AbandonedRuns;
  /** Stops the scheduler. */
  readonly stop: () => void;
}

/** A decision to run, based on an existing record. */
type ClaimDecision = RunDecision & { readonly before: NonNullable<RunDecision["before"]> };

/** The outcome of a check: a decision, or the error of the store. */
type Check = Decision | { readonly kind: "failed"; readonly error: unknown };

/** Makes the steps of a loop. */
export class Stepper {
  readonly #options: StepperOptions;
  readonly #retryDelay: RetryDelay;
  /** The number of steps in a row that ended in a backoff. */
  #failures = 0;
  #refusedClaims = 0;

  /** Creates the stepper of one scheduler. */
  constructor(options: StepperOptions) {
    this.#options = options;
    const { settings: { retryDelay, timeoutMs }, reporter } = options;
    this.#retryDelay = new RetryDelay(retryDelay, timeoutMs, reporter);
  }

  /**
   * Makes a step.
   *
   * @param iteration The current iteration. Its signals end the step.
   * @param isTriggered Whether a `trigger()` is pending.
   * @returns The result. Never rejects.
   */
  async step(iteration: Iteration, isTriggered: boolean): Promise<StepResult> {
    try {
      const check = await this.#check(iteration, isTriggered);
      if (iteration.stop.signal.aborted) return ANOTHER_STEP;
      if (check.kind === "failed") return this.#fail(check.error);
      if (check.kind === "wait") return this.#waitAsDecided(check, check.isAlive);
      if (this.#options.abandoned.isFull) return this.#refuseRun();
      const { before } = check;
      if (before === undefined) return await this.#createRecord(iteration);
      return await this.#claimAndRun(iteration, { ...check, before }, isTriggered);
    } catch (error) {
      // an error in this package must not end the loop
      this.#options.reporter.warn("unexpected error", error);
      return this.#fail(error);
    }
  }

  /** Reads the record and decides. The preferred replica may claim the record without a read. */
  async #check({ stop }: Iteration, isTriggered: boolean): Promise<Check> {
    const { client } = this.#options;
    if (client.known && client.isPreferred && !isTriggered) {
      const decision = this.#decide(client.known, isTriggered);
      if (decision.kind === "run") return decision;
    }
    const read = await client.read({ signal: stop.signal });
    if (read.outcome === "failed") return { kind: "failed", error: read.error };
    return this.#decide(read.known, isTriggered);
  }

  #decide(known: KnownRecord, isTriggered: boolean): Decision {
    const { client, settings } = this.#options;
    const { clock } = settings;
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
    }, settings);
  }

  /** Writes the first record. The claim follows after a read, as its dates need the store's time. */
  async #createRecord(iteration: Iteration): Promise<StepResult> {
    const { client } = this.#options;
    // a store that loses its records must not be called without a wait
    if (iteration.hasCreatedRecord) {
      if (iteration.isCreationRefused) this.#countRefusedClaim();
      return this.#backOff({ kind: "none" });
    }
    iteration.hasCreatedRecord = true;
    const version = client.known?.version ?? null;
    const written = await client.write(identified(NEVER_RUN), version, { signal: iteration.cancel.signal });
    if (written.outcome === "failed") return this.#fail(written.error);
    iteration.isCreationRefused = written.outcome === "conflict";
    return ANOTHER_STEP;
  }

  async #claimAndRun(iteration: Iteration, decision: ClaimDecision, isTriggered: boolean): Promise<StepResult> {
    const result = await this.#runClaimed(iteration, decision);
    const hasTriedBefore = iteration.hasTriedToRun;
    iteration.hasTriedToRun = true;
    return result ? this.#followRun(result, hasTriedBefore) : this.#followLostClaim(isTriggered);
  }

  /** Decides on the action after a run. */
  #followRun(result: RunResult, hasTriedBefore: boolean): StepResult {
    this.#failures = 0;
    const answer: TriggerAnswer = { kind: "result", result: triggerResultOf(result) };
    const next = this.#decideByKnown(false);
    if (next?.kind === "wait") return { ...this.#waitAfterRun(next), answer, hasRun: true };
    // the next run is already due; after the second run in a row, the event loop does other work first
    return { next: hasTriedBefore ? this.waitForTurn() : { kind: "again" }, answer, hasRun: true };
  }

  /** Decides on the action after a claim that was not won. */
  #followLostClaim(isTriggered: boolean): StepResult {
    const next = this.#decideByKnown(isTriggered);
    if (next?.kind === "wait") return this.#waitAfterRun(next);
    // a store that refuses every claim must not be called without a wait
    if (next) return this.#backOff({ kind: "none" });
    const error = new Error(cannot("run the task", "the claim was not answered in time", this.#options.settings.name));
    return this.#backOff({ kind: "error", error });
  }

  /** Decides by the known record, without a read. */
  #decideByKnown(isTriggered: boolean): Decision | undefined {
    const { known } = this.#options.client;
    return known && this.#decide(known, isTriggered);
  }

  /** Claims the record and runs the task. Returns `undefined` if the claim was not won or came too late. */
  async #runClaimed(iteration: Iteration, decision: ClaimDecision): Promise<RunResult | undefined> {
    const { settings, client, reporter, abandoned, stop } = this.#options;
    const { before, scheduledMs } = decision;
    const cancel = iteration.cancel.signal;
    const claim = await this.#claim(iteration, decision);
    if (!claim) return undefined;
    // the run must start without an await after this check
    if (iteration.stop.signal.aborted || this.#isTooLate(claim)) {
      const released = await claim.release(before, cancel);
      if (released === "unknown") {
        reporter.warn("the claim was not released in time, and holds the record until its lease is over");
      }
      return undefined;
    }
    const run = iteration.run = new ActiveRun({
      settings,
      client,
      reporter,
      claim,
      before,
      scheduledMs,
      stopAfter: stop,
    });
    const result = await run.execute(cancel);
    iteration.run = undefined;
    if (!run.hasReturned) {
      abandoned.add(run);
      reporter.abandoned(run.view());
    }
    return result;
  }

  async #claim({ stop, cancel }: Iteration, { before, scheduledMs }: ClaimDecision): Promise<Claim | undefined> {
    const { client, settings } = this.#options;
    const { clock, leaseMs, minCycleMs } = settings;
    const record = claimedRecord(before, {
      // Dart's neat_periodic_task drops the term from the record, so the highest known term counts
      term: client.highestTerm + 1,
      startedMs: client.latestNowMs,
      scheduledMs,
      leaseMs,
      dueMs: undefined,
      instance: settings.instance,
    });
    const version = client.known?.version ?? null;
    const signals = { stop: stop.signal, cancel: cancel.signal };
    const result = await acquireClaim({ client, clock, minCycleMs }, record, version, signals);
    if (result.outcome === "lost" && result.isRefused) this.#countRefusedClaim();
    if (result.outcome === "unknown" && cancel.signal.aborted) {
      const consequence = "may hold the record until its lease is over";
      this.#options.reporter.warn(`the claim was not answered before the stop, and ${consequence}`);
    }
    if (result.outcome !== "won") return undefined;
    this.#refusedClaims = 0;
    return result.claim;
  }

  /** Returns whether a claim was answered after the end of its lease or of the time for the run. */
  #isTooLate(claim: Claim): boolean {
    const { settings: { clock, leaseMs, timeoutMs }, reporter } = this.#options;
    const tookMs = longestElapsedMs(clock, claim.confirmed);
    const limitMs = Math.min(leaseMs, timeoutMs);
    if (tookMs < limitMs) return false;
    reporter.warn(`the claim was answered too late, after ${tookMs} of ${limitMs} ms, so no run was started`);
    return true;
  }

  #countRefusedClaim(): void {
    const count = ++this.#refusedClaims;
    const isReported = count >= REFUSED_CLAIMS && Number.isInteger(Math.log2(count / REFUSED_CLAIMS));
    if (isReported) this.#options.reporter.claimsRefused(count);
  }

  /** Returns the wait after a run or a lost claim. Reports ALIVE now if there is no check before the next run. */
  #waitAfterRun(decision: WaitDecision): StepResult {
    return this.#waitAsDecided(decision, decision.isAlive && decision.untilMs >= decision.dueMs);
  }

  /** Returns the wait that was decided on. Reports ALIVE if requested, and a record that cannot be used. */
  #waitAsDecided(decision: WaitDecision, isAlive: boolean): StepResult {
    const { client, settings: { clock }, reporter } = this.#options;
    const { reason, untilMs, dueMs } = decision;
    this.#failures = 0;
    const answer = this.#answerOfWait(reason);
    if (isAlive) reporter.alive();
    const next: Wait = {
      kind: "wait",
      untilMs: clock.nowMs() + untilMs - client.earliestNowMs,
      waiting: waitingOf(reason, client.hostDueTimeMs(dueMs)),
    };
    return { next, answer, hasRun: false };
  }

  /** Returns the answer to a pending trigger. Reports a record that cannot be used. */
  #answerOfWait(reason: WaitDecision["reason"]): TriggerAnswer {
    const { client, settings: { name }, reporter } = this.#options;
    const found = client.known?.found;
    if (reason === "running") return { kind: "result", result: { outcome: "running-elsewhere" } };
    if (found?.kind === "newer" || found?.kind === "foreign") {
      const error = unusableRecordError(name, found);
      if (found.kind === "newer") reporter.warn(error.message);
      else reporter.error(error.message);
      return { kind: "error", error };
    }
    if (reason === "last-term") {
      const error = new Error(
        cannot(`use the record at "${name}"`, "the highest term seen cannot rise", client.highestTerm),
      );
      reporter.error(error.message);
      return { kind: "error", error };
    }
    return { kind: "none" };
  }

  /** Returns the wait for abandoned calls of the task to return. */
  #refuseRun(): StepResult {
    const { settings: { clock, intervalMs, maxCycleMs }, reporter, abandoned } = this.#options;
    reporter.warn(`${abandoned.count} runs have not returned, so no run is started`);
    const untilMs = clock.nowMs() + Math.min(intervalMs, maxCycleMs);
    return {
      next: { kind: "wait", untilMs, waiting: { reason: "too-many-abandoned" } },
      answer: { kind: "result", result: { outcome: "too-many-abandoned" } },
      hasRun: false,
    };
  }

  #fail(error: unknown): StepResult {
    return this.#backOff({ kind: "error", error });
  }

  #backOff(answer: TriggerAnswer): StepResult {
    const { clock, minCycleMs } = this.#options.settings;
    const untilMs = clock.nowMs() + backoffMs(++this.#failures, minCycleMs, clock.random());
    return { next: { kind: "wait", untilMs, waiting: { reason: "store-error" } }, answer, hasRun: false };
  }

  /** Returns a wait before a run that is due, so that the event loop does other work first. */
  waitForTurn(): Wait {
    return { kind: "wait", untilMs: this.#options.settings.clock.nowMs(), waiting: { reason: "due" } };
  }
}

function triggerResultOf({ outcome, run, error }: RunResult): TriggerResult {
  return outcome === "finished" ? { outcome, run } : { outcome, run, error };
}

function waitingOf(reason: WaitDecision["reason"], dueMs: number): Waiting {
  switch (reason) {
    case "running":
      return { reason: "running-elsewhere", dueMs };
    case "not-due":
    case "standby":
    case "retry-delay":
      return { reason, dueMs };
    case "foreign-record":
    case "newer-record":
    case "last-term":
      return { reason };
  }
}
