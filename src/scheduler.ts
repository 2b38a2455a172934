/**
 * The scheduler of one task: its lifecycle, and its face.
 *
 * @module
 */
import { setAlarm } from "./clock.ts";
import { checkOptions } from "./check_options.ts";
import { refuse, STARTED } from "./errors.ts";
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskListener } from "./events.ts";
import { TaskLoop } from "./loop.ts";
import type { NeatPeriodicTaskOptions } from "./options.ts";
import {
  type Explanation,
  type StopOptions,
  type StopResult,
  type TaskStatus,
  taskStatusOf,
  type TriggerResult,
} from "./results.ts";
import { settingsOf, unwanted } from "./settings.ts";
import { parseStatus } from "./status.ts";
import { anchorOf } from "./store_time.ts";

/** What `stop()` takes. */
export const STOP_OPTIONS = { abort: "a boolean", timeout: "a duration" };

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
 * A run is due an interval after the last one was due, whatever the length of the runs; due times that have passed while
 * nothing ran are skipped. A run that failed is repeated after `retryDelay`.
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
  readonly #loop: TaskLoop;

  /**
   * Makes a scheduler, which does nothing until it is started or triggered.
   *
   * @param options What to run, and when. Every option is checked.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: NeatPeriodicTaskOptions) {
    this.#loop = new TaskLoop(settingsOf(options));
    for (const warning of unwanted(this.#loop.settings)) this.#loop.say("warn", warning);
  }

  /** The task's name. */
  get name(): string {
    return this.#loop.settings.name;
  }

  /** Where it is in its life: each state is reached once, in this order. */
  get state(): "new" | "started" | "stopping" | "stopped" {
    return this.#loop.state;
  }

  /**
   * Begins to look after the task: at once, if a run is due.
   *
   * @throws {Error} If it was started before. A stopped scheduler can't be started again.
   */
  start(): void {
    if (this.state !== "new") refuse(Error, STARTED, this.state, "start the scheduler");
    this.#loop.start();
  }

  /**
   * Stops looking after the task.
   *
   * A task must not await it, as it waits for the run: `run.stopAfter()` is for that. A task that calls it before it first waits
   * for anything is answered at once, with `clean: false`. No run begins after this call. The one in progress is waited for, or aborted first; an aborted task that settles gives its
   * record back, so that the next replica that looks takes over. May be called again, for example to abort after all.
   *
   * @param options Whether to abort the run in progress, and how long to wait for it.
   * @returns What is left behind, once nothing more is waited for.
   * @throws {TypeError} If an option is unknown or of the wrong type; then nothing is stopped.
   * @throws {RangeError} If it is not longer than zero; then nothing is stopped.
   */
  async stop(options: StopOptions = {}): Promise<StopResult> {
    const { timeoutMs } = checkOptions(options, STOP_OPTIONS, "stop the scheduler");
    const isStoppedByTask = this.#loop.isStoppedByTask();
    this.#loop.stop();
    if (options.abort) this.#loop.abort();
    if (isStoppedByTask) return { clean: false, abandoned: this.#loop.abandoned };
    const clearAlarm = timeoutMs && setAlarm(this.#loop.settings.clock, () => this.#loop.cutShort(), timeoutMs);
    await this.#loop.drained;
    if (clearAlarm) clearAlarm();
    const { abandoned } = this.#loop;
    return { clean: !abandoned, abandoned };
  }

  /**
   * Runs the task now, whether it is due or not, unless it is running somewhere.
   *
   * Takes the same path as the loop and never beside it: while a run is in progress here, its outcome is the answer. The due
   * times stay what they are. Works before `start()` too.
   *
   * A task must not await it: the run would wait for itself. A call in a listener of `finished` or `failed` answers with the run
   * that has just ended.
   *
   * @returns How the run ended, or why there was none.
   * @throws {Error} If there is a record that is someone else's, or of a newer version; or if the task calls it before it first
   *   waits for anything.
   * @throws {unknown} What the store threw. A rejection that nobody waits for does no harm.
   */
  trigger(): Promise<TriggerResult> {
    return this.#loop.trigger();
  }

  /**
   * Reads the status record.
   *
   * @returns What it says, of the runs of all replicas.
   * @throws {Error} If there is a record that is someone else's, or of a newer version.
   * @throws {unknown} What the store threw.
   */
  async status(): Promise<TaskStatus> {
    const answer = await this.#loop.read();
    const record = parseStatus(answer.entry?.value);
    if (record?.kind) throw this.#loop.notOurs(record.found);
    return taskStatusOf(record, anchorOf(answer) ?? this.#loop.anchor);
  }

  /**
   * Tells what this scheduler is doing and why, without asking the store.
   *
   * @returns Its state, a sentence for people, and when it will look again.
   */
  explain(): Explanation {
    return this.#loop.explain();
  }

  /**
   * Listens to what happens. A listener that throws or rejects does no harm but a warning in the log.
   *
   * @param type The kind of event.
   * @param listener What to call.
   * @param options As of any `EventTarget`.
   */
  addEventListener<T extends keyof NeatPeriodicTaskEventMap>(
    type: T,
    listener: NeatPeriodicTaskListener<T> | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    this.#loop.events.addEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Listens no more.
   *
   * @param type The kind of event.
   * @param listener What was given to `addEventListener`.
   * @param options As of any `EventTarget`.
   */
  removeEventListener<T extends keyof NeatPeriodicTaskEventMap>(
    type: T,
    listener: NeatPeriodicTaskListener<T> | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    this.#loop.events.removeEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Passes an event to the listeners, as an `EventTarget` does.
   *
   * @param event The event.
   * @returns Whether no listener has prevented its default.
   */
  dispatchEvent(event: Event): boolean {
    return this.#loop.events.dispatchEvent(event);
  }

  /** Stops the scheduler and waits for the run in progress: what leaving an `await using` block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
