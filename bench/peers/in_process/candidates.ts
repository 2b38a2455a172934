import { type Logger, MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { DartReplica } from "../../../src/simulator/dart_replica.ts";
import { realTime } from "./real_time.ts";

/** The work of a task. It gets its due time from candidates that know it. */
export type Task = (dueMs?: number) => void | Promise<void>;

/** How the due times of a candidate are found. */
export type DueTimeKind = "known" | "whole seconds" | "since added";

/** How often tasks run. */
export type Period = "second" | "hour";

/** A way to run tasks periodically in one process without overlap. */
export interface Candidate {
  /** The due times: known by the candidate, whole seconds of the clock, or whole periods after the task was added. */
  readonly dueTimes: DueTimeKind;
  /** Starts to run a task, as a user would write it, and returns what the user would keep. */
  add(name: string, task: Task): unknown;
  /** Resolves when all added tasks wait for their next due time; absent if they do at once. */
  settle?(): Promise<void>;
}

const PERIODS = { second: { ms: 1_000, cron: "* * * * * *" }, hour: { ms: 3_600_000, cron: "0 0 * * * *" } };

/** Longer than any work here. */
const TIMEOUT_MS = 10_000;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Imports a package from the folder of the bundle. The project itself has neither the package nor its types. */
async function load<Module>(name: string): Promise<Module> {
  return await import(name) as Module;
}

/** The minimum without drift: a timer that is set again for each due time. */
function selfCorrectingTimers(period: Period): Candidate {
  const { ms } = PERIODS[period];
  return {
    dueTimes: "known",
    add: (_name, task) => {
      let dueMs = Date.now() + ms;
      const wake = async (): Promise<void> => {
        await task(dueMs);
        dueMs += ms;
        kept.timer = setTimeout(wake, dueMs - Date.now());
      };
      const kept = { timer: setTimeout(wake, ms) };
      return kept;
    },
  };
}

/** Timers that fire once. */
function bareTimers(period: Period): Candidate {
  const { ms } = PERIODS[period];
  return { dueTimes: "since added", add: (_name, task) => setTimeout(task, ms) };
}

/** This package, with each task run a number of times before it is idle. */
function periodicTask(period: Period, runs = 1): Candidate {
  const { ms } = PERIODS[period];
  const unsettled: NeatPeriodicTaskScheduler[] = [];
  return {
    dueTimes: "known",
    add: (name, task) => {
      const scheduler = new NeatPeriodicTaskScheduler({
        name,
        interval: ms,
        timeout: TIMEOUT_MS,
        log: SILENT,
        task: (run) => task(run.scheduled.getTime()),
      });
      scheduler.start();
      unsettled.push(scheduler);
      return scheduler;
    },
    settle: async () => {
      do {
        await new Promise((resolve) => setTimeout(resolve, 0));
      } while (unsettled.some((scheduler) => !scheduler.explain().until));
      for (let run = 1; run < runs; run++) await Promise.all(unsettled.map((scheduler) => scheduler.trigger()));
      unsettled.length = 0;
    },
  };
}

function original(period: Period): Candidate {
  const { ms } = PERIODS[period];
  const store = new MemoryStore();
  return {
    dueTimes: "since added",
    add: (name, task) => {
      const options = { name, intervalMs: ms, timeoutMs: TIMEOUT_MS, minCycleMs: 1, store, clock: realTime };
      const replica = new DartReplica({ ...options, task: async () => void await task() });
      void replica.start();
      return replica;
    },
  };
}

async function croner(period: Period): Promise<Candidate> {
  interface Croner {
    readonly Cron: new (pattern: string, options: { protect: boolean }, task: () => unknown) => unknown;
  }
  const { Cron } = await load<Croner>("croner");
  return {
    dueTimes: "whole seconds",
    add: (_name, task) => new Cron(PERIODS[period].cron, { protect: true }, () => task()),
  };
}

async function nodeCron(period: Period): Promise<Candidate> {
  interface NodeCron {
    schedule(pattern: string, task: () => unknown, options: { noOverlap: boolean; logger: Logger }): unknown;
  }
  const { schedule } = await load<NodeCron>("node-cron");
  const options = { noOverlap: true, logger: SILENT };
  return { dueTimes: "whole seconds", add: (_name, task) => schedule(PERIODS[period].cron, () => task(), options) };
}

async function toadScheduler(period: Period): Promise<Candidate> {
  interface Toad {
    readonly ToadScheduler: new () => { addSimpleIntervalJob(job: unknown): void };
    readonly AsyncTask: new (id: string, handler: () => Promise<void>, onError: (error: Error) => void) => unknown;
    readonly SimpleIntervalJob: new (
      schedule: { milliseconds: number },
      task: unknown,
      options: { preventOverrun: boolean },
    ) => unknown;
  }
  const { ToadScheduler, AsyncTask, SimpleIntervalJob } = await load<Toad>("toad-scheduler");
  const scheduler = new ToadScheduler();
  const fail = (error: Error): never => {
    throw error;
  };
  return {
    dueTimes: "since added",
    add: (name, task) => {
      const work = new AsyncTask(name, async () => await task(), fail);
      const job = new SimpleIntervalJob({ milliseconds: PERIODS[period].ms }, work, { preventOverrun: true });
      scheduler.addSimpleIntervalJob(job);
      return job;
    },
  };
}

async function nodeSchedule(period: Period): Promise<Candidate> {
  interface NodeSchedule {
    scheduleJob(pattern: string, task: () => unknown): unknown;
  }
  const { default: { scheduleJob } } = await load<{ default: NodeSchedule }>("node-schedule");
  return { dueTimes: "whole seconds", add: (_name, task) => scheduleJob(PERIODS[period].cron, () => task()) };
}

async function cron(period: Period): Promise<Candidate> {
  interface CronOptions {
    readonly cronTime: string;
    readonly onTick: () => unknown;
    readonly start: boolean;
    readonly waitForCompletion: boolean;
  }
  const { CronJob } = await load<{ CronJob: { from(options: CronOptions): unknown } }>("cron");
  return {
    dueTimes: "whole seconds",
    add: (_name, task) =>
      CronJob.from({
        cronTime: PERIODS[period].cron,
        onTick: () => task(),
        start: true,
        waitForCompletion: true,
      }),
  };
}

/** The names of the candidates. */
export type CandidateName =
  | "function and name alone"
  | "setTimeout"
  | "self-correcting setTimeout"
  | "this package"
  | "this package, after 20 runs"
  | "the original's algorithm"
  | "toad-scheduler"
  | "cron"
  | "node-cron"
  | "node-schedule"
  | "croner";

/** The candidates by name. */
export const CANDIDATES: Readonly<Record<CandidateName, (period: Period) => Candidate | Promise<Candidate>>> = {
  "function and name alone": () => ({ dueTimes: "known", add: () => undefined }),
  "setTimeout": bareTimers,
  "self-correcting setTimeout": selfCorrectingTimers,
  "this package": periodicTask,
  "this package, after 20 runs": (period) => periodicTask(period, 20),
  "the original's algorithm": original,
  "toad-scheduler": toadScheduler,
  "cron": cron,
  "node-cron": nodeCron,
  "node-schedule": nodeSchedule,
  "croner": croner,
};
