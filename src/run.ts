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
import type { RunOutcome } from "./recent_runs.ts";
import type { Replica } from "./replica.ts";
import type { Status } from "./status.ts";

/** What a run came to, and which. */
export interface RunResult extends Ended {
  readonly run: Run;
}

/** One execution of the task under a claim that was won; does nothing until it is executed. */
export class ActiveRun {
  /** What the task is given. */
  readonly run: Run;
  /** Resolves when neither the task nor `wrapRun` is running any more; absent until they are called. */
  settled?: Promise<unknown>;
  /** Whether that is so. */
  isSettled = false;
  readonly #replica: Replica;
  readonly #held: Held;
  readonly #controller = new AbortController();
  /** Aborts when the run has ended, whether or not the task has. */
  readonly #over = new AbortController();

  /** Makes the run of a record whose claim is confirmed. */
  constructor(replica: Replica, held: Held) {
    const { name, timeoutMs } = replica.settings;
    const { term, owner, scheduledMs } = held.status;
    const startedMs = held.confirmed!.wallMs;
    this.#replica = replica;
    this.#held = held;
    this.run = {
      name,
      term,
      owner,
      scheduled: new Date(scheduledMs!),
      started: new Date(startedMs),
      deadline: new Date(startedMs + timeoutMs),
      signal: this.#controller.signal,
    };
  }

  /** Asks the task to stop, because the scheduler does. */
  abort(): void {
    this.#controller.abort(new DOMException("Stopped", "AbortError"));
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
    const { run } = this;
    const replica = this.#replica;
    const held = this.#held;
    const { clock, timeoutMs, heartbeatIntervalMs } = replica.settings;
    const over = this.#over.signal;
    const begun = held.confirmed!;
    replica.announce("START");
    replica.emit("start", { run });
    const clearTimeout = setAlarm(
      clock,
      () => this.#end(new DOMException(`The run exceeded ${timeoutMs} ms`, "TimeoutError")),
      timeoutMs - elapsedMs(clock, begun),
    );
    const beats = heartbeatIntervalMs &&
      keepAlive(replica, held, over, () => this.#loseLease());
    const detached = new Promise<undefined>((resolve) => over.addEventListener("abort", () => resolve(undefined)));
    const body = failureOf(() => runBody(replica, run));
    this.settled = body.then(() => this.isSettled = true);
    const failure = await Promise.race([body, detached]);
    this.detach();
    clearTimeout();
    const { aborted, reason } = run.signal;
    const outcome = aborted ? OUTCOMES[reason.name]! : failure ? "failed" : "finished";
    const result = { run, outcome, error: aborted ? reason : failure?.error, durationMs: elapsedMs(clock, begun) };
    tell(replica, result);
    await beats;
    await this.#record(base, result, cancel);
    await settlingTime(() => this.isSettled);
    return result;
  }

  #end(reason: Error): void {
    this.#controller.abort(reason);
    this.detach();
  }

  #loseLease(): void {
    const { run } = this;
    const error = new LeaseLostError("The lease was lost");
    this.#replica.emit("leaselost", { run, error });
    this.#end(error);
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

/** How a run ends by the reason of its abort. */
const OUTCOMES: Readonly<Record<string, RunOutcome>> = {
  TimeoutError: "timeout",
  LeaseLostError: "leaselost",
  AbortError: "aborted",
};

/** Logs the outcome, whatever the store makes of it. */
function tell(replica: Replica, result: RunResult): void {
  const { outcome, error } = result;
  if (outcome === "aborted") return;
  if (outcome === "finished") replica.announce("FINISHED");
  else replica.announce("FAILED", outcome === "timeout" ? ", timeout exceeded!" : "", error);
  replica.emit(outcome === "finished" ? outcome : "failed", result);
}
