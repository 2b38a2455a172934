/**
 * A group of schedulers.
 *
 * @module
 */
import { RunSlots } from "./core/run_slots.ts";
import { checkOptions, hasMethods } from "./option_checks.ts";
import { cannot, textOf } from "./errors.ts";
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskListener } from "./events.ts";
import { GroupEvents } from "./group_events.ts";
import { isCount } from "./record/count.ts";
import { STOP_OPTIONS, type StopOptions, type StopResult, type TaskStatus } from "./results.ts";
import { type NeatPeriodicTaskScheduler, runSlotOf } from "./scheduler.ts";

/** The options of a {@linkcode NeatPeriodicTaskGroup}. */
export interface NeatPeriodicTaskGroupOptions {
  /**
   * The number of members that may run their tasks at the same time in this process: a whole number from 1 on.
   *
   * A run that is due, triggered or requested waits for its turn before it is claimed, so that another replica may run it
   * meanwhile. Runs start in the order in which they began to wait. A call of a task that is abandoned does not count, as its
   * run has ended: otherwise a task that never returns would end all others.
   *
   * @default {no limit}
   */
  readonly concurrency?: number | undefined;
}

/** The methods of members that a group calls. */
const MEMBER_METHODS = ["start", "ready", "stop", "trigger", "status", "addEventListener"];

/**
 * Starts and stops several schedulers together, and passes their events on.
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
 *
 * @example Run one task at a time, and collect the events of all tasks
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * const common = { interval: { hours: 1 }, timeout: { minutes: 5 } };
 * const events: string[] = [];
 * {
 *   await using tasks = new NeatPeriodicTaskGroup([], { concurrency: 1 });
 *   tasks.addEventListener("start", ({ name }) => events.push(`${name} starts`));
 *   tasks.addEventListener("finished", ({ name }) => events.push(`${name} finished`));
 *   const backup = tasks.add(new NeatPeriodicTaskScheduler({ ...common, name: "backup", task: async () => {} }));
 *   const cleanUp = tasks.add(new NeatPeriodicTaskScheduler({ ...common, name: "clean-up", task: async () => {} }));
 *   await Promise.all([backup.trigger(), cleanUp.trigger()]);
 * }
 * console.assert(events.join() === "backup starts,backup finished,clean-up starts,clean-up finished");
 * ```
 */
export class NeatPeriodicTaskGroup implements Iterable<NeatPeriodicTaskScheduler> {
  readonly #schedulers = new Map<string, NeatPeriodicTaskScheduler>();
  readonly #slots: RunSlots | undefined;
  #lazyEvents: GroupEvents | undefined;

  /**
   * Creates a group.
   *
   * @param schedulers The members of the group. Their names must differ.
   * @param options The options.
   * @throws {TypeError} If a member is not a scheduler, if two members have the same name, if an option is unknown or of the
   *   wrong type, or if the group has a limit and a member comes from another copy of the package.
   * @throws {RangeError} If `concurrency` is not a whole number from 1 on.
   * @throws {Error} If the group and another group of a member have a limit.
   */
  constructor(schedulers: Iterable<NeatPeriodicTaskScheduler> = [], options: NeatPeriodicTaskGroupOptions = {}) {
    this.#slots = slotsOf(options);
    // a group that is refused must not limit its members
    for (const scheduler of schedulers) this.#admit(scheduler);
    for (const scheduler of this) this.#limit(scheduler);
  }

  /**
   * Adds a scheduler. The scheduler is not started, even if the other members are.
   *
   * @param scheduler The scheduler. If it has started before, its run in progress counts for the limit of the group.
   * @returns The scheduler.
   * @throws {TypeError} If it is not a scheduler, if another member has its name, or if the group has a limit and the
   *   scheduler comes from another copy of the package.
   * @throws {Error} If the group and another group of the scheduler have a limit.
   */
  add(scheduler: NeatPeriodicTaskScheduler): NeatPeriodicTaskScheduler {
    this.#admit(scheduler);
    this.#limit(scheduler);
    this.#lazyEvents?.join(scheduler);
    return scheduler;
  }

