/**
 * The instrumentation of schedulers.
 *
 * @module
 */
import { type MeterProvider, metrics, trace, type Tracer, type TracerProvider } from "@opentelemetry/api";
import { cannot } from "../errors.ts";
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskEventType } from "../events.ts";
import type { NeatPeriodicTaskGroup } from "../group.ts";
import { checkOptions, hasMethods } from "../option_checks.ts";
import { type NeatPeriodicTaskScheduler, schedulerSettings } from "../scheduler.ts";
import { SCOPE } from "./names.ts";
import { ObservedTask } from "./observed_task.ts";
import { RunMetrics } from "./run_metrics.ts";
import { showState } from "./state_metrics.ts";

const DOING = "instrument the tasks";

/** All events, of which a group passes on only those that it has listeners for. */
const EVENTS: readonly NeatPeriodicTaskEventType[] = [
  "alive",
  "takeover",
  "start",
  "finished",
  "failed",
  "abandoned",
  "storeerror",
  "storeback",
];

/** The options of {@linkcode instrument}. */
export interface InstrumentOptions {
  /** Makes the tracer.  @default {the global tracer provider} */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Makes the meter.  @default {the global meter provider} */
  readonly meterProvider?: MeterProvider | undefined;
}

/** The instrumentation of a scheduler or a group. */
export interface Instrumentation {
  /**
   * Ends the instrumentation. Runs in progress are followed to their end, and then no listener remains. Further calls have no effect.
   */
  [Symbol.dispose](): void;
}

/**
 * Makes a span for each run, and metrics for each task, until the result is disposed.
 *
 * The task is called inside its span, so that spans of `fetch` or of a database become its children. The user's `wrapRun` is called
 * inside the span too. Several instrumentations of one scheduler nest.
 *
 * Members that are added to a group later are included: from their first event or the next collection of the metrics on.
 *
 * Metrics that show a state are reckoned from the record that the scheduler has read last. A collection never calls the store.
 *
 * @example Instrument the tasks of a server by the global providers
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { instrument } from "@neat/periodic-task/opentelemetry";
 *
 * await using tasks = new NeatPeriodicTaskGroup([
 *   new NeatPeriodicTaskScheduler({
 *     name: "clean-up",
 *     interval: { hours: 1 },
 *     timeout: { minutes: 5 },
 *     task: () => {},
 *   }),
 * ]);
 * instrument(tasks);
 * tasks.start();
 * ```
 *
 * @param target A group, or one scheduler.
 * @param options The options.
 * @returns A handle that ends the instrumentation when it is disposed.
 * @throws {TypeError} If the target is neither a group nor a scheduler, if a scheduler comes from another copy of the package, or if
 *   an option is unknown or of the wrong type.
 */
export function instrument(
  target: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler,
  options: InstrumentOptions = {},
): Instrumentation {
  checkOptions(options, { tracerProvider: ["getTracer"], meterProvider: ["getMeter"] }, DOING);
  if (!hasMethods(target, ["addEventListener", "removeEventListener", "status"])) {
    throw new TypeError(
      cannot(DOING, "the target must be a NeatPeriodicTaskGroup or a NeatPeriodicTaskScheduler", target),
    );
  }
  return new TargetInstrumentation(target, options);
}

/** Observes the members of a group, or one scheduler. */
class TargetInstrumentation implements Instrumentation {
  readonly #target: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler;
  readonly #tracer: Tracer;
  readonly #metrics: RunMetrics;
  readonly #tasks = new Map<string, ObservedTask>();
  readonly #endState: () => void;
  readonly #listener = (event: NeatPeriodicTaskEventMap[NeatPeriodicTaskEventType]): void => this.#take(event);
  #isDisposed = false;

  constructor(
    target: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler,
    { tracerProvider = trace, meterProvider = metrics }: InstrumentOptions,
  ) {
    this.#target = target;
    // a target that is refused must not be changed
    for (const scheduler of members(target)) checkCopy(scheduler);
    const meter = meterProvider.getMeter(SCOPE);
    this.#tracer = tracerProvider.getTracer(SCOPE);
    this.#metrics = new RunMetrics(meter);
    this.#addMembers();
    for (const type of EVENTS) target.addEventListener(type, this.#listener);
    this.#endState = showState(meter, () => {
      this.#addMembers();
      return this.#tasks.values();
    });
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#endState();
    for (const task of this.#tasks.values()) task.end();
    this.#endEvents();
  }

  /** Observes members that were added since the last call. */
  #addMembers(): void {
    for (const scheduler of members(this.#target)) {
      const { name } = scheduler;
      if (this.#isDisposed || this.#tasks.has(name)) continue;
      const settings = schedulerSettings(scheduler);
      // a member of another copy that was added later: its event must not fail
      if (!settings) continue;
      const onRunSettled = (): void => this.#endEvents();
      const tracer = this.#tracer;
      const metrics = this.#metrics;
      this.#tasks.set(name, new ObservedTask({ scheduler, settings, tracer, metrics, onRunSettled }));
    }
  }

  #take(event: NeatPeriodicTaskEventMap[NeatPeriodicTaskEventType]): void {
    // the events before a run come before its wrapRun is read
    this.#addMembers();
    this.#tasks.get(event.name)?.take(event);
  }

  /** Removes the listeners after the end, when no events of a run follow. */
  #endEvents(): void {
    const isBusy = [...this.#tasks.values()].some((task) => task.isBusy);
    if (!this.#isDisposed || isBusy) return;
    for (const type of EVENTS) this.#target.removeEventListener(type, this.#listener);
  }
}

function members(target: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler): Iterable<NeatPeriodicTaskScheduler> {
  return Symbol.iterator in target ? target : [target];
}

function checkCopy(scheduler: NeatPeriodicTaskScheduler): void {
  if (schedulerSettings(scheduler)) return;
  const state = "its schedulers must come from the same copy of the package";
  throw new TypeError(cannot(DOING, state, scheduler.name));
}
