import { type Logger, MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { Original } from "../../original.ts";
import { realTime } from "./real_time.ts";

/** The work: it is told its slot by those that know it. */
export type Task = (slotMs?: number) => void | Promise<void>;

/** How often tasks run. */
export type Period = "second" | "hour";

/** One way to run tasks periodically in one process, none beside itself. */
export interface Contestant {
  /** Where its slots lie: it says so itself, or they are whole seconds, or an interval apart from when it was added. */
  readonly slots: "told" | "whole seconds" | "from the start" | "after a period";
  /** Begins to run a task, as a user would write it. Returns what the user would keep. */
  add(name: string, task: Task): unknown;
  /** Resolves when all that were added wait for their next slot; absent if they do at once. */
  settle?(): Promise<void>;
}

const PERIODS = { second: { ms: 1_000, cron: "* * * * * *" }, hour: { ms: 3_600_000, cron: "0 0 * * * *" } };

/** Longer than any work here. */
const TIMEOUT_MS = 10_000;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A package in the folder of the bundle that this is part of: the project itself has none of them, and so no types either. */
async function load<Module>(name: string): Promise<Module> {
  return await import(name) as Module;
}

/** What has to be written at the least: timers that are set for a slot each, and so don't drift. */
function selfCorrectingTimers(period: Period): Contestant {
  const { ms } = PERIODS[period];
  return {
    slots: "told",
    add: (_name, task) => {
      let slotMs = Date.now() + ms;
      const wake = async (): Promise<void> => {
        await task(slotMs);
        slotMs += ms;
        held.timer = setTimeout(wake, slotMs - Date.now());
      };
      const held = { timer: setTimeout(wake, ms) };
      return held;
    },
  };
}

/** Timers that fire once. */
function bareTimers(period: Period): Contestant {
  const { ms } = PERIODS[period];
  return { slots: "after a period", add: (_name, task) => setTimeout(task, ms) };
}

/** With so many runs a task that its record names as many as it can, or with one. */
function ours(period: Period, runs = 1): Contestant {
  const { ms } = PERIODS[period];
  const unsettled: NeatPeriodicTaskScheduler[] = [];
  return {
    slots: "told",
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

function original(period: Period): Contestant {
  const { ms } = PERIODS[period];
  const store = new MemoryStore();
  return {
    slots: "from the start",
    add: (name, task) => {
      const options = { name, interval: ms, timeout: TIMEOUT_MS, minCycle: 1, store, clock: realTime };
      const replica = new Original({ ...options, task: async () => void await task() });
      void replica.start();
      return replica;
    },
  };
}

async function croner(period: Period): Promise<Contestant> {
  interface Croner {
    readonly Cron: new (pattern: string, options: { protect: boolean }, task: () => unknown) => unknown;
  }
  const { Cron } = await load<Croner>("croner");
  return {
    slots: "whole seconds",
    add: (_name, task) => new Cron(PERIODS[period].cron, { protect: true }, () => task()),
  };
}

async function nodeCron(period: Period): Promise<Contestant> {
  interface NodeCron {
    schedule(pattern: string, task: () => unknown, options: { noOverlap: boolean; logger: Logger }): unknown;
  }
  const { schedule } = await load<NodeCron>("node-cron");
  const options = { noOverlap: true, logger: SILENT };
  return { slots: "whole seconds", add: (_name, task) => schedule(PERIODS[period].cron, () => task(), options) };
}

async function toadScheduler(period: Period): Promise<Contestant> {
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
    slots: "after a period",
    add: (name, task) => {
      const work = new AsyncTask(name, async () => await task(), fail);
      const job = new SimpleIntervalJob({ milliseconds: PERIODS[period].ms }, work, { preventOverrun: true });
      scheduler.addSimpleIntervalJob(job);
      return job;
    },
  };
}

async function nodeSchedule(period: Period): Promise<Contestant> {
  interface NodeSchedule {
    scheduleJob(pattern: string, task: () => unknown): unknown;
  }
  const { default: { scheduleJob } } = await load<{ default: NodeSchedule }>("node-schedule");
  return { slots: "whole seconds", add: (_name, task) => scheduleJob(PERIODS[period].cron, () => task()) };
}

async function cron(period: Period): Promise<Contestant> {
  interface CronOptions {
    readonly cronTime: string;
    readonly onTick: () => unknown;
    readonly start: boolean;
    readonly waitForCompletion: boolean;
  }
  const { CronJob } = await load<{ CronJob: { from(options: CronOptions): unknown } }>("cron");
  return {
    slots: "whole seconds",
    add: (_name, task) =>
      CronJob.from({
        cronTime: PERIODS[period].cron,
        onTick: () => task(),
        start: true,
        waitForCompletion: true,
      }),
  };
}

/** The names of all. */
export type ContestantName =
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

/** All of them. */
export const CONTESTANTS: Readonly<Record<ContestantName, (period: Period) => Contestant | Promise<Contestant>>> = {
  "function and name alone": () => ({ slots: "told", add: () => undefined }),
  "setTimeout": bareTimers,
  "self-correcting setTimeout": selfCorrectingTimers,
  "this package": ours,
  "this package, after 20 runs": (period) => ours(period, 20),
  "the original's algorithm": original,
  "toad-scheduler": toadScheduler,
  "cron": cron,
  "node-cron": nodeCron,
  "node-schedule": nodeSchedule,
  "croner": croner,
};