  /** Checks a scheduler, and makes it a member. */
  #admit(scheduler: NeatPeriodicTaskScheduler): void {
    const doing = "add the scheduler";
    // checks the methods and not the class, as the scheduler may come from another copy of the package
    if (!hasMethods(scheduler, MEMBER_METHODS)) {
      throw new TypeError(cannot(doing, "it must be a NeatPeriodicTaskScheduler", scheduler));
    }
    const { name } = scheduler;
    if (this.#schedulers.has(name)) throw new TypeError(cannot(doing, "its name is taken", name));
    if (this.#slots) {
      const slot = runSlotOf(scheduler);
      if (!slot) throw new TypeError(cannot(doing, "a limit needs schedulers of the same copy of the package", name));
      if (slot.isLimited) throw new Error(cannot(doing, "it is in another group with a limit", name));
    }
    this.#schedulers.set(name, scheduler);
  }

  #limit(scheduler: NeatPeriodicTaskScheduler): void {
    if (this.#slots) runSlotOf(scheduler)?.limit(this.#slots);
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
   * Waits until the stores have answered the first check of each present member.
   *
   * Later calls are answered by the last check of each member, as `ready()` of a scheduler is.
   *
   * @returns Resolves when all members are ready. A rejection without a handler is not reported as unhandled.
   * @throws {Error} If a member is not ready: the first of these errors. The message has the task's name, and `cause` is the
   *   error of the member.
   */
  ready(): Promise<void> {
    const ready = Promise.all([...this].map(waitForMember)).then(() => {});
    ready.catch(() => {});
    return ready;
  }

  /**
   * Reads the status records of all members at the same time. The error of one store does not hide the other tasks.
   *
   * @example Show the tasks whose last run failed, and those whose store cannot be read
   * ```ts
   * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
   *
   * const common = { interval: { hours: 1 }, timeout: { minutes: 5 } };
   * const tasks = new NeatPeriodicTaskGroup([
   *   new NeatPeriodicTaskScheduler({ ...common, name: "backup", task: () => {} }),
   * ]);
   * for (const [name, result] of await tasks.status()) {
   *   if (result.status === "rejected") console.error(name, result.reason);
   *   else if (result.value.state === "failed") console.error(name, result.value.error);
   * }
   * ```
   *
   * @returns The status of each member, or its error, by the task's name.
   */
  async status(): Promise<Map<string, PromiseSettledResult<TaskStatus>>> {
    const members = [...this];
    const results = await Promise.allSettled(members.map(async (scheduler) => await scheduler.status()));
    // the results are in the order of the members
    return new Map(results.map((result, index) => [members[index]?.name ?? "", result]));
  }

  /**
   * Adds a listener for the events of all members, also of those that are added later. Each event has the `name` of its task.
   *
   * With `once`, the listener is called for the first event of any member. Errors and rejections of the listener are logged as
   * warnings by the logger of the member.
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
    this.#events.addEventListener(type, listener as EventListener | null, options);
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
    this.#events.removeEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Dispatches an event to the listeners of the group, and not to those of its members.
   *
   * @param event The event.
   * @returns `false` if the event is cancelable and a listener has called `preventDefault()`; otherwise `true`.
   */
  dispatchEvent(event: Event): boolean {
    return this.#events.dispatchEvent(event);
  }

  /** Created at its first use, as an event target takes more memory than the rest of a group. */
  get #events(): GroupEvents {
    return this.#lazyEvents ??= new GroupEvents(this);
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

/** Returns the slots for the runs of a group; `undefined` if it has no limit. */
function slotsOf(options: NeatPeriodicTaskGroupOptions): RunSlots | undefined {
  const doing = "create the group";
  checkOptions(options, { concurrency: "number" }, doing);
  const { concurrency } = options;
  if (concurrency === undefined) return undefined;
  if (!isCount(concurrency) || concurrency < 1) {
    throw new RangeError(cannot(doing, '"concurrency" must be a whole number from 1 on', concurrency));
  }
  return new RunSlots(concurrency);
}

async function waitForMember(scheduler: NeatPeriodicTaskScheduler): Promise<void> {
  try {
    await scheduler.ready();
  } catch (error) {
    throw new Error(cannot("wait for the group", `"${scheduler.name}" is not ready`, textOf(error)), { cause: error });
  }
}
