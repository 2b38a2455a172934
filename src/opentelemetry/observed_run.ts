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
import { ATTRIBUTES, errorTypeOf, exceptionOf, textOf } from "./names.ts";

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
  readonly tracer: Tracer;
  /** Called once, at the end of the run. */
  readonly onEnd: (end: RunEnd) => void;
}

/** Returns how late a run was claimed, in seconds. A run that was triggered before its due time is not late. */
export function latenessOf({ scheduled, started }: Pick<Run, "scheduled" | "started">): number {
  return Math.max(0, started.getTime() - scheduled.getTime()) / 1_000;
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
  /** Not read from the run later, as the task can replace it there. */
  readonly #signal: AbortSignal;
  #hasReturned = false;
  #hasEnded = false;

  /** Starts the span. */
  constructor({ run, instance, tracer, onEnd }: ObservedRunOptions) {
    this.#signal = run.signal;
    this.#onEnd = onEnd;
    this.#span = tracer.startSpan(`run ${run.name}`, {
      root: true,
      kind: SpanKind.INTERNAL,
      attributes: {
        [ATTRIBUTES.name]: run.name,
        [ATTRIBUTES.instance]: instance,
        [ATTRIBUTES.term]: run.term,
        [ATTRIBUTES.dueTime]: run.scheduled.toISOString(),
        [ATTRIBUTES.lateness]: latenessOf(run),
      },
    });
    // not the active context, which is that of the code that happened to start the scheduler
    this.context = trace.setSpan(ROOT_CONTEXT, this.#span);
    this.#signal.addEventListener("abort", () => this.#endIfAborted());
  }

  /** Notes that the task and the user's `wrapRun` have returned. */
  returned(): void {
    this.#hasReturned = true;
    this.#endIfAborted();
  }

  /** Notes that the task has not returned after its abort. If the run has ended, this changes nothing. */
  abandoned(): void {
    this.#hasReturned = true;
    this.#endIfAborted();
  }

  /** Ends the run, unless it has ended. */
  end(end: RunEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { outcome, error } = end;
    this.#span.setAttribute(ATTRIBUTES.outcome, outcome);
    if (outcome !== "finished") {
      this.#span.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error));
      this.#span.recordException(exceptionOf(error));
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
    }
    this.#span.end();
    this.#onEnd(end);
  }

  /** Ends a run that `stop()` has aborted. The first reason of a signal is that of the outcome. */
  #endIfAborted(): void {
    const { aborted, reason } = this.#signal;
    const isStopped = aborted && errorTypeOf(reason) === "AbortError";
    if (isStopped && this.#hasReturned) this.end({ outcome: "aborted", error: reason, durationMs: undefined });
  }
}
