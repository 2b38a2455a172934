/**
 * The options of a scheduler, and the argument of its task.
 *
 * @module
 */
import type { Logger } from "./log.ts";
import type { Schedule } from "./schedule/schedule.ts";
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

/** The options of a {@linkcode NeatPeriodicTaskScheduler} without its due times. */
export interface CommonTaskOptions {
  /**
   * The name of the task. The log lines contain it, and it is the key of the record in the store. It has 1 to 500 printable
   * characters.
   */
  readonly name: string;
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
   * The first run of a task that has never run: when the scheduler starts (`immediately`), or at the first due time
   * (`on-schedule`), which with an interval is one interval later.
   * @default {`immediately` with `interval`, `on-schedule` with `schedule`}
   */
  readonly firstRun?: "immediately" | "on-schedule" | undefined;
  /**
   * The longest time from the moment at which a run is due to its start. A run that cannot start within it is given up, and
   * the scheduler waits for the next due time. Does not apply to a run that is triggered or requested.
   * @default {no limit: the latest due time that has passed is made up for}
   */
  readonly startDeadline?: Duration | undefined;
  /**
   * Moves the due times of this task later by a fixed share of this duration, so that tasks with the same schedule do not all
   * start at once. The share follows from the task's name, and is the same for every run and on every replica. With
   * `interval`, only the first run is moved, as all others are counted from it.
   * @default {no jitter}
   */
  readonly jitter?: Duration | undefined;
  /**
   * Whether a started scheduler keeps the process alive while it waits for the next run. If not, a command line tool may end
   * between two runs. A run in progress always keeps the process alive. Without effect in runtimes without such timers, such
   * as browsers.
   * @default {true}
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Whether each run that finishes hands the next one to another replica, so that up to five replicas take turns. Otherwise the
   * replica that ran last runs again, which is the most punctual: if the next one has crashed, the run is late by the fallback delay.
   * Costs no more calls to the store. Give all replicas the same value.
   * @default {false}
   */
  readonly rotate?: boolean | undefined;
  /**
   * The shortest wait for a check between two due times. Also the longest wait after a failed store call, if it is longer
   * than one second. With a schedule, it is at most half the time between the two due times.
   * @default {5 minutes or half the interval, whichever is shorter; half the shortest of the next ten gaps of a schedule}
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

/** The options of a scheduler with due times at a fixed interval. */
export interface IntervalTaskOptions extends CommonTaskOptions {
  /** The time from one due time to the next. At least twice `minCycle`. */
  readonly interval: Duration;
  /** Absent, as there is an interval. */
  readonly schedule?: undefined;
}

/** The options of a scheduler with the due times of a schedule. */
export interface ScheduleTaskOptions extends CommonTaskOptions {
  /** The schedule, such as that of a cron expression. Its due times must be the same on all replicas. */
  readonly schedule: Schedule;
  /** Absent, as there is a schedule. */
  readonly interval?: undefined;
}

/**
 * The options of a {@linkcode NeatPeriodicTaskScheduler}, with either `interval` or `schedule`.
 *
 * All options are checked when the scheduler is created. A duration is a number of milliseconds, or an object of units: see
 * {@linkcode Duration}.
 */
export type NeatPeriodicTaskOptions = IntervalTaskOptions | ScheduleTaskOptions;
