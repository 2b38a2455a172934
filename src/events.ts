/**
 * What a scheduler tells its host of, beside the log.
 *
 * @module
 */
import { guard } from "./log.ts";
import type { Run } from "./options.ts";
import type { RunOutcome } from "./recent_runs.ts";

/** What an event says besides its type. */
export interface NeatPeriodicTaskEventDetail {
  /** The task's name. */
  readonly name: string;
  /** When it happened. */
  readonly time: Date;
  /** The run it is about, if it is about one. */
  readonly run?: Run | undefined;
  /** How the run ended, if it did. */
  readonly outcome?: RunOutcome | undefined;
  /** How long it took, in milliseconds, from its claim on. */
  readonly durationMs?: number | undefined;
  /** What was thrown. */
  readonly error?: unknown;
}

/**
 * Something that happened to a task.
 *
 * @example Counting failures
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "failing",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 1 },
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => Promise.reject(new Error("no luck")),
 * });
 * const failures: string[] = [];
 * scheduler.addEventListener("failed", (event) => failures.push(`${event.name} ${event.term}: ${event.error}`));
 * await scheduler.trigger();
 * console.assert(failures[0] === "failing 1: Error: no luck");
 * ```
 */
export class NeatPeriodicTaskEvent extends Event implements NeatPeriodicTaskEventDetail {
  /** The task's name. */
  declare readonly name: string;
  /** When it happened. */
  declare readonly time: Date;
  /** The run it is about, if it is about one. */
  declare readonly run: Run | undefined;
  /** How the run ended, if it did. */
  declare readonly outcome: RunOutcome | undefined;
  /** How long it took, in milliseconds, from its claim on. */
  declare readonly durationMs: number | undefined;
  /** What was thrown. */
  declare readonly error: unknown;

  /** The term of that run. */
  declare readonly term: number | undefined;
  /** The due time of that run. */
  declare readonly scheduled: Date | undefined;
  /** When that run was claimed. */
  declare readonly started: Date | undefined;

  /**
   * Makes an event; schedulers do.
   *
   * @param type One of the names of {@linkcode NeatPeriodicTaskEventMap}.
   * @param detail What it says.
   */
  constructor(type: string, detail: NeatPeriodicTaskEventDetail) {
    super(type);
    Object.assign(this, detail.run, detail);
  }
}

/** The events of a scheduler, by name. */
export interface NeatPeriodicTaskEventMap {
  /** The last run finished, and the next one isn't due: logged as ALIVE. */
  alive: NeatPeriodicTaskEvent;
  /** A run begins: logged as START. */
  start: NeatPeriodicTaskEvent;
  /** The task returned: logged as FINISHED. */
  finished: NeatPeriodicTaskEvent;
  /** The task threw, timed out, or lost its lease: logged as FAILED; `outcome` tells which. */
  failed: NeatPeriodicTaskEvent;
  /** The run's lease can no longer be trusted, so another run may begin beside it. */
  leaselost: NeatPeriodicTaskEvent;
  /** A task has not returned after its abort, and was left behind. */
  abandoned: NeatPeriodicTaskEvent;
  /** A call to the store failed. */
  storeerror: NeatPeriodicTaskEvent;
}

/** A listener for one kind of event. */
export type NeatPeriodicTaskListener<T extends keyof NeatPeriodicTaskEventMap> =
  | ((event: NeatPeriodicTaskEventMap[T]) => unknown)
  | { handleEvent(event: NeatPeriodicTaskEventMap[T]): unknown };

// not by the names of DOM's types, which a server's types may not have
type Listener = NonNullable<Parameters<EventTarget["addEventListener"]>[1]>;

/** An EventTarget whose listeners can't harm the dispatcher: runtimes end the process when a listener throws. */
export class GuardedEventTarget extends EventTarget {
  readonly #guards = new WeakMap<Listener, (event: Event) => void>();
  readonly #report: (error: unknown) => void;

  /** Makes a target that reports what listeners throw or reject with. */
  constructor(report: (error: unknown) => void) {
    super();
    this.#report = report;
  }

  /** Adds a listener. */
  override addEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    super.addEventListener(type, listener && this.#guarded(listener), options);
  }

  /** Removes a listener. */
  override removeEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, listener && this.#guarded(listener), options);
  }

  #guarded(listener: Listener): (event: Event) => void {
    const guarded = this.#guards.get(listener) ??
      ((event) =>
        guard(() => typeof listener === "function" ? listener(event) : listener.handleEvent(event), this.#report));
    this.#guards.set(listener, guarded);
    return guarded;
  }
}
