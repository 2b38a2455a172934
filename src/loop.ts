/**
 * The loop of one task: look, decide, claim, run, and sleep until it is worth looking again.
 *
 * @module
 */
import { attempt, type Iteration } from "./attempt.ts";
import { backoffMs } from "./backoff.ts";
import { settlingTime } from "./clock.ts";
import type { WaitDecision } from "./decision.ts";
import { newId } from "./ids.ts";
import { refusal, refuse } from "./errors.ts";
import { EARLY_MS, LAST_CALL_MS, MAX_TIMER_MS, RUNS_A_TURN } from "./limits.ts";
import { type PendingTrigger, pendingTrigger } from "./pending_trigger.ts";
import { Replica } from "./replica.ts";
import type { Explanation, TriggerResult } from "./results.ts";
import type { ActiveRun } from "./run.ts";
import { NEVER_RUN, NO_OWNER } from "./status.ts";
import { limited } from "./store_call.ts";
import { dueAheadMs } from "./store_time.ts";

/** What a scheduler does between its `start` and its `stop`. */
export class TaskLoop extends Replica {
  #timer: unknown;
  #wakeAtMs = 0; // by the wall clock
  #iteration: Iteration | undefined;
  #busy: Promise<void> | undefined;
  #trigger: PendingTrigger | undefined;
  #drained: Promise<void> | undefined;
  /** Where the scheduler is in its life. */
  state: "new" | "started" | "stopping" | "stopped" = "new";
  #failures = 0;
  /** How many runs were triggered one after the other since the last turn of the event loop that was waited for. */
  #runsThisTurn = 0;
  #hasWarnedOfTrigger = false;
  #hasWarnedOfStop = false;
  /** How many bodies were left behind and have not returned. */
  abandoned = 0;

  /** Begins to look after the task. */
  start(): void {
    this.state = "started";
    this.#kick();
  }

