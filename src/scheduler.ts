/**
 * The scheduler of a task.
 *
 * @module
 */
import { checkOptions } from "./option_checks.ts";
import { Loop } from "./core/loop.ts";
import { Reporter } from "./core/reporter.ts";
import type { RunSlot } from "./core/run_slots.ts";
import { cannot, unusableRecordError } from "./errors.ts";
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskListener } from "./events.ts";
import type { NeatPeriodicTaskOptions } from "./options.ts";
import {
  type Explanation,
  type SchedulerState,
  STOP_OPTIONS,
  type StopOptions,
  type StopResult,
  type TaskStatus,
  taskStatusOf,
  type TriggerResult,
} from "./results.ts";
import { type Settings, settingsOf, unwantedSettings } from "./settings.ts";
import { StoreClient } from "./store/client.ts";
import { LocalRecordStore, SharedRecordStore } from "./store/record_store.ts";

/** The loops of all schedulers. Not a static block, as bundlers keep a class with one even if nobody uses it. */
const loops = new WeakMap<NeatPeriodicTaskScheduler, Loop>();

/** Returns the run slot of a scheduler; `undefined` if the scheduler comes from another copy of the package. For groups. */
export function runSlotOf(scheduler: NeatPeriodicTaskScheduler): RunSlot | undefined {
  return loops.get(scheduler)?.slot;
}

/**
 * Returns the settings of a scheduler; `undefined` if the scheduler comes from another copy of the package. For telemetry, health
 * and the dashboard.
 */
export function schedulerSettings(scheduler: NeatPeriodicTaskScheduler): Settings | undefined {
  return loops.get(scheduler)?.settings;
}

/**
 * Returns the status of a task as its scheduler last read or wrote it, without a call to the store; `undefined` if the record is not
 * known or cannot be used, or if the scheduler comes from another copy of the package. For telemetry.
 */
export function knownStatus(scheduler: NeatPeriodicTaskScheduler): TaskStatus | undefined {
  const client = loops.get(scheduler)?.client;
  const found = client?.known?.found;
  return client && found?.kind === "record" ? taskStatusOf(found.record, client.ahead) : undefined;
}

/**
 * Whether a scheduler leaves the checks after the next due time to other replicas, so that its {@linkcode knownStatus} may be old. For
 * telemetry.
 */
export function leavesChecks(scheduler: NeatPeriodicTaskScheduler): boolean {
  return loops.get(scheduler)?.leavesChecks === true;
}

/**
 * Runs a task periodically inside a long-running server, on one replica at a time.
 *
 * Between `start()` and `stop()` a loop waits for the due time of the task, claims the status record in the store, runs the
 * task, and records the outcome. Errors of the task, a listener, the logger or the store neither end the loop nor become
 * unhandled rejections. One error cannot be caught: the error of an `abort` listener of `run.signal`. Runtimes report it as
 * uncaught, which ends a process that does not handle such errors.
 *
 * A started scheduler keeps the process alive until it is stopped.
 *
 * A run is due one interval after the last one was due, regardless of the length of the runs. Missed due times are skipped. A
 * failed run is repeated after `retryDelay`.
 *
 * @example Run a task of a server
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "hello-world",
 *   interval: { seconds: 30 },
 *   timeout: { seconds: 5 },
 *   minCycle: { seconds: 5 },
 *   task: (run) => console.log("Hello World", run.term),
 * });
 * scheduler.start();
 * // serve requests; the end of the block stops the scheduler and waits for the run in progress
 * ```
 */
export class NeatPeriodicTaskScheduler {
  readonly #settings: Settings;
  readonly #reporter: Reporter;
  readonly #client: StoreClient;
  readonly #loop: Loop;

