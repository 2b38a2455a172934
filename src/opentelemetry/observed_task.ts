/**
 * The runs and the state of one task.
 *
 * @module
 */
import { context, type Tracer } from "@opentelemetry/api";
import type { NeatPeriodicTaskEventMap } from "../events.ts";
import type { Run } from "../options.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { Settings } from "../settings.ts";
import { elapsedMs, instant } from "../time/clock.ts";
import { attempt } from "./names.ts";
import { ObservedRun, type RunEnd } from "./observed_run.ts";
import type { RunMetrics } from "./run_metrics.ts";
import type { ShownTask } from "./state_metrics.ts";
import { type TaskFigures, TaskState } from "./task_state.ts";
import { addLayer } from "./wrapping.ts";

/** The options of an {@linkcode ObservedTask}. */
export interface ObservedTaskOptions {
  readonly scheduler: NeatPeriodicTaskScheduler;
  readonly settings: Settings;
  readonly tracer: Tracer;
  readonly metrics: RunMetrics;
  /** Called when a run has ended, and its call has returned or is abandoned. */
  readonly onRunSettled: () => void;
}

/** Observes the runs of a scheduler. */
export class ObservedTask implements ShownTask {
  readonly #options: ObservedTaskOptions;
  readonly #state: TaskState;
  /** The runs by their terms, until they have ended and their calls have returned or are abandoned. */
  readonly #runs = new Map<number, ObservedRun>();
  /** The term of a run that was in progress when the instrumentation began, until its end. */
  #earlierTerm: number | undefined;
  readonly #removeLayer: () => void;

  /** Puts a function around the runs of the scheduler. */
  constructor(options: ObservedTaskOptions) {
    const { scheduler, settings, metrics } = options;
    this.#options = options;
    this.#state = new TaskState(scheduler, settings);
    this.#removeLayer = addLayer(settings, (run, next) => this.#observe(run, next));
    metrics.addTask(settings.name);
    this.#earlierTerm = this.#runningTerm;
    if (this.#earlierTerm !== undefined) metrics.active(this.name, 1);
  }

  /** The task's name. */
  get name(): string {
    return this.#options.settings.name;
  }

  /** Whether events of a run may follow. */
  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** Returns the state of the task. */
  figures(): TaskFigures {
    // no event tells of a run that stop() aborts
    if (this.#earlierTerm !== this.#runningTerm) this.#endEarlier();
    return this.#state.figures();
  }

  /** Observes no further runs. */
  end(): void {
    this.#removeLayer();
    this.#endEarlier();
  }

  /** Takes an event of the scheduler in. */
  take(event: NeatPeriodicTaskEventMap[keyof NeatPeriodicTaskEventMap]): void {
    const { name } = this;
    const { metrics } = this.#options;
    switch (event.type) {
      case "alive":
      case "start":
      case "storeback":
        return this.#state.storeAnswered();
      case "takeover":
        this.#state.storeAnswered();
        return metrics.tookOver(name, event.reason);
      case "finished":
        this.#state.finished(event);
        return this.#end(event.term, { outcome: event.outcome, durationMs: event.durationMs, error: undefined });
      case "failed":
        return this.#end(event.term, event);
      case "abandoned":
        metrics.abandoned(name);
        return this.#runs.get(event.term)?.returned();
      case "storeerror":
        this.#state.storeFailed();
        return metrics.storeFailed(name);
    }
  }

  /** Ends a run by its event. One that was in progress before the instrumentation began has no span, and counts. */
  #end(term: number, end: RunEnd & { readonly durationMs: number }): void {
    const run = this.#runs.get(term);
    if (run) return run.end(end);
    if (term === this.#earlierTerm) this.#endEarlier();
    this.#options.metrics.ended(this.name, end.outcome, end.durationMs);
  }

  get #runningTerm(): number | undefined {
    const explanation = this.#options.scheduler.explain();
    return explanation.reason === "running" ? explanation.term : undefined;
  }

  #endEarlier(): void {
    if (this.#earlierTerm === undefined) return;
    this.#earlierTerm = undefined;
    this.#options.metrics.active(this.name, -1);
  }

  /** Calls a run in the context of its span. */
  async #observe(run: Run, next: () => unknown): Promise<unknown> {
    const observed = this.#tryStart(run);
    if (!observed) return next();
    try {
      return await context.with(observed.context, next);
    } finally {
      observed.returned();
    }
  }

  /** Returns `undefined` if the user's tracer or meter throws, which must not fail the run. */
  #tryStart(run: Run): ObservedRun | undefined {
    let observed: ObservedRun | undefined;
    attempt("observe a run", () => observed = this.#start(run));
    return observed;
  }

  #start(run: Run): ObservedRun {
    const { name, term } = run;
    const { settings: { clock, instance }, tracer, metrics, onRunSettled } = this.#options;
    const started = instant(clock);
    const latenessS = this.#state.latenessS(run);
    const observed = new ObservedRun({
      run,
      instance: instance(),
      latenessS,
      tracer,
      onEnd: ({ outcome, durationMs = elapsedMs(clock, started) }) => {
        attempt("count a run that ends", () => {
          metrics.active(name, -1);
          metrics.ended(name, outcome, durationMs);
        });
      },
      onSettled: () => {
        this.#runs.delete(term);
        onRunSettled();
      },
    });
    this.#runs.set(term, observed);
    metrics.started(name, latenessS);
    return observed;
  }
}
