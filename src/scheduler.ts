/**
 * The scheduler of one task, as users see it.
 *
 * @module
 */
import { checkOptions } from "./option_checks.ts";
import { Loop } from "./core/loop.ts";
import { Reporter } from "./core/reporter.ts";
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

/**
 * Runs a task periodically inside a long-running server, on one replica at a time.
 *
 * Between `start` and `stop` a loop waits for the task's due time, claims the status record in the store, runs the task, and
 * records the outcome. Nothing that a task, a listener, a logger or a store throws ends the loop or becomes an unhandled
 * rejection. One thing cannot be caught: an error that an `abort` listener of `run.signal` throws. Runtimes report it as
 * uncaught, which ends the process unless it handles such errors.
 *
 * A started scheduler keeps the process alive until it is stopped.
 *
 * A run is due one interval after the last one was due, whatever the length of the runs. Due times that pass while nothing
 * runs are skipped. A run that failed is repeated after `retryDelay`.
 *
 * @example A task of a server
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
 * // serve until it is time to end; leaving the block stops the scheduler and waits for the run in progress
 * ```
 */
export class NeatPeriodicTaskScheduler {
  readonly #settings: Settings;
  readonly #reporter: Reporter;
  readonly #client: StoreClient;
  readonly #loop: Loop;

  /**
   * Creates a scheduler. Nothing happens until it is started or triggered.
   *
   * @param options What to run, and when. Every option is checked.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option cannot be used.
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
    this.#loop = new Loop({ settings, client: this.#client, reporter: this.#reporter });
    for (const warning of unwantedSettings(settings)) this.#reporter.warn(warning);
  }

  /** The task's name. */
  get name(): string {
    return this.#settings.name;
  }

  /** The state of the scheduler. It only moves forward; a scheduler that is stopped before its start was never started. */
  get state(): SchedulerState {
    return this.#loop.state;
  }

  /**
   * Starts the scheduler. A due run starts immediately.
   *
   * @throws {Error} If it was started before. A stopped scheduler cannot be started again.
   */
  start(): void {
    const { state } = this;
    if (state !== "new") throw new Error(cannot("start the scheduler", "it was started or stopped before", state));
    this.#loop.start();
  }

  /**
   * Stops the scheduler. No run starts after this call.
   *
   * The run in progress is waited for, or aborted first. An aborted task that returns releases its record, so that the next
   * replica that checks it takes over. May be called again, for example to abort after all.
   *
   * A task must not await it, as it waits for the run: `run.stopAfter()` is for that. A task that calls it before it first waits
   * for anything is answered immediately, with `clean: false`.
   *
   * @param options Whether to abort the run in progress, and how long to wait for it.
   * @returns What is left behind, once nothing more is waited for.
   * @throws {TypeError} If an option is unknown or of the wrong type. Then nothing is stopped.
   * @throws {RangeError} If the timeout is not longer than zero. Then nothing is stopped.
   */
  async stop(options: StopOptions = {}): Promise<StopResult> {
    const { timeoutMs } = checkOptions(options, STOP_OPTIONS, "stop the scheduler");
    return await this.#loop.stop({ abort: options.abort ?? false, timeoutMs });
  }

  /**
   * Runs the task now, whether it is due or not, unless it is running elsewhere.
   *
   * It takes the same path as the loop and never runs beside it: while a run is in progress here, its outcome is the answer. The
   * due times stay the same. It works before `start()` too.
   *
   * A task must not await it: the run would wait for itself. A call in a listener of `finished` or `failed` answers with the run
   * that has just ended.
   *
   * @returns How the run ended, or why there was none.
   * @throws {Error} If the data at the key is no status record, or is of a newer version; or if the task calls it before it first
   *   waits for anything.
   * @throws {unknown} What the store threw. A rejection that nobody waits for is not reported as unhandled.
   */
  trigger(): Promise<TriggerResult> {
    return this.#loop.trigger();
  }

  /**
   * Reads the status record.
   *
   * @returns What it says about the runs of all replicas.
   * @throws {Error} If the data at the key is no status record, or is of a newer version.
   * @throws {unknown} What the store threw.
   */
  async status(): Promise<TaskStatus> {
    const { found, ...ahead } = await this.#client.inspect();
    if (found.kind === "foreign" || found.kind === "newer") throw unusableRecordError(this.name, found);
    return taskStatusOf(found.kind === "record" ? found.record : undefined, ahead);
  }

  /**
   * Explains what this scheduler is doing and why, by its last decision. The store is not asked.
   *
   * @returns Its state, the reason, a sentence for people, and when it checks again.
   */
  explain(): Explanation {
    return this.#loop.explain();
  }

  /**
   * Adds a listener. What it throws or rejects with is logged as a warning.
   *
   * @param type The type of event.
   * @param listener What to call.
   * @param options As of any `EventTarget`.
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
   * @param type The type of event.
   * @param listener What was given to `addEventListener`.
   * @param options As of any `EventTarget`.
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
   * @returns Whether no listener has prevented its default.
   */
  dispatchEvent(event: Event): boolean {
    return this.#reporter.events.dispatchEvent(event);
  }

  /** Stops the scheduler and waits for the run in progress, as leaving an `await using` block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