  /**
   * Creates a scheduler. It does nothing until it is started or triggered.
   *
   * @param options The options. Each is checked.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option is out of range.
   */
  constructor(options: NeatPeriodicTaskOptions) {
    const settings = settingsOf(options);
    const { clock, store } = settings;
    this.#settings = settings;
    this.#reporter = new Reporter(settings);
    this.#client = new StoreClient({
      store: store ? new SharedRecordStore(store, settings) : new LocalRecordStore(),
      clock,
      rules: settings,
      observer: this.#reporter,
    });
    this.#loop = new Loop({ settings, client: this.#client, reporter: this.#reporter, watch: watchOf(settings) });
    loops.set(this, this.#loop);
    for (const warning of unwantedSettings(settings)) this.#reporter.warn(warning);
  }

  /** The task's name. */
  get name(): string {
    return this.#settings.name;
  }

  /** The state of the scheduler. It only moves forward. A `stop()` before `start()` skips `started`. */
  get state(): SchedulerState {
    return this.#loop.state;
  }

  /**
   * Starts the scheduler. A due run starts immediately.
   *
   * @throws {Error} If the scheduler was started or stopped before.
   */
  start(): void {
    const { state } = this;
    if (state !== "new") throw new Error(cannot("start the scheduler", "it was started or stopped before", state));
    this.#loop.start();
  }

  /**
   * Waits until the store has answered the first check, so that a deploy with wrong credentials fails immediately.
   *
   * After the first check, the last check decides: a call resolves or rejects immediately. A readiness probe that calls
   * `ready()` again and again therefore shows an outage of the store and its end. `ready()` itself causes no check: before
   * `start()`, it waits. Where the first check writes the record, the store must have answered the write too.
   *
   * @example Fail at the start of a server if the store cannot be used
   * ```ts
   * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
   *
   * await using scheduler = new NeatPeriodicTaskScheduler({
   *   name: "backup",
   *   interval: { hours: 6 },
   *   timeout: { minutes: 30 },
   *   store: new MemoryStore(),
   *   task: () => {},
   * });
   * scheduler.start();
   * await scheduler.ready();
   * ```
   *
   * @returns Resolves after the first check, with any outcome of a run. Does not keep the process alive. A rejection without
   *   a handler is not reported as unhandled.
   * @throws {Error} If the record cannot be used, if a claim was not answered in time, if the schedule fails, or if the
   *   scheduler was stopped before the first check was answered.
   * @throws {unknown} The error of the store.
   */
  ready(): Promise<void> {
    return this.#loop.ready();
  }

  /**
   * Stops the scheduler. No run starts after this call.
   *
   * Waits for the run in progress, or aborts it first. If an aborted task returns, its record is released, and another
   * replica starts the run at its next check. A later call may abort a run for which an earlier call waits.
   *
   * A task must not await `stop()`, as `stop()` waits for the run: call `run.stopAfter()` instead. If a task calls `stop()`
   * before its first `await`, the call returns immediately, with `clean: false`.
   *
   * @param options The options.
   * @returns Whether nothing of the scheduler remains, and the number of abandoned calls of the task.
   * @throws {TypeError} If an option is unknown or of the wrong type. Then the scheduler is not stopped.
   * @throws {RangeError} If the timeout is not longer than zero. Then the scheduler is not stopped.
   */
  async stop(options: StopOptions = {}): Promise<StopResult> {
    const { timeoutMs } = checkOptions(options, STOP_OPTIONS, "stop the scheduler");
    return await this.#loop.stop({ abort: options.abort ?? false, timeoutMs });
  }

  /**
   * Runs the task now, due or not, unless it is running elsewhere.
   *
   * A triggered run never runs beside a run of the loop: while a run is in progress here, `trigger()` returns the outcome of
   * that run. The due times stay the same. `trigger()` works before `start()` too.
   *
   * A task must not await `trigger()`, as the run would wait for itself. In a listener of `finished` or `failed`, `trigger()`
   * returns the outcome of the run that has just ended.
   *
   * @returns The outcome of the run, or the reason why there was no run. A rejection without a handler is not reported as
   *   unhandled.
   * @throws {Error} If the record cannot be used, if the claim was not answered in time, or if the task calls `trigger()`
   *   before its first `await`.
   * @throws {unknown} The error of the store.
   */
  trigger(): Promise<TriggerResult> {
    return this.#loop.trigger();
  }

  /**
   * Reads the status record.
   *
   * @returns The contents of the record, which all replicas share.
   * @throws {Error} If the data at the key is not a status record, or if the record is of a newer version.
   * @throws {unknown} The error of the store.
   */
  async status(): Promise<TaskStatus> {
    const { found, ...ahead } = await this.#client.inspect();
    if (found.kind === "foreign" || found.kind === "newer") throw unusableRecordError(this.name, found);
    return taskStatusOf(found.kind === "record" ? found.record : undefined, ahead);
  }

  /**
   * Explains the last decision of this scheduler. Does not call the store.
   *
   * @returns The state, the reason, a sentence for people, and the time of the next check.
   */
  explain(): Explanation {
    return this.#loop.explain();
  }

  /**
   * Adds a listener. Its errors and rejections are logged as warnings.
   *
   * @param type The type of the events.
   * @param listener The listener.
   * @param options The options, as for any `EventTarget`.
   */
  addEventListener<T extends keyof NeatPeriodicTaskEventMap>(
    type: T,
    listener: NeatPeriodicTaskListener<T> | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    this.#reporter.events.addEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Removes a listener.
   *
   * @param type The type of the events.
   * @param listener The listener that was added.
   * @param options The options, as for any `EventTarget`.
   */
  removeEventListener<T extends keyof NeatPeriodicTaskEventMap>(
    type: T,
    listener: NeatPeriodicTaskListener<T> | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    this.#reporter.events.removeEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Dispatches an event to the listeners, as an `EventTarget` does.
   *
   * @param event The event.
   * @returns `false` if the event is cancelable and a listener has called `preventDefault()`; otherwise `true`.
   */
  dispatchEvent(event: Event): boolean {
    return this.#reporter.events.dispatchEvent(event);
  }

  /** Stops the scheduler at the end of an `await using` block, and waits for the run in progress. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Returns the function that watches the record; `undefined` if the store cannot watch. */
function watchOf({ store, name }: Settings): ((signal: AbortSignal) => AsyncIterable<unknown>) | undefined {
  const watch = store?.watch?.bind(store);
  return watch && ((signal) => watch(name, { signal }));
}
