/**
 * The options of a scheduler, and the run that a task is called with.
 *
 * @module
 */
import type { Logger } from "./log.ts";
import type { StatusStore } from "./store/store.ts";
import type { Clock } from "./time/clock.ts";
import type { Duration } from "./time/duration.ts";

/**
 * One execution of a task.
 *
 * All times are in the host's time, also where the store has a clock of its own. The scheduler keeps no part of this object: a
 * task that changes it changes nothing else.
 */
export interface Run {
  /** The task's name. */
  readonly name: string;
  /** The fencing token: it rises with every claim, so that a sink can refuse the writes of an older run. */
  readonly term: number;
  /** A random id, new for every run. */
  readonly owner: string;
  /**
   * The due time of this run. Where the store's clock differs from the host's, it is moved by whole minutes, so that it is the
   * same on all replicas whose clocks differ from the store's by less than half a minute.
   */
  readonly scheduled: Date;
  /** When the run was claimed. */
  readonly started: Date;
  /** When the run times out. */
  readonly deadline: Date;
  /**
   * Aborts when the task should stop: at the timeout (a `DOMException` named `TimeoutError`), when the lease can no longer be
   * trusted (`LeaseLostError`), or when the scheduler is stopped with `abort` (a `DOMException` named `AbortError`).
   */
  readonly signal: AbortSignal;
  /**
   * Stops the scheduler after this run, as `stop()` does, without waiting: a task that awaits `stop()` waits for itself. After
   * the run has ended it has no effect.
   */
  readonly stopAfter: () => void;
}

/**
 * The options of a {@linkcode NeatPeriodicTaskScheduler}.
 *
 * All are checked when the scheduler is created. A duration is a number of milliseconds or units, see {@linkcode Duration}.
 */
export interface NeatPeriodicTaskOptions {
  /**
   * The task's name: it is in the log lines, and it is the key of the record in the store. 1 to 500 characters without control
   * characters.
   */
  readonly name: string;
  /** The time from one due time to the next. At least twice `minCycle`. */
  readonly interval: Duration;
  /** How long a run may take, from its claim on. */
  readonly timeout: Duration;
  /**
   * The work. It fails if it throws or its promise rejects. It should return soon after `run.signal` aborts. A task that does not
   * is abandoned, see `maxAbandoned`.
   */
  readonly task: (run: Run) => unknown;
  /** The store in which replicas share the record of the task.  @default {memory, for this scheduler alone} */
  readonly store?: StatusStore | undefined;
  /**
   * The shortest time between two checks that only see whether all is well, and the longest wait after a failed store call.
   * @default {5 minutes or half the interval, whichever is shorter}
   */
  readonly minCycle?: Duration | undefined;
  /** The longest time between two checks. Longer than `minCycle`.  @default {3 hours} */
  readonly maxCycle?: Duration | undefined;
  /**
   * The time from one heartbeat of a run to the next. Shorter than `heartbeatTimeout`.
   * @default {no heartbeat, or a third of `heartbeatTimeout` if that is given}
   */
  readonly heartbeatInterval?: Duration | undefined;
  /**
   * The lease: how long after its last heartbeat a run may still be in progress. Without a heartbeat the lease is `timeout`.
   * @default {no heartbeat, or three times `heartbeatInterval` if that is given}
   */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * The time from the start of a run that failed to its repetition: a duration, or a function of the failures in a row (1 at the
   * first) that returns one. If the function throws or returns no duration, a warning is logged and the default counts.
   * @default {`timeout`}
   */
  readonly retryDelay?: Duration | ((failures: number) => Duration) | undefined;
  /**
   * How many calls of the task may be abandoned, that is, not have returned after their abort. While there are more, no run is
   * started here. A whole number.
   * @default {3}
   */
  readonly maxAbandoned?: number | undefined;
  /**
   * How far the clocks of replicas may be apart, for stores without a clock: a crashed run is replaced later by this, and a
   * record dated further into the future is not believed. Records dated up to 2 seconds into the future are always believed.
   * @default {5 seconds}
   */
  readonly clockTolerance?: Duration | undefined;
  /** The logger.  @default {`console`} */
  readonly log?: Logger | undefined;
  /**
   * Called around each run, for tracing for example. It must call `task` once and should wait for it. The outcome of the run is
   * the task's own; what `wrapRun` throws after it has called `task` is logged as a warning.
   */
  readonly wrapRun?: ((run: Run, task: () => Promise<void>) => unknown) | undefined;
  /** The clock, for simulations.  @default {the system's} */
  readonly clock?: Clock | undefined;
}
