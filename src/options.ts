/**
 * The options of a scheduler, and the argument of its task.
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
 * All times are in the host's time, even if the store has a clock of its own. Changes to this object have no effect on the
 * scheduler.
 */
export interface Run {
  /** The task's name. */
  readonly name: string;
  /** The fencing token. It rises with every claim, so that a database can refuse the writes of an earlier run. */
  readonly term: number;
  /** A random id, new for every run. */
  readonly owner: string;
  /**
   * The due time of this run.
   *
   * If the store's clock differs from the host's, the due time is converted by whole minutes. It is the same on all replicas
   * whose clocks differ from the store's by less than half a minute.
   */
  readonly scheduled: Date;
  /** The time at which the run was claimed. */
  readonly started: Date;
  /** The time at which the run times out. */
  readonly deadline: Date;
  /**
   * Aborts when the task should stop: at the timeout (a `DOMException` named `TimeoutError`), when the lease can no longer be
   * trusted (`LeaseLostError`), or when `stop()` aborts the run (a `DOMException` named `AbortError`).
   */
  readonly signal: AbortSignal;
  /**
   * Stops the scheduler after this run, as `stop()` does, and returns immediately. A task that awaits `stop()` would wait for
   * itself. Has no effect after the run has ended.
   */
  readonly stopAfter: () => void;
}

/**
 * The options of a {@linkcode NeatPeriodicTaskScheduler}.
 *
 * All options are checked when the scheduler is created. A duration is a number of milliseconds, or an object of units: see
 * {@linkcode Duration}.
 */
export interface NeatPeriodicTaskOptions {
  /**
   * The name of the task. The log lines contain it, and it is the key of the record in the store. It has 1 to 500 printable
   * characters.
   */
  readonly name: string;
  /** The time from one due time to the next. At least twice `minCycle`. */
  readonly interval: Duration;
  /** The longest time from the claim to the end of a run. */
  readonly timeout: Duration;
  /**
   * The function to run. The run fails if the function throws or its promise rejects. The function should return soon after
   * `run.signal` aborts. Otherwise the call is abandoned: see `maxAbandoned`.
   */
  readonly task: (run: Run) => unknown;
  /** The store in which replicas share the record of the task.  @default {the scheduler's own memory} */
  readonly store?: StatusStore | undefined;
  /**
   * The name of this replica, for people: in the record, in `status()` and in events. It has 1 to 100 printable characters.
   * @default {a short random id, the same for all schedulers of the process}
   */
  readonly instance?: string | undefined;
  /**
   * The shortest wait for a check between two due times. Also the longest wait after a failed store call, if it is longer
   * than one second.
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
   * The lease of a run with heartbeats. Until this time after the last heartbeat, the run may still be in progress. Without
   * heartbeats the lease is `timeout`.
   * @default {no heartbeat, or three times `heartbeatInterval` if that is given}
   */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * The time from the start of a failed run to its repetition. A function receives the number of failures in a row, 1 after
   * the first failure, and returns the duration. If the function throws or returns another value, a warning is logged and
   * the default applies.
   * @default {`timeout`}
   */
  readonly retryDelay?: Duration | ((failures: number) => Duration) | undefined;
  /**
   * The number of calls of the task that may be abandoned. A call is abandoned if it has not returned after its abort. While
   * more calls are abandoned, the scheduler starts no run. A whole number from 0 on.
   * @default {3}
   */
  readonly maxAbandoned?: number | undefined;
  /**
   * The largest expected difference between the clocks of replicas.
   *
   * If the store has no clock, a crashed run is replaced later by this time. A time in the record that is further in the
   * future is ignored. Times up to 2 seconds in the future are never ignored.
   * @default {5 seconds}
   */
  readonly clockTolerance?: Duration | undefined;
  /** The logger.  @default {`console`} */
  readonly log?: Logger | undefined;
  /**
   * A function around each run, for tracing for example. It must call `task` once and should wait for it. The outcome of
   * `task` is the outcome of the run. An error that `wrapRun` throws after it has called `task` is logged as a warning.
   */
  readonly wrapRun?: ((run: Run, task: () => Promise<void>) => unknown) | undefined;
  /** The clock, for simulations.  @default {the system's clock} */
  readonly clock?: Clock | undefined;
}
