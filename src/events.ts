/**
 * The events of a scheduler.
 *
 * @module
 */
import { callSafely } from "./log.ts";
import type { Run } from "./options.ts";

/** The properties of every event. */
export interface NeatPeriodicTaskEventDetail {
  /** The task's name. */
  readonly name: string;
  /** The name of the replica: the option `instance`. */
  readonly instance: string;
  /** The time of the event, by the host's clock. */
  readonly time: Date;
}

/** The further properties of events about a run. */
export interface RunEventDetail {
  /** The run. */
  readonly run: Run;
  /** The term of the run. */
  readonly term: number;
  /** The due time of the run. */
  readonly scheduled: Date;
  /** The time at which the run was claimed. */
  readonly started: Date;
}

/** The further properties of a `finished` event. */
export interface FinishedEventDetail extends RunEventDetail {
  /** The outcome of the run. */
  readonly outcome: "finished";
  /** The time from the claim to the end of the run, in milliseconds. */
  readonly durationMs: number;
}

/** The further properties of a `failed` event. */
export interface FailedEventDetail extends RunEventDetail {
  /** The outcome of the run. */
  readonly outcome: "failed" | "timeout" | "leaselost";
  /** The time from the claim to the end of the run, in milliseconds. */
  readonly durationMs: number;
  /** The value that the task threw, or the reason of the abort. */
  readonly error: unknown;
}

/** The further properties of a `leaselost` event. */
export interface LeaseLostEventDetail extends RunEventDetail {
  /** The reason of `run.signal`. */
  readonly error: Error;
}

/**
 * The reason why a run of another replica is followed by one of this replica: its lease is over (`lease-over`), its replica has
 * stopped (`stopped`), its replica has not started the run that was due (`overdue`), or a run was triggered here (`triggered`).
 */
export type TakeoverReason = "lease-over" | "stopped" | "overdue" | "triggered";

/** The further properties of a `takeover` event. */
export interface TakeoverEventDetail extends RunEventDetail {
  /** The instance that ran the task before; `undefined` if the record does not name it. */
  readonly from: string | undefined;
  /** The reason. */
  readonly reason: TakeoverReason;
}

/** The further properties of a `storeerror` event. */
export interface StoreErrorEventDetail {
  /** The value that the store threw, or an error about refused claims. */
  readonly error: unknown;
}

/** The further properties of a `storeback` event. */
export interface StoreBackEventDetail {
  /** The time from the first failed call to the answer, in milliseconds. */
  readonly durationMs: number;
  /** The number of failed calls. */
  readonly failures: number;
}

/** The further properties of each event, by its type. */
export interface NeatPeriodicTaskEventDetails {
  /** The last run finished, and the next one is not due. Logged as ALIVE. */
  alive: Record<never, never>;
  /** This replica runs the task after another one, or after an earlier process of the same name. Precedes `start`. */
  takeover: TakeoverEventDetail;
  /** A run starts. Logged as START. */
  start: RunEventDetail;
  /** The task returned. Logged as FINISHED. */
  finished: FinishedEventDetail;
  /** The task threw, timed out, or lost its lease. Logged as FAILED. */
  failed: FailedEventDetail;
  /** The lease of a run can no longer be trusted, so another run may start beside it. */
  leaselost: LeaseLostEventDetail;
  /** The task did not return after its abort. The loop goes on without it. */
  abandoned: RunEventDetail;
  /** A call to the store failed, or the store refused several claims although the record had not changed. */
  storeerror: StoreErrorEventDetail;
  /** The store answers again after calls that failed. */
  storeback: StoreBackEventDetail;
}

/** The type of an event. */
export type NeatPeriodicTaskEventType = keyof NeatPeriodicTaskEventDetails;

/**
 * An event of a task.
 *
 * @example Collect the errors of failed runs
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
  /** The name of the replica. */
  readonly instance: string;
  /** The time of the event, by the host's clock. */
  readonly time: Date;

  /**
   * Creates an event. Schedulers create their events themselves.
   *
   * @param type The type, one of the names of {@linkcode NeatPeriodicTaskEventMap}.
   * @param detail The properties of the event.
   */
  constructor(type: string, detail: NeatPeriodicTaskEventDetail) {
    super(type);
    this.name = detail.name;
    this.instance = detail.instance;
    this.time = detail.time;
    Object.assign(this, detail);
  }
}

/** The events of a scheduler, by their type. The type of an event determines its properties. */
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

// not EventListenerOrEventListenerObject, as the types of a server may not include those of the DOM
type Listener = NonNullable<Parameters<EventTarget["addEventListener"]>[1]>;

/** An event target that catches the errors of its listeners. Otherwise a runtime ends the process if a listener throws. */
export class SafeEventTarget {
  // not the superclass, as some runtimes end a listener with a signal by a call of removeEventListener(), with the wrapper
  readonly #target = new EventTarget();
  readonly #wrappers = new WeakMap<Listener, Listener>();
  readonly #onError: (error: unknown, event: Event) => void;

  /**
   * Creates a target.
   *
   * @param onError Called with each error that a listener throws or rejects with, and with the event.
   */
  constructor(onError: (error: unknown, event: Event) => void) {
    this.#onError = onError;
  }

  /** Adds a listener. */
  addEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void {
    this.#target.addEventListener(type, listener && this.#wrapperOf(listener), options);
  }

  /** Removes a listener. */
  removeEventListener(
    type: string,
    listener: Listener | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void {
    this.#target.removeEventListener(type, listener && this.#wrapperOf(listener), options);
  }

  /** Dispatches an event to the listeners. */
  dispatchEvent(event: Event): boolean {
    return this.#target.dispatchEvent(event);
  }

  #wrapperOf(listener: Listener): Listener {
    const known = this.#wrappers.get(listener);
    if (known) return known;
    const call = (event: Event): void =>
      callSafely(
        () => typeof listener === "function" ? listener(event) : listener.handleEvent(event),
        (error) => this.#onError(error, event),
      );
    // packages of npm may declare another type Event beside that of the runtime
    const wrapper = call as Listener;
    this.#wrappers.set(listener, wrapper);
    return wrapper;
  }
}
