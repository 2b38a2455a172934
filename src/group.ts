/**
 * The tasks of one server.
 *
 * @module
 */
import { checkOptions, hasMethods } from "./option_checks.ts";
import { cannot } from "./errors.ts";
import { STOP_OPTIONS, type StopOptions, type StopResult } from "./results.ts";
import type { NeatPeriodicTaskScheduler } from "./scheduler.ts";

/**
 * Starts and stops several schedulers together.
 *
 * @example Two tasks of a server
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * const common = { interval: { hours: 1 }, timeout: { minutes: 5 } };
 * await using tasks = new NeatPeriodicTaskGroup([
 *   new NeatPeriodicTaskScheduler({ ...common, name: "backup", task: () => {} }),
 *   new NeatPeriodicTaskScheduler({ ...common, name: "clean-up", task: () => {} }),
 * ]);
 * tasks.start();
 * for (const task of tasks) console.assert(task.state === "started");
 * ```
 */
export class NeatPeriodicTaskGroup implements Iterable<NeatPeriodicTaskScheduler> {
  readonly #schedulers = new Map<string, NeatPeriodicTaskScheduler>();

  /**
   * Creates a group.
   *
   * @param schedulers Its members, none of them started, with different names.
   * @throws {TypeError} If one is no scheduler, or two have the same name.
   */
  constructor(schedulers: Iterable<NeatPeriodicTaskScheduler> = []) {
    for (const scheduler of schedulers) this.add(scheduler);
  }

  /**
   * Adds a member. It is not started, even if the others are.
   *
   * @param scheduler The scheduler.
   * @returns The scheduler.
   * @throws {TypeError} If it is no scheduler, or its name is taken.
   */
  add(scheduler: NeatPeriodicTaskScheduler): NeatPeriodicTaskScheduler {
    const doing = "add the scheduler";
    // by its methods, as it may come from another copy of the package
    if (!hasMethods(scheduler, ["start", "stop", "trigger", "status"])) {
      throw new TypeError(cannot(doing, "it must be a NeatPeriodicTaskScheduler", scheduler));
    }
    const { name } = scheduler;
    if (this.#schedulers.has(name)) throw new TypeError(cannot(doing, "its name is taken", name));
    this.#schedulers.set(name, scheduler);
    return scheduler;
  }

  /** Iterates over all members, in the order in which they were added. */
  [Symbol.iterator](): Iterator<NeatPeriodicTaskScheduler> {
    return this.#schedulers.values();
  }

  /**
   * Starts all members.
   *
   * @throws {Error} If one was started or stopped before. Then none is started.
   */
  start(): void {
    for (const { name, state } of this) {
      if (state !== "new") throw new Error(cannot(`start "${name}"`, "it was started or stopped before", state));
    }
    for (const scheduler of this) scheduler.start();
  }

  /**
   * Stops all members at the same time.
   *
   * @param options As for a single scheduler.
   * @returns What each leaves behind, by the task's name, once all have stopped.
   * @throws {TypeError} If an option is unknown or of the wrong type. Then none is stopped.
   * @throws {RangeError} If the timeout is not longer than zero. Then none is stopped.
   */
  async stop(options: StopOptions = {}): Promise<Map<string, StopResult>> {
    checkOptions(options, STOP_OPTIONS, "stop the schedulers");
    const stopped = [...this].map(async (scheduler) => [scheduler.name, await scheduler.stop(options)] as const);
    return new Map(await Promise.all(stopped));
  }

  /** Stops all members, as leaving an `await using` block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
