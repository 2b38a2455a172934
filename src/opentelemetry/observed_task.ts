/**
 * The runs and the state of one task.
 *
 * @module
 */
import { context, diag, type Tracer } from "@opentelemetry/api";
import type { NeatPeriodicTaskEventMap } from "../events.ts";
import type { Run } from "../options.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { Settings } from "../settings.ts";
import { elapsedMs, instant } from "../time/clock.ts";
import { latenessOf, ObservedRun, type RunEnd } from "./observed_run.ts";
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
  /** Called after each run. */
  readonly onRunEnd: () => void;
}

/** Observes the runs of a scheduler. */
export class ObservedTask implements ShownTask {
  readonly #options: ObservedTaskOptions;
  readonly #state: TaskState;
  /** The runs in progress by their terms. */
  readonly #runs = new Map<number, ObservedRun>();
  readonly #removeLayer: () => void;

  /** Puts a function around the runs of the scheduler. */
  constructor(options: ObservedTaskOptions) {
    const { scheduler, settings, metrics } = options;
    this.#options = options;
    this.#state = new TaskState(scheduler, settings);
    this.#removeLayer = addLayer(settings, (run, next) => this.#observe(run, next));
    metrics.addTask(settings.name);
  }

  /** The task's name. */
  get name(): string {
    return this.#options.settings.name;
  }

  /** The number of runs in progress. */
  get running(): number {
    return this.#runs.size;
  }

  /** Returns the state of the task. */
  figures(): TaskFigures {
    return this.#state.figures();
  }

  /** Observes no further runs. */
  end(): void {
    this.#removeLayer();
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
        return metrics.tookOver(name, event.reason);
      case "finished":
        this.#state.finished();
        return this.#end(event.term, { outcome: event.outcome, durationMs: event.durationMs, error: undefined });
      case "failed":
        return this.#end(event.term, event);
      case "abandoned":
        metrics.abandoned(name);
        return this.#runs.get(event.term)?.abandoned();
      case "storeerror":
        this.#state.storeFailed();
        return metrics.storeFailed(name);
    }
  }

  /** Ends a run by its event. One that was in progress before the instrumentation began has no span, and counts. */
  #end(term: number, end: RunEnd & { readonly durationMs: number }): void {
    const run = this.#runs.get(term);
    if (run) return run.end(end);
    this.#options.metrics.ended(this.name, end.outcome, end.durationMs);
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
    try {
      return this.#start(run);
    } catch (error) {
      diag.error("neat-periodic-task: a run cannot be observed", error);
      return undefined;
    }
  }

  #start(run: Run): ObservedRun {
    const { name, term } = run;
    const { settings: { clock, instance }, tracer, metrics, onRunEnd } = this.#options;
    const started = instant(clock);
    const observed = new ObservedRun({
      run,
      instance: instance(),
      tracer,
      onEnd: ({ outcome, durationMs = elapsedMs(clock, started) }) => {
        this.#runs.delete(term);
        metrics.ended(name, outcome, durationMs);
        onRunEnd();
      },
    });
    this.#runs.set(term, observed);
    metrics.started(name, latenessOf(run));
    return observed;
  }
}
