/**
 * The steps of the loop: check the record, decide, claim the record, and run the task.
 *
 * @module
 */
import { cannot, unusableRecordError } from "../errors.ts";
import type { FoundRecord, StatusRecord } from "../record/status_record.ts";
import type { TriggerResult } from "../results.ts";
import { ScheduleError } from "../schedule/schedule_due_times.ts";
import { newStandby } from "../record/listed_standbys.ts";
import { identified, type KnownRecord } from "../store/client.ts";
import { backoffMs } from "../time/backoff.ts";
import { ClaimedRuns, type ClaimedRunsOptions } from "./claimed_runs.ts";
import { decide, type Decision, type RunDecision, type WaitDecision } from "./decision.ts";
import type { Waiting } from "./explanation.ts";
import type { Iteration } from "./iteration.ts";
import type { RunResult } from "./reporter.ts";
import { RetryDelay } from "./retry_delay.ts";

/** The maximum number of checks until the store's clock moves on, if it only shows whole seconds. */
const CHECKS_A_TICK = 4;

/** Two times of a run that was given up are the same if they are less than this apart, in milliseconds. */
const SAME_MISSED_MS = 1_000;

/** A wait of the loop, until a time by the wall clock. */
export interface Wait {
  readonly kind: "wait";
  readonly untilMs: number;
  /** The time from which a replica may claim a run; absent if it is not known. */
  readonly dueMs?: number;
  /** Whether a hint of the store does not cause a check, as other replicas check. */
  readonly ignoresHints?: boolean;
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
export type StepperOptions = ClaimedRunsOptions;

/** The outcome of a check: a decision, or the error of the store. */
type Check = Decision | { readonly kind: "failed"; readonly error: unknown };

/** Makes the steps of a loop. */
export class Stepper {
  readonly #options: StepperOptions;
  /** Created for the first failed run, as most tasks have none. */
  #retryDelay: RetryDelay | undefined;
  readonly #claimedRuns: ClaimedRuns;
  /** The number of steps in a row that ended in a backoff. */
  #failures = 0;
  /** The last due time that was reported as given up. */
  #missedMs: number | undefined;

  /** Creates the stepper of one scheduler. */
  constructor(options: StepperOptions) {
    this.#options = options;
    this.#claimedRuns = new ClaimedRuns(options);
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
      if (check.kind === "write") return await this.#writeFirst(iteration, check.record);
      if (check.kind === "list") return await this.#list(iteration, check.record);
      if (this.#options.abandoned.isFull) return this.#refuseRun();
      if (!this.#options.slot.acquire()) return this.#waitForSlot();
      return await this.#claimAndRun(iteration, check, isTriggered);
    } catch (error) {
      if (error instanceof ScheduleError) return this.#failSchedule(error);
      // an error in this package must not end the loop
      this.#options.reporter.warn("unexpected error", error);
      return this.#fail(error);
    }
  }

  /** Reads the record and decides. The preferred replica may claim the record without a read, if its runs have no limit. */
  async #check({ stop, hasWritten }: Iteration, isTriggered: boolean): Promise<Check> {
    const { client, readiness, slot, settings } = this.#options;
    // with a limit, another replica may have run the task meanwhile, and a store that is away must not hold up other tasks
    if (client.known && client.isPreferred && !isTriggered && !slot.isLimited) {
      const decision = this.#decide(client.known, isTriggered);
      if (decision.kind === "run") return decision;
    }
    const read = await client.read({ signal: stop.signal });
    if (read.outcome === "failed") return { kind: "failed", error: read.error };
    const mayBeListed = client.highestTerm > 0 && !client.isPreferred && !hasWritten.standby;
    const decision = this.#decide(read.known, isTriggered, mayBeListed ? settings.clock.random() : 1);
    if (isUsable(decision)) readiness.answered();
    return decision;
  }

