/**
 * A run that is observed from its start to its outcome.
 *
 * @module
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Run } from "../options.ts";
import type { RunOutcome } from "../record/recent_runs.ts";
import { attempt, ATTRIBUTES, errorTypeOf, exceptionOf, textOf } from "./names.ts";

/** The end of a run. */
export interface RunEnd {
  readonly outcome: RunOutcome;
  /** The value that the task threw, or the reason of the abort; `undefined` if the run finished. */
  readonly error: unknown;
  /** The time from the claim to the end of the run, in milliseconds; `undefined` if no event tells it. */
  readonly durationMs: number | undefined;
}

/** The options of an {@linkcode ObservedRun}. */
export interface ObservedRunOptions {
  readonly run: Run;
  readonly instance: string;
  /** The time from the due time to the claim, in seconds; `undefined` if the run is one more for its due time. */
  readonly latenessS: number | undefined;
  readonly tracer: Tracer;
  /** Called once, at the end of the run. */
  readonly onEnd: (end: RunEnd) => void;
  /** Called once, when the run has ended, and its call has returned or is abandoned. */
  readonly onSettled: () => void;
}

/**
 * The span of a run, and its outcome.
 *
 * Events of the scheduler end it. A run that `stop()` aborts has no event: it ends when the task has returned, or when its call is
 * abandoned.
 */
export class ObservedRun {
  /** The context in which the task is called. */
  readonly context: Context;
  readonly #span: Span;
  readonly #onEnd: (end: RunEnd) => void;
  readonly #onSettled: () => void;
  /** Not read from the run later, as the task can replace it there. */
  readonly #signal: AbortSignal;
  #hasReturned = false;
  #hasEnded = false;

  /** Starts the span. */
  constructor({ run, instance, latenessS, tracer, onEnd, onSettled }: ObservedRunOptions) {
    this.#signal = run.signal;
    this.#onEnd = onEnd;
    this.#onSettled = onSettled;
    this.#span = tracer.startSpan(`run ${run.name}`, {
      root: true,
      kind: SpanKind.INTERNAL,
      attributes: {
        [ATTRIBUTES.name]: run.name,
        [ATTRIBUTES.instance]: instance,
        [ATTRIBUTES.term]: run.term,
        [ATTRIBUTES.dueTime]: run.scheduled.toISOString(),
        ...(latenessS !== undefined && { [ATTRIBUTES.lateness]: latenessS }),
      },
    });
    // not the active context, which is that of the code that happened to start the scheduler
    this.context = trace.setSpan(ROOT_CONTEXT, this.#span);
    this.#signal.addEventListener("abort", () => this.#endIfAborted());
  }

  /** Notes that the task and the user's `wrapRun` have returned, or that their call is abandoned. */
  returned(): void {
    if (this.#hasReturned) return;
    this.#hasReturned = true;
    if (this.#hasEnded) this.#onSettled();
    else this.#endIfAborted();
  }

  /** Ends the run, unless it has ended. */
  end(end: RunEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    attempt("describe the end of a run", () => this.#describe(end));
    attempt("end the span of a run", () => this.#span.end());
    this.#onEnd(end);
    if (this.#hasReturned) this.#onSettled();
  }

  #describe({ outcome, error }: RunEnd): void {
    this.#span.setAttribute(ATTRIBUTES.outcome, outcome);
    if (outcome === "finished") return;
    this.#span.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error));
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
    // last, as it reads properties of the error
    this.#span.recordException(exceptionOf(error));
  }

  /** Ends a run that `stop()` has aborted. The first reason of a signal is that of the outcome. */
  #endIfAborted(): void {
    const { aborted, reason } = this.#signal;
    const isStopped = aborted && errorTypeOf(reason) === "AbortError";
    if (isStopped && this.#hasReturned) this.end({ outcome: "aborted", error: reason, durationMs: undefined });
  }
}
