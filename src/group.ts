/**
 * A group of schedulers.
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
 * @example Start two tasks of a server
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
   * @param schedulers The members of the group. Their names must differ.
   * @throws {TypeError} If a member is not a scheduler, or if two members have the same name.
   */
  constructor(schedulers: Iterable<NeatPeriodicTaskScheduler> = []) {
    for (const scheduler of schedulers) this.add(scheduler);
  }

  /**
   * Adds a scheduler. The scheduler is not started, even if the other members are.
   *
   * @param scheduler The scheduler.
   * @returns The scheduler.
   * @throws {TypeError} If it is not a scheduler, or if another member has its name.
   */
  add(scheduler: NeatPeriodicTaskScheduler): NeatPeriodicTaskScheduler {
    const doing = "add the scheduler";
    // checks the methods and not the class, as the scheduler may come from another copy of the package
    if (!hasMethods(scheduler, ["start", "stop", "trigger", "status"])) {
      throw new TypeError(cannot(doing, "it must be a NeatPeriodicTaskScheduler", scheduler));
    }
    const { name } = scheduler;
    if (this.#schedulers.has(name)) throw new TypeError(cannot(doing, "its name is taken", name));
    this.#schedulers.set(name, scheduler);
    return scheduler;
  }

  /** Iterates over all members in the order in which they were added. */
  [Symbol.iterator](): Iterator<NeatPeriodicTaskScheduler> {
    return this.#schedulers.values();
  }

  /**
   * Starts all members.
   *
   * @throws {Error} If a member was started or stopped before. Then no member is started.
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
   * @param options The options, as for a single scheduler.
   * @returns The result of each member by the task's name, after all members have stopped.
   * @throws {TypeError} If an option is unknown or of the wrong type. Then no member is stopped.
   * @throws {RangeError} If the timeout is not longer than zero. Then no member is stopped.
   */
  async stop(options: StopOptions = {}): Promise<Map<string, StopResult>> {
    checkOptions(options, STOP_OPTIONS, "stop the schedulers");
    const stopped = [...this].map(async (scheduler) => [scheduler.name, await scheduler.stop(options)] as const);
    return new Map(await Promise.all(stopped));
  }

  /** Stops all members at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
