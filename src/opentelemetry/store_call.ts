/**
 * One measured call of a store.
 *
 * @module
 */
import {
  context,
  type Counter,
  type Histogram,
  type Link,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { ATTRIBUTES, errorTypeOf, exceptionOf, textOf } from "./names.ts";

/** A method of a store. */
export type StoreOperation = "read" | "readMany" | "write" | "list" | "watch";

/** The result of a call: answered, refused as the record had changed, failed, or ended as the caller no longer waits. */
type CallResult = "ok" | "conflict" | "error" | "canceled";

/** The limits of the buckets, in seconds: those that OpenTelemetry recommends for calls of databases, up to the limit of a call. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Measures the calls of a store. */
export class StoreCalls {
  readonly #durations: Histogram;
  readonly #errors: Counter;
  readonly #conflicts: Counter;
  /** `undefined` if calls have no spans. */
  readonly #tracer: Tracer | undefined;

  /** Creates the instruments. */
  constructor(meter: Meter, tracer: Tracer | undefined) {
    this.#tracer = tracer;
    this.#durations = meter.createHistogram("neat.periodic_task.store.call.duration", {
      unit: "s",
      description: "Time until a store call was answered, failed or reached its limit.",
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.#errors = meter.createCounter("neat.periodic_task.store.call.errors", {
      unit: "{error}",
      description: "Store calls that failed.",
    });
    this.#conflicts = meter.createCounter("neat.periodic_task.store.call.conflicts", {
      unit: "{conflict}",
      description: "Writes that the store refused, as the record had changed.",
    });
  }

  /**
   * Makes a call.
   *
   * @param operation The method.
   * @param key The task's name; `undefined` if there are several.
   * @param signal The signal of the call. A call that reaches its limit counts then, even if the store ignores the signal.
   * @param call The call, in the context of its span.
   * @param isConflict Whether an answer is a refusal.
   * @returns The answer.
   * @throws The error of the store.
   */
  async measure<T>(
    operation: StoreOperation,
    key: string | undefined,
    signal: AbortSignal | undefined,
    call: () => Promise<T>,
    isConflict: (answer: T) => boolean = () => false,
  ): Promise<T> {
    const measured = this.start(operation, key);
    const onAbort = (): void => measured.failed(signal?.reason, signal);
    signal?.addEventListener("abort", onAbort);
    try {
      const answer = await measured.in(call);
      measured.answered(isConflict(answer) ? "conflict" : "ok");
      return answer;
    } catch (error) {
      measured.failed(error, signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Starts a call. */
  start(operation: StoreOperation, key: string | undefined): MeasuredCall {
    const attributes = {
      [ATTRIBUTES.operation]: operation,
      ...(key !== undefined && { [ATTRIBUTES.name]: key }),
    };
    const span = this.#tracer?.startSpan(key === undefined ? operation : `${operation} ${key}`, {
      // a scheduler's timers keep the context that was active at start(), whose trace would never end
      root: true,
      links: linksToCaller(),
      kind: SpanKind.CLIENT,
      attributes,
    });
    const startedMs = performance.now();
    return new MeasuredCall(span, (result, errorType) => {
      const seconds = (performance.now() - startedMs) / 1_000;
      this.#durations.record(seconds, {
        [ATTRIBUTES.operation]: operation,
        [ATTRIBUTES.result]: result,
        ...(result === "error" && { [ATTRIBUTES.errorType]: errorType }),
      });
      if (result === "conflict") this.#conflicts.add(1, { [ATTRIBUTES.operation]: operation });
      if (result === "error") this.countError(operation, errorType);
    });
  }

  /** Counts an error. */
  countError(operation: StoreOperation, errorType: string): void {
    this.#errors.add(1, { [ATTRIBUTES.operation]: operation, [ATTRIBUTES.errorType]: errorType });
  }
}

/** A call whose result counts once. */
export class MeasuredCall {
  readonly #span: Span | undefined;
  readonly #onEnd: (result: CallResult, errorType: string) => void;
  #hasEnded = false;

  constructor(span: Span | undefined, onEnd: (result: CallResult, errorType: string) => void) {
    this.#span = span;
    this.#onEnd = onEnd;
  }

  /** Calls a function in the context of the span. */
  in<T>(call: () => T): T {
    return this.#span ? context.with(trace.setSpan(ROOT_CONTEXT, this.#span), call) : call();
  }

  /** Notes the answer. */
  answered(result: "ok" | "conflict"): void {
    this.#end(result, "");
  }

  /** Notes the failure of a call, or that its caller no longer waits for it. */
  failed(error: unknown, signal: AbortSignal | undefined): void {
    if (isCanceled(signal)) return this.#end("canceled", "");
    if (!this.#hasEnded) {
      this.#span?.recordException(exceptionOf(error));
      this.#span?.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error));
      this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
    }
    this.#end("error", errorTypeOf(error));
  }

  #end(result: CallResult, errorType: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#span?.setAttribute(ATTRIBUTES.result, result);
    this.#span?.end();
    this.#onEnd(result, errorType);
  }
}

/** Whether the caller of a store no longer waits. A call that reaches its limit is not canceled. */
export function isCanceled(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && errorTypeOf(signal.reason) !== "TimeoutError";
}

/** Returns a link to the active span, unless it has ended: then it has caused the timer, and not the call. */
function linksToCaller(): Link[] {
  const active = trace.getActiveSpan();
  return active?.isRecording() ? [{ context: active.spanContext() }] : [];
}
