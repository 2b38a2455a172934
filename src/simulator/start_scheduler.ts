/**
 * Starts schedulers in simulated processes.
 *
 * @module
 */
import { RandomStream } from "./random_stream.ts";
import type { IntervalTaskOptions, ScheduleTaskOptions } from "../options.ts";
import { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { StatusStore } from "../store/store.ts";
import { DartReplica } from "./dart_replica.ts";
import type { Environment } from "./environment.ts";
import type { ObservedRun, ObservedScheduler, ObservedTrigger } from "./observations.ts";
import { ObservedStore } from "./observed_store.ts";
import type { Process } from "./process.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";

/** The name of the task in all simulations. */
export const TASK_NAME = "simulated";

type DueTimeOption = "interval" | "schedule" | "firstRun" | "jitter" | "startDeadline";

type DueTimeOptions = Pick<IntervalTaskOptions, DueTimeOption> | Pick<ScheduleTaskOptions, DueTimeOption>;

/** The code that runs in the processes of a simulation. */
export interface ReplicaCode {
  /** Makes the store's client in a process. */
  newStore(process: Process): StatusStore;
  /** Runs the task once. */
  runTask(process: Process, run: ObservedRun["run"], timeoutMs: number): Promise<void>;
}

/** A scheduler that was started: one of this package, or a replica of the original. */
export interface StartedScheduler {
  readonly observed: ObservedScheduler;
  /** Calls `trigger()`. */
  trigger(): void;
  /** Calls `stop()`. */
  stop(options?: { abort?: boolean; timeout?: number }): Promise<{ clean: boolean; abandoned: number }>;
}

/** What a scheduler is started with. */
export interface StartOptions {
  readonly process: Process;
  readonly settings: SchedulerSettings;
  readonly throwsInListeners: boolean;
}

/** Starts a scheduler of this package. */
export function startScheduler(environment: Environment, code: ReplicaCode, options: StartOptions): StartedScheduler {
  const { process, settings, throwsInListeners } = options;
  const observed = newObservedScheduler(environment, options, false);
  const logAt = (level: string) => (message: string): void => {
    environment.history.notify("logged", observed, level, message);
    if (throwsInListeners) throw new Error("The logger has thrown");
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: TASK_NAME,
    instance: process.name,
    ...dueTimeOptions(settings),
    timeout: settings.timeoutMs,
    minCycle: settings.minCycleMs,
    maxCycle: settings.maxCycleMs,
    rotate: new RandomStream(environment.plan.seed, "rotate", 0).chance(0.3),
    retryDelay: settings.retryDelayMs,
    clockTolerance: settings.clockToleranceMs,
    maxAbandoned: settings.maxAbandoned,
    heartbeatInterval: settings.heartbeatIntervalMs,
    heartbeatTimeout: settings.heartbeatIntervalMs && settings.leaseMs,
    clock: process.clock,
    store: newObservedStore(environment, code, observed),
    log: { debug: () => {}, info: logAt("info"), warn: logAt("warn"), error: logAt("error") },
    task: (run) => runTask(environment, code, observed, run),
  });
  scheduler.addEventListener("leaselost", ({ term }) => {
    for (const run of observed.unsettledRuns) {
      if (run.run.term === term) run.reports.push("leaselost");
    }
    if (throwsInListeners) throw new Error("The listener has thrown");
  });
  scheduler.start();
  return {
    observed,
    stop: (stopOptions) => scheduler.stop(stopOptions),
    trigger: () => void trigger(environment, observed, scheduler),
  };
}

/** The options that due times depend on. Defaults are left out, so that they are simulated too. */
function dueTimeOptions(settings: SchedulerSettings): DueTimeOptions {
  const { schedule, intervalMs, firstRun, jitterMs, startDeadlineMs } = settings;
  const isDefault = firstRun === (schedule ? "on-schedule" : "immediately");
  const common = {
    ...!isDefault && { firstRun },
    ...jitterMs > 0 && { jitter: jitterMs },
    ...startDeadlineMs < Infinity && { startDeadline: startDeadlineMs },
  };
  return schedule ? { schedule, ...common } : { interval: intervalMs, ...common };
}