  #decide(known: KnownRecord, isTriggered: boolean, lot: number = 1): Decision {
    const { client, settings } = this.#options;
    const { clock } = settings;
    return decide({
      found: known.found,
      highestTerm: client.highestTerm,
      nowMs: client.earliestNowMs,
      hasStoreClock: client.hasStoreClock,
      sinceMs: client.sinceMs,
      isFirstVersion: client.isFirstVersion,
      firstSeenMs: known.firstSeenMs,
      seenForMs: clock.monotonicMs() - known.firstSeenMonotonicMs,
      isPreferred: client.isPreferred,
      retryDelayMs: this.#retryDelayMs(known.found),
      isTriggered,
      jitter: clock.random(),
      standbyId: client.standbyId,
      lot,
    }, settings);
  }

  #retryDelayMs(found: FoundRecord): number {
    if (found.kind !== "record" || found.record.state !== "failed") return 0;
    const { settings: { retryDelay, timeoutMs }, reporter } = this.#options;
    this.#retryDelay ??= new RetryDelay(retryDelay, timeoutMs, reporter);
    return this.#retryDelay.after(found.record);
  }

  /** Writes a record before the next decision. After the first record, that needs a read, for the store's time. */
  async #writeFirst(iteration: Iteration, record: StatusRecord): Promise<StepResult> {
    const { client, readiness } = this.#options;
    const isFirst = client.known?.found.kind !== "record";
    // a store that loses its records must not be called without a wait
    if (iteration.hasWritten[isFirst ? "record" : "dueTime"]) {
      if (iteration.isWriteRefused) this.#claimedRuns.countRefusedClaim();
      return this.#backOff({ kind: "none" });
    }
    iteration.hasWritten[isFirst ? "record" : "dueTime"] = true;
    const version = client.known?.version ?? null;
    const written = await client.write(identified(record), version, { signal: iteration.cancel.signal });
    if (written.outcome === "failed") return this.#fail(written.error);
    readiness.answered();
    iteration.isWriteRefused = written.outcome === "conflict";
    return ANOTHER_STEP;
  }

  /** Writes this replica into the list of standbys, and waits. */
  async #list(iteration: Iteration, record: StatusRecord): Promise<StepResult> {
    const { client, readiness, settings } = this.#options;
    iteration.hasWritten.standby = true;
    const standby = newStandby(client.newStandbyId(), record.term, settings.clock.random());
    const standbys = [...record.standbys, standby];
    const version = client.known?.version ?? null;
    const written = await client.write(identified({ ...record, standbys }), version, {
      signal: iteration.cancel.signal,
    });
    if (written.outcome === "failed") return this.#fail(written.error);
    readiness.answered();
    const next = written.outcome === "written" ? this.#decideByKnown(false) : undefined;
    return next?.kind === "wait" ? this.#waitAsDecided(next, next.isAlive) : ANOTHER_STEP;
  }

  async #claimAndRun(iteration: Iteration, decision: RunDecision, isTriggered: boolean): Promise<StepResult> {
    const result = await this.#claimedRuns.run(iteration, decision);
    const hasTriedBefore = iteration.hasTriedToRun;
    iteration.hasTriedToRun = true;
    return result ? this.#followRun(result, hasTriedBefore) : this.#followLostClaim(isTriggered);
  }

  /** Decides on the action after a run. */
  #followRun(result: RunResult, hasTriedBefore: boolean): StepResult {
    this.#failures = 0;
    const answer: TriggerAnswer = { kind: "result", result: triggerResultOf(result) };
    const next = this.#decideAfterRun();
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

  /** Decides after a run. If the user's schedule fails, the next step reports it, as the run must be answered. */
  #decideAfterRun(): Decision | undefined {
    try {
      return this.#decideByKnown(false);
    } catch (error) {
      if (error instanceof ScheduleError) return undefined;
      throw error;
    }
  }

  /** Decides by the known record, without a read. */
  #decideByKnown(isTriggered: boolean): Decision | undefined {
    const { known } = this.#options.client;
    return known && this.#decide(known, isTriggered);
  }

  /** Returns the wait after a run or a lost claim. Reports ALIVE now if there is no check before the next run. */
  #waitAfterRun(decision: WaitDecision): StepResult {
    return this.#waitAsDecided(decision, decision.isAlive && decision.untilMs >= decision.dueMs);
  }

  /** Returns the wait that was decided on. Reports ALIVE if requested, and a record that cannot be used. */
  #waitAsDecided(decision: WaitDecision, isAlive: boolean): StepResult {
    const { client, settings: { clock }, reporter } = this.#options;
    const { reason, untilMs, dueMs, missedMs, isHinted } = decision;
    this.#failures = 0;
    this.#reportMissed(missedMs);
    const answer = this.#answerOfWait(reason);
    if (isAlive) reporter.alive();
    const next: Wait = {
      kind: "wait",
      // a clock that shows whole seconds may show the same second again, and the record is not to be read all the time
      untilMs: clock.nowMs() + Math.max(untilMs - client.earliestNowMs, client.resolutionMs / CHECKS_A_TICK),
      dueMs: clock.nowMs() + dueMs - client.earliestNowMs,
      ignoresHints: !isHinted,
      waiting: waitingOf(reason, client.hostDueTimeMs(dueMs)),
    };
    return { next, answer, hasRun: false };
  }

  /** Reports a due time that was given up, once. */
  #reportMissed(missedMs: number | undefined): void {
    // the end of a lease may be reckoned by two clocks, which are not read at the same moment
    if (missedMs === undefined || Math.abs(missedMs - (this.#missedMs ?? Infinity)) < SAME_MISSED_MS) return;
    const { client, reporter } = this.#options;
    this.#missedMs = missedMs;
    const due = new Date(client.hostDueTimeMs(missedMs)).toISOString();
    reporter.warn(`the run due at ${due} could not start within startDeadline, waiting for the next due time`);
  }

  /** Returns the answer to a pending trigger. Reports a record that cannot be used. */
  #answerOfWait(reason: WaitDecision["reason"]): TriggerAnswer {
    const { client, settings: { name }, reporter } = this.#options;
    const found = client.known?.found;
    if (reason === "running") return { kind: "result", result: { outcome: "running-elsewhere" } };
    if (reason === "paused") return { kind: "result", result: { outcome: "paused" } };
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
    const { reporter, abandoned } = this.#options;
    reporter.warn(`${abandoned.count} runs have not returned, so no run is started`);
    const answer: TriggerAnswer = { kind: "result", result: { outcome: "too-many-abandoned" } };
    return { next: this.#waitToRun("too-many-abandoned"), answer, hasRun: false };
  }

  /** Returns the wait for a slot. A pending trigger waits for its turn too. */
  #waitForSlot(): StepResult {
    this.#failures = 0;
    return { next: this.#waitToRun("concurrency"), answer: { kind: "none" }, hasRun: false };
  }

  /** Returns the wait of a run that is due. The record is checked again meanwhile. */
  #waitToRun(reason: "too-many-abandoned" | "concurrency"): Wait {
    const { clock, intervalMs, maxCycleMs } = this.#options.settings;
    return { kind: "wait", untilMs: clock.nowMs() + Math.min(intervalMs, maxCycleMs), waiting: { reason } };
  }

  #fail(error: unknown): StepResult {
    return this.#backOff({ kind: "error", error });
  }

  /** Returns the wait after a failure of the user's schedule. */
  #failSchedule(error: ScheduleError): StepResult {
    this.#options.reporter.error(error.message, error.cause);
    return this.#backOff({ kind: "error", error }, "schedule-error");
  }

  #backOff(answer: TriggerAnswer, reason: "store-error" | "schedule-error" = "store-error"): StepResult {
    const { clock, minCycleMs } = this.#options.settings;
    const untilMs = clock.nowMs() + backoffMs(++this.#failures, minCycleMs, clock.random());
    return { next: { kind: "wait", untilMs, waiting: { reason } }, answer, hasRun: false };
  }

  /** Returns a wait before a run that is due, so that the event loop does other work first. */
  waitForTurn(): Wait {
    return { kind: "wait", untilMs: this.#options.settings.clock.nowMs(), waiting: { reason: "due" } };
  }
}

/** Returns whether a read answers `ready()`: the record can be used, and needs no write first, which may fail. */
function isUsable(decision: Decision): boolean {
  if (decision.kind !== "wait") return decision.kind !== "write";
  const { reason } = decision;
  return reason !== "foreign-record" && reason !== "newer-record" && reason !== "last-term";
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
    case "paused":
    case "schedule-ended":
    case "foreign-record":
    case "newer-record":
    case "last-term":
      return { reason };
  }
}