  /** Asks for a run: the loop's next step, or the one under way, answers. */
  trigger(): Promise<TriggerResult> {
    if (this.#isStopping) return Promise.resolve({ outcome: "stopped" });
    const term = this.#iteration?.run?.term;
    if (this.isCallingTask) return this.#refuseOwnTrigger();
    if (term !== undefined && !this.#hasWarnedOfTrigger) {
      this.#hasWarnedOfTrigger = true;
      this.say("warn", `trigger() waits for run ${term}: let its own task never await it, as the run would time out`);
    }
    if (this.#trigger) return this.#trigger.answer;
    const { answer } = this.#trigger = pendingTrigger();
    // a caller who triggers one run after the other must leave others their turn of the event loop
    if (!this.#iteration && this.#mustYield) this.#sleep(this.settings.clock.nowMs());
    else this.#kick();
    return answer;
  }

  get #mustYield(): boolean {
    return this.#runsThisTurn >= RUNS_A_TURN;
  }

  async #refuseOwnTrigger(): Promise<never> {
    const term = this.#iteration?.run?.term;
    return await refuse(Error, "its own run asks for it and would wait for itself", term, "trigger the task");
  }

  /** Whether a `stop()` that is called now comes from the task itself, and must not wait for it. Warns if it may. */
  isStoppedByTask(): boolean {
    const term = this.#iteration?.run?.term;
    if (term === undefined || this.#hasWarnedOfStop) return this.isCallingTask;
    this.#hasWarnedOfStop = true;
    const warning = this.isCallingTask
      ? `run ${term} called stop(), which does not wait for it`
      : `stop() waits for run ${term}`;
    this.say("warn", `${warning}: a task that stops its own scheduler calls run.stopAfter()`);
    return this.isCallingTask;
  }

  /** Begins nothing any more: no read, no claim, no run. */
  stop(): void {
    if (this.state !== "stopped") this.state = "stopping";
    this.#clearTimer();
    if (this.#iteration) this.#iteration.stop.abort();
    else this.#answer({ outcome: "stopped" });
    this.#drained ??= this.#drain();
  }

  /** Resolves when nothing is under way any more after `stop()`. */
  get drained(): Promise<void> {
    return this.#drained ??= this.#drain();
  }

  /** Asks the run in progress to stop. */
  abort(): void {
    this.#iteration?.run?.abort();
  }

  /** Ends what is still under way: the task gets its abort, the store one more second, and then neither is waited for. */
  async cutShort(): Promise<void> {
    const iteration = this.#iteration;
    if (!iteration) return;
    this.abort();
    await settlingTime(() => !this.#iteration);
    iteration.run?.detach();
    const busy = this.#busy;
    if (busy) {
      await limited(this.settings.clock, LAST_CALL_MS, undefined, () => busy).catch(() => iteration.cut.abort());
    }
  }

  /** Resolves when nothing is under way any more, and this replica's place as the first in line is given up. */
  async #drain(): Promise<void> {
    await this.#busy;
    const { owned, version } = this;
    if (owned && owned.state !== "running") {
      const next = { ...owned, owner: NO_OWNER, write: newId() };
      // if it fails, the others wait a little
      await this.write(next, version, undefined, LAST_CALL_MS).catch(() => {});
    }
    this.state = "stopped";
  }

  get #isStopping(): boolean {
    return this.state.startsWith("stop");
  }

  /** What the loop is doing, and why. */
  explain(): Explanation {
    const { abandoned, state } = this;
    const run = this.#iteration?.run;
    const doing = run ? `running, term ${run.term}` : this.#iteration ? "checking" : state;
    if (this.#timer === undefined) return { state, reason: doing, abandoned };
    const decision = this.decide(false);
    const until = new Date(this.#wakeAtMs);
    if (decision.run || this.#failures) {
      const reason = this.#isFull ? "too-many-abandoned" : this.#failures ? "store failed" : "due";
      return { state, reason, until, abandoned };
    }
    return {
      state,
      reason: decision.because,
      until,
      due: new Date(decision.dueMs - dueAheadMs(this.anchor)),
      abandoned,
    };
  }

  /** Whether there is anything to wake for. */
  get #isWanted(): unknown {
    return this.state === "started" || this.#trigger;
  }

  #kick(): void {
    this.#clearTimer();
    // an iteration that is under way sees by itself what has changed
    if (!this.#iteration && this.#isWanted) this.#busy = this.#iterate();
  }

  async #iterate(): Promise<void> {
    const iteration: Iteration = this.#iteration = { stop: new AbortController(), cut: new AbortController() };
    let served: PendingTrigger | undefined;
    let wakeAtMs: number | undefined;
    do {
      served = this.#trigger;
      try {
        wakeAtMs = await this.#step(iteration, served !== undefined);
      } catch (error) {
        this.reportStoreError(error, iteration.stop.signal);
        if (!this.#isStopping) this.#answer(undefined, error);
        wakeAtMs = this.#backoff();
      }
      if (wakeAtMs !== undefined && this.#trigger && this.#trigger !== served && this.#mustYield) {
        wakeAtMs = this.settings.clock.nowMs();
        served = this.#trigger;
      }
    } while (
      !this.#isStopping && (wakeAtMs === undefined ? this.#isWanted : this.#trigger && this.#trigger !== served)
    );
    this.#iteration = this.#busy = undefined;
    if (this.#isStopping) this.#answer({ outcome: "stopped" });
    else if (this.#isWanted) this.#sleep(wakeAtMs!);
  }

  /** One step of the loop; answers when to do the next, or nothing if there is more to do at once. */
  async #step(iteration: Iteration, triggered: boolean): Promise<number | undefined> {
    const { store, clock } = this.settings;
    let decision = this.decide(triggered);
    // the replica that ran last claims by what it knows, all others by what they read
    if (triggered || !this.isFirst || !decision.run) {
      // without a store there is nothing to read, but a fake that leaps ahead may not have come to the end of its leap
      await (store ? this.read(iteration.stop.signal).then((answer) => this.observe(answer)) : undefined);
      decision = this.decide(triggered);
    }
    if (this.#isStopping) return undefined;
    if (!decision.run) return this.#wait(decision, decision.alive);
    if (this.#isFull) return this.#refuseRun();
    const { base = NEVER_RUN } = decision;
    if (base === NEVER_RUN && store) {
      // a store that keeps no record must not be asked without pause
      if (iteration.hasMadeRecord) {
        if (iteration.hasLostRecord) this.countLostClaim();
        return this.#backoff();
      }
      iteration.hasMadeRecord = true;
      // where there is no record the store can't tell its time, and a claim might be dated wrongly
      const written = await this.write({ ...NEVER_RUN, write: newId() }, this.version, iteration.cut.signal);
      iteration.hasLostRecord = written === null;
      return undefined;
    }
    const result = await attempt(this, { ...decision, base }, iteration, () => this.stop());
    const active = iteration.run;
    iteration.run = undefined;
    if (result) {
      const { outcome, run, error } = result;
      this.#failures = 0;
      this.#runsThisTurn++;
      this.#answer({ outcome, run, error });
    }
    if (active && !active.isSettled) this.#leaveBehind(active);
    // what was written or read just now need not be read again
    const next = this.isKnown && this.decide(triggered && !result);
    // where no check comes before the next run, this is the time to say so
    if (next && !next.run) return this.#wait(next, next.alive && next.untilMs >= next.dueMs);
    // the next run is due already; but when it is over, others must have their turn of the event loop
    const hasRun = iteration.hasRun;
    iteration.hasRun = true;
    if (result) return hasRun ? clock.nowMs() : undefined;
    if (!next) this.#answer(undefined, new Error("The claim was not settled"));
    // a store that refuses every claim must not be asked without pause
    return this.#backoff();
  }

  /** Says what is to be said of a record that is not to be claimed now; answers when to look again. */
  #wait({ because, untilMs }: WaitDecision, alive: boolean): number {
    const { record, earliestNowMs, settings } = this;
    this.#failures = 0;
    if (because === "running") this.#answer({ outcome: "running-elsewhere" });
    if (because === "last term") {
      const error = new Error(
        refusal("its term cannot rise", String(this.term), `use the record at "${settings.name}"`),
      );
      this.say("error", error.message);
      this.#answer(undefined, error);
    }
    if (record?.kind) {
      const error = this.notOurs(record.found);
      this.say(record.kind === "newer" ? "warn" : "error", error.message);
      this.#answer(undefined, error);
    }
    if (alive) {
      this.announce("ALIVE");
      this.emit("alive");
    }
    return settings.clock.nowMs() + untilMs - earliestNowMs;
  }

  get #isFull(): boolean {
    return this.abandoned > this.settings.maxAbandoned;
  }

  #refuseRun(): number {
    const { clock, intervalMs, maxCycleMs } = this.settings;
    this.say("warn", `${this.abandoned} runs have not returned`);
    this.#answer({ outcome: "too-many-abandoned" });
    return clock.nowMs() + Math.min(intervalMs, maxCycleMs);
  }

  #backoff(): number {
    const { clock, minCycleMs } = this.settings;
    return clock.nowMs() + backoffMs(++this.#failures, minCycleMs, clock.random());
  }

  #leaveBehind(run: ActiveRun): void {
    this.abandoned++;
    this.say("warn", `run ${run.term} has not returned`);
    this.emit("abandoned", { run: run.view() });
    run.settled?.then(() => {
      if (this.abandoned-- > this.settings.maxAbandoned) this.#kick();
    });
  }

  /** Answers the trigger, if there is one; without a result it is refused. */
  #answer(result: TriggerResult | undefined, error?: unknown): void {
    this.#trigger?.settle(result ?? Promise.reject(error));
    this.#trigger = undefined;
  }

  /** Sets the timer; a wait longer than timers keep ends early, which costs one look every 25 days. */
  #sleep(wakeAtMs: number): void {
    const { clock } = this.settings;
    this.#wakeAtMs = wakeAtMs;
    const delayMs = Math.min(Math.max(Math.ceil(wakeAtMs - clock.nowMs()), 1), MAX_TIMER_MS);
    // a closure would take more, and there may be many that sleep
    this.#timer = clock.setTimer(this.#wake.bind(this), delayMs);
  }

  #wake(): void {
    this.#runsThisTurn = 0;
    const earlyMs = this.#wakeAtMs - this.settings.clock.nowMs();
    if (earlyMs > 0 && earlyMs <= EARLY_MS) this.#sleep(this.#wakeAtMs);
    else this.#kick();
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.settings.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