/** Starts a replica of the original. */
export function startDartReplica(environment: Environment, code: ReplicaCode, options: StartOptions): StartedScheduler {
  const { process, settings } = options;
  const observed = newObservedScheduler(environment, options, true);
  const { unsettledRuns } = observed;
  const replica = new DartReplica({
    name: TASK_NAME,
    intervalMs: settings.intervalMs,
    timeoutMs: settings.timeoutMs,
    minCycleMs: settings.minCycleMs,
    maxCycleMs: settings.maxCycleMs,
    clock: process.clock,
    store: newObservedStore(environment, code, observed),
    log: (message) => environment.history.notify("logged", observed, "info", message),
    task: (owner) => runTask(environment, code, observed, { term: 0, owner }),
  });
  void replica.start();
  return {
    observed,
    stop: () => replica.stop().then(() => ({ clean: unsettledRuns.size === 0, abandoned: unsettledRuns.size })),
    trigger: () => void replica.trigger().catch(() => {}),
  };
}

function newObservedScheduler(
  { history, nowMs }: Environment,
  { process, settings }: StartOptions,
  isDart: boolean,
): ObservedScheduler {
  const observed: ObservedScheduler = {
    process,
    settings,
    isDart,
    startedMs: nowMs,
    known: undefined,
    storeTimeReadMs: undefined,
    firstRead: undefined,
    storeTimeLagMs: 0,
    hasUnknownWrite: false,
    unconfirmedMs: -1,
    standbyId: undefined,
    undisturbedMs: nowMs,
    stopCalledMs: undefined,
    triggers: new Set(),
    triggeredMs: -Infinity,
    unsettledRuns: new Set(),
    lastClaim: undefined,
  };
  history.schedulers.push(observed);
  return observed;
}

function newObservedStore(
  { history, storeClock }: Environment,
  code: ReplicaCode,
  scheduler: ObservedScheduler,
): StatusStore {
  return new ObservedStore(code.newStore(scheduler.process), history, storeClock, scheduler);
}

async function runTask(
  environment: Environment,
  code: ReplicaCode,
  scheduler: ObservedScheduler,
  run: ObservedRun["run"],
): Promise<void> {
  const { history } = environment;
  const observed = newObservedRun(environment, scheduler, run);
  // the task may replace it
  const { signal } = run;
  signal?.addEventListener("abort", () => {
    observed.abortedMs = environment.nowMs;
    observed.abortedBy = (signal.reason as Error).name;
    history.notify("runAborted", observed);
  });
  history.notify("runStarted", observed);
  try {
    await code.runTask(scheduler.process, run, scheduler.settings.timeoutMs);
  } catch (error) {
    observed.threw = true;
    throw error;
  } finally {
    observed.endedMs = environment.nowMs;
    scheduler.unsettledRuns.delete(observed);
    history.notify("runEnded", observed);
  }
}

function newObservedRun(
  { history, nowMs }: Environment,
  scheduler: ObservedScheduler,
  run: ObservedRun["run"],
): ObservedRun {
  const claim = history.claims.get(run.owner);
  const observed: ObservedRun = {
    number: history.runs.length + 1,
    scheduler,
    run,
    claim,
    startedMs: nowMs,
    leaseStartMs: claim?.sentMs ?? nowMs,
    abortedMs: undefined,
    abortedBy: undefined,
    endedMs: undefined,
    threw: false,
    reports: [],
    supersededMs: undefined,
  };
  history.runs.push(observed);
  if (claim) claim.run ??= observed;
  scheduler.unsettledRuns.add(observed);
  return observed;
}

async function trigger(
  environment: Environment,
  scheduler: ObservedScheduler,
  target: NeatPeriodicTaskScheduler,
): Promise<void> {
  const observed: ObservedTrigger = { scheduler, calledMs: environment.nowMs, result: undefined, error: undefined };
  scheduler.triggers.add(observed);
  scheduler.triggeredMs = Infinity;
  environment.history.notify("triggerCalled", observed);
  try {
    observed.result = await target.trigger();
  } catch (error) {
    observed.error = error ?? "nothing";
  }
  scheduler.triggers.delete(observed);
  if (!scheduler.triggers.size) scheduler.triggeredMs = environment.nowMs;
}
