/**
 * What a scheduler is told: the options, as the user gives them.
 *
 * @module
 */
import type { Clock } from "./time/clock.ts";
import type { Duration } from "./time/duration.ts";
import type { Logger } from "./log.ts";
import type { StatusStore } from "./store/store.ts";

/**
 * One execution of a task, as the task sees it.
 *
 * All times are the host's, also where the store has a clock of its own. The scheduler keeps no part of this object: a task may
 * change it, and changes nothing else by that.
 */
export interface Run {
  /** The task's name. */
  readonly name: string;
  /** The fencing token: rises with every claim, so that a sink can refuse what an older run still sends. */
  readonly term: number;
  /** Random, new for every run. */
  readonly owner: string;
  /**
   * The due time that this run is for. Where the store's clock differs from the host's, it is moved by whole minutes, so that
   * all replicas whose clocks differ by less than half a minute see the same.
   */
  readonly scheduled: Date;
  /** When the run was claimed. */
  readonly started: Date;
  /** When it will be timed out. */
  readonly deadline: Date;
  /**
   * Aborts when the task should stop: at the timeout (a `DOMException` named `TimeoutError`), when the lease can no longer be
   * trusted (`LeaseLostError`), or when the scheduler is stopped with `abort` (a `DOMException` named `AbortError`).
   */
  readonly signal: AbortSignal;
  /**
   * Stops the scheduler after this run, as `stop()` does. For a task that runs until its work is done: a task that awaits
   * `stop()` waits for itself. Once the run has ended it does nothing.
   */
  readonly stopAfter: () => void;
}

/**
 * What a {@linkcode NeatPeriodicTaskScheduler} is told.
 *
 * All are checked when the scheduler is made. Durations are milliseconds or units, see {@linkcode Duration}.
 */
export interface NeatPeriodicTaskOptions {
  /**
   * The task's name: in the log lines, and the key of its record in the store. 1 to 500 characters without control
   * characters.
   */
  readonly name: string;
  /** From one due time to the next. At least twice `minCycle`. */
  readonly interval: Duration;
  /** How long a run may take from its claim on. */
  readonly timeout: Duration;
  /**
   * The work. It fails if it throws or its promise rejects. It should end soon after `run.signal` aborts; if it doesn't, it is
   * left behind, see `maxAbandoned`.
   */
  readonly task: (run: Run) => unknown;
  /** Where replicas share the task's status record.  @default {memory, for this scheduler alone} */
  readonly store?: StatusStore | undefined;
  /**
   * At most this often is the record checked just to see that all is well, and no wait after an error of the store is longer.
   * @default {5 minutes or half the interval, whichever is shorter}
   */
  readonly minCycle?: Duration | undefined;
  /** At least this often is the record checked. Longer than `minCycle`.  @default {3 hours} */
  readonly maxCycle?: Duration | undefined;
  /**
   * From one sign of life of a run to the next. Shorter than `heartbeatTimeout`.
   * @default {no heartbeat, or a third of `heartbeatTimeout` if that is given}
   */
  readonly heartbeatInterval?: Duration | undefined;
  /**
   * How long after a run's last sign of life it may still be running.
   * @default {no heartbeat, or three times `heartbeatInterval` if that is given}
   */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * From the start of a run that failed to its repetition: a duration, or a function of the failures in a row (1 at the first)
   * that returns one. If the function throws or returns no duration, a warning is logged and the default counts.
   * @default {`timeout`}
   */
  readonly retryDelay?: Duration | ((failures: number) => Duration) | undefined;
  /**
   * How many bodies that ignore their signal may be left behind. While more are, no run is started here. A whole number.
   * @default {3}
   */
  readonly maxAbandoned?: number | undefined;
  /**
   * How far the clocks of replicas may be apart, for stores without a clock: so much later is a crashed run replaced, and a
   * record dated further into the future, and by more than 2 seconds, is not believed.
   * @default {5 seconds}
   */
  readonly clockTolerance?: Duration | undefined;
  /** Where to log.  @default {`console`} */
  readonly log?: Logger | undefined;
  /**
   * Called around each run, for tracing and the like: it must call `task` once and should wait for it. The outcome of the run
   * is the task's own; what `wrapRun` throws after it has called `task` is logged as a warning.
   */
  readonly wrapRun?: ((run: Run, task: () => Promise<void>) => unknown) | undefined;
  /** The clock to reckon with, for simulators.  @default {the system's} */
  readonly clock?: Clock | undefined;
}
