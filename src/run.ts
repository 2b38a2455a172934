/**
 * One run: timeout, heartbeat, abort, outcome.
 *
 * @module
 */
import { failureOf, runBody } from "./body.ts";
import { type Held, writeHeld } from "./claim.ts";
import { elapsedMs, setAlarm, settlingTime } from "./clock.ts";
import { LeaseLostError } from "./errors.ts";
import { keepAlive } from "./heartbeat.ts";
import type { Run } from "./options.ts";
import { type Ended, givenBack, outcomeOf } from "./outcome.ts";
import { dueAheadMs } from "./store_time.ts";
import type { RunOutcome } from "./recent_runs.ts";
import type { Replica } from "./replica.ts";
import type { Status } from "./status.ts";

/** What a run came to, and which. */
export interface RunResult extends Ended {
  readonly run: Run;
}

/** One execution of the task under a claim that was won; does nothing until it is executed. */
export class ActiveRun {
  /** The term of its claim. */
  readonly term: number;
  /** Resolves when neither the task nor `wrapRun` is running any more; absent until they are called. */
  settled?: Promise<unknown>;
  /** Whether that is so. */
  isSettled = false;
  readonly #replica: Replica;
  readonly #held: Held;
  readonly #controller = new AbortController();
  /** Aborts when the run has ended, whether or not the task has. */
  readonly #over = new AbortController();
  readonly #stopAfter: () => void;
  readonly #scheduledMs: number;
  readonly #startedMs: number;
  /** Why it has ended before the task, if it has; the signal is the task's, and proves nothing. */
  #ending: { readonly outcome: RunOutcome; readonly error: Error } | undefined;

  /** Makes the run of a record whose claim is confirmed. */
  constructor(replica: Replica, held: Held, stop: () => void) {
    this.term = held.status.term;
    this.#replica = replica;
    this.#held = held;
    this.#startedMs = held.confirmed!.wallMs;
    this.#scheduledMs = held.status.scheduledMs! - dueAheadMs(replica.anchor);
    this.#stopAfter = () => {
      if (!this.#over.signal.aborted) stop();
    };
  }

  /** The run as users see it: new at each call, so that nobody changes what others are shown. */
  view(): Run {
    const { name, timeoutMs } = this.#replica.settings;
    return {
      name,
      term: this.term,
      owner: this.#held.status.owner,
      scheduled: new Date(this.#scheduledMs),
      started: new Date(this.#startedMs),
      deadline: new Date(this.#startedMs + timeoutMs),
      signal: this.#controller.signal,
      stopAfter: this.#stopAfter,
    };
  }

  /** Asks the task to stop, because the scheduler does. */
  abort(): void {
    this.#end("aborted", new DOMException("Stopped", "AbortError"));
  }

  /** Ends the run without waiting for the task any longer. */
  detach(): void {
    // with a reason at hand, as a DOMException takes long to make
    this.#over.abort("The run is over");
  }

  /**
   * Runs the task and records the outcome; never rejects, and resolves when the loop may go on.
   *
   * @param base The record before the claim.
   * @param cancel Ends the writing of the outcome at once.
   */
  async execute(base: Status, cancel: AbortSignal): Promise<RunResult> {
    const replica = this.#replica;
    const held = this.#held;
    const { clock, timeoutMs, heartbeatIntervalMs } = replica.settings;
    const over = this.#over.signal;
    const begun = held.confirmed!;
    replica.announce("START");
    replica.emit("start", { run: this.view() });
    const clearTimeout = setAlarm(
      clock,
      () => this.#endNow("timeout", new DOMException(`The run exceeded ${timeoutMs} ms`, "TimeoutError")),
      timeoutMs - elapsedMs(clock, begun),
    );
    const beats = heartbeatIntervalMs &&
      keepAlive(replica, held, over, () => this.#loseLease());
    const detached = new Promise<undefined>((resolve) => over.addEventListener("abort", () => resolve(undefined)));
    const body = failureOf(() => runBody(replica, this.view(), () => this.#ending !== undefined));
    this.settled = body.then(() => this.isSettled = true);
    const failure = await Promise.race([body, detached]);
    this.detach();
    clearTimeout();
    const { outcome, error } = this.#ending ??
      (failure
        ? { outcome: "failed" as const, error: failure.error }
        : { outcome: "finished" as const, error: undefined });
    const result = { run: this.view(), outcome, error, durationMs: elapsedMs(clock, begun) };
    tell(replica, result);
    await beats;
    await this.#record(base, result, cancel);
    await settlingTime(() => this.isSettled);
    return result;
  }

  #end(outcome: RunOutcome, error: Error): void {
    this.#ending ??= { outcome, error };
    this.#controller.abort(error);
  }

  #endNow(outcome: RunOutcome, error: Error): void {
    this.#end(outcome, error);
    this.detach();
  }

  #loseLease(): void {
    const error = new LeaseLostError("The lease was lost");
    this.#replica.emit("leaselost", { run: this.view(), error });
    this.#endNow("leaselost", error);
  }

  /** Writes the outcome, or gives the record back if the scheduler stops and the body has settled. */
  async #record(base: Status, result: RunResult, cancel: AbortSignal): Promise<void> {
    const replica = this.#replica;
    const { status } = this.#held;
    const isAborted = result.outcome === "aborted";
    if (isAborted && !this.isSettled) return;
    const next = isAborted ? givenBack(base, status) : outcomeOf(status, result, replica.latestNowMs);
    const written = await writeHeld(replica, this.#held, next, cancel);
    if (written !== "written") replica.say("warn", "the outcome was not recorded");
  }
}

/** Logs the outcome, whatever the store makes of it. */
function tell(replica: Replica, result: RunResult): void {
  const { outcome, error } = result;
  if (outcome === "aborted") return;
  if (outcome === "finished") replica.announce("FINISHED");
  else replica.announce("FAILED", outcome === "timeout" ? ", timeout exceeded!" : "", error);
  replica.emit(outcome === "finished" ? outcome : "failed", result);
}
