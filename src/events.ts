/**
 * The events of a scheduler, beside its log.
 *
 * @module
 */
import { callSafely } from "./log.ts";
import type { Run } from "./options.ts";

/** The properties of every event. */
export interface NeatPeriodicTaskEventDetail {
  /** The task's name. */
  readonly name: string;
  /** When it happened, by the host's clock. */
  readonly time: Date;
}

/** The properties of an event about a run. */
export interface RunEventDetail {
  /** The run. */
  readonly run: Run;
  /** The term of the run. */
  readonly term: number;
  /** The due time of the run. */
  readonly scheduled: Date;
  /** When the run was claimed. */
  readonly started: Date;
}

/** The properties of the event of a finished run. */
export interface FinishedEventDetail extends RunEventDetail {
  /** How the run ended. */
  readonly outcome: "finished";
  /** How long the run took, in milliseconds, from its claim on. */
  readonly durationMs: number;
}

/** The properties of the event of a failed run. */
export interface FailedEventDetail extends RunEventDetail {
  /** How the run ended. */
  readonly outcome: "failed" | "timeout" | "leaselost";
  /** How long the run took, in milliseconds, from its claim on. */
  readonly durationMs: number;
  /** What the task threw, or the reason of the abort. */
  readonly error: unknown;
}

/** The properties of the event of a lost lease. */
export interface LeaseLostEventDetail extends RunEventDetail {
  /** The reason of `run.signal`. */
  readonly error: Error;
}

/** The properties of the event of a failed store call. */
export interface StoreErrorEventDetail {
  /** What the store threw. */
  readonly error: unknown;
}

/** The properties of the event of a store that answers again. */
export interface StoreBackEventDetail {
  /** How long the store did not answer, in milliseconds, from the first failed call on. */
  readonly durationMs: number;
  /** How many calls failed. */
  readonly failures: number;
}

/** The properties of each event besides the task's name and the time, by the event's type. */
export interface NeatPeriodicTaskEventDetails {
  /** The last run finished, and the next one is not due. Logged as ALIVE. */
  alive: Record<never, never>;
  /** A run starts. Logged as START. */
  start: RunEventDetail;
  /** The task returned. Logged as FINISHED. */
  finished: FinishedEventDetail;
  /** The task threw, timed out, or lost its lease. Logged as FAILED. */
  failed: FailedEventDetail;
  /** The lease of a run can no longer be trusted, so another run may start beside it. */
  leaselost: LeaseLostEventDetail;
  /** A task did not return after its abort; the loop goes on without it. */
  abandoned: RunEventDetail;
  /** A call to the store failed. */
  storeerror: StoreErrorEventDetail;
  /** The store answers again after calls that failed. */
  storeback: StoreBackEventDetail;
}

/** The types of events. */
export type NeatPeriodicTaskEventType = keyof NeatPeriodicTaskEventDetails;

/**
 * An event of a task.
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
 * scheduler.addEventListener("failed", ({ name, run, error }) => failures.push(`${name} ${run.term}: ${error}`));
 * await scheduler.trigger();
 * console.assert(failures[0] === "failing 1: Error: no luck");
 * ```
 */
export class NeatPeriodicTaskEvent extends Event implements NeatPeriodicTaskEventDetail {
  /** The task's name. */
  readonly name: string;
  /** When it happened, by the host's clock. */
  readonly time: Date;

  /**
   * Creates an event. Schedulers do.
   *
   * @param type The type, one of the names of {@linkcode NeatPeriodicTaskEventMap}.
   * @param detail Its properties.
   */
  constructor(type: string, detail: NeatPeriodicTaskEventDetail) {
    super(type);
    this.name = detail.name;
    this.time = detail.time;
    Object.assign(this, detail);
  }
}

/** The events of a scheduler, by type. In the union of all, `event.type` determines which properties there are. */
export type NeatPeriodicTaskEventMap = {
  [Type in NeatPeriodicTaskEventType]:
    & NeatPeriodicTaskEvent
    & { readonly type: Type }
    & NeatPeriodicTaskEventDetails[Type];
};

/** A listener for one type of event. */
export type NeatPeriodicTaskListener<Type extends NeatPeriodicTaskEventType> =
  | ((event: NeatPeriodicTaskEventMap[Type]) => unknown)
  | { handleEvent(event: NeatPeriodicTaskEventMap[Type]): unknown };

// not by the names of DOM's types, which a server's types may not have
type Listener = NonNullable<Parameters<EventTarget["addEventListener"]>[1]>;

/** An EventTarget whose listeners cannot throw: runtimes end the process when a listener does. */
export class SafeEventTarget extends EventTarget {
  readonly #wrappers = new WeakMap<Listener, (event: Event) => void>();
  readonly #onError: (error: unknown) => void;

  /** Creates a target. What listeners throw or reject with goes to `onError`. */
  constructor(onError: (error: unknown) => void) {
    super();
    this.#onError = onError;
  }

  /** Adds a listener. */
  override addEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    super.addEventListener(type, listener && this.#wrapperOf(listener), options);
  }

  /** Removes a listener. */
  override removeEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    super.removeEventListener(type, listener && this.#wrapperOf(listener), options);
  }

  #wrapperOf(listener: Listener): (event: Event) => void {
    const known = this.#wrappers.get(listener);
    if (known) return known;
    const wrapper = (event: Event): void =>
      callSafely(() => typeof listener === "function" ? listener(event) : listener.handleEvent(event), this.#onError);
    this.#wrappers.set(listener, wrapper);
    return wrapper;
  }
}
