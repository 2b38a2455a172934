/**
 * How schedulers are made and started in a world.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import type { StatusStore } from "../../store.ts";
import type { Lengths } from "./lengths.ts";
import { ObservedStore } from "./observed_store.ts";
import { Original } from "./original.ts";
import type { Process } from "./process.ts";
import type { RunSeen, SchedulerSeen, TriggerSeen } from "./seen.ts";
import type { World } from "./world.ts";

/** The name of the task in all worlds. */
export const TASK_NAME = "simulated";

/** What can be done with a scheduler of either kind. */
export interface AnyScheduler {
  /** Asks for a run. */
  trigger(seen: SchedulerSeen): void;
  /** Stops it. */
  stop(options?: { abort?: boolean; timeout?: number }): Promise<{ clean: boolean; abandoned: number }>;
}

interface Started {
  readonly seen: SchedulerSeen;
  readonly scheduler: AnyScheduler;
}

/** Starts one of ours. */
export function startScheduler(world: World, process: Process, lengths: Lengths, isRude: boolean): Started {
  const seen = newSeen(world, process, lengths, false);
  const log = (level: string) => (message: string): void => {
    world.tell("logged", seen, level, message);
    if (isRude) throw new Error("The logger has thrown");
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: TASK_NAME,
    interval: lengths.intervalMs,
    timeout: lengths.timeoutMs,
    minCycle: lengths.minCycleMs,
    maxCycle: lengths.maxCycleMs,
    retryDelay: lengths.retryDelayMs,
    clockTolerance: lengths.clockToleranceMs,
    maxAbandoned: lengths.maxAbandoned,
    heartbeatInterval: lengths.heartbeatIntervalMs,
    heartbeatTimeout: lengths.heartbeatIntervalMs && lengths.leaseMs,
    clock: process.clock,
    store: observed(world, process, seen),
    log: { debug: () => {}, info: log("info"), warn: log("warn"), error: log("error") },
    task: (run) => runBody(world, seen, run),
  });
  scheduler.addEventListener("leaselost", ({ term }) => {
    for (const run of seen.bodies) {
      if (run.run.term === term) run.reports.push("leaselost");
    }
    if (isRude) throw new Error("The listener has thrown");
  });
  world.tell("started", seen);
  scheduler.start();
  return {
    seen,
    scheduler: {
      stop: (options) => scheduler.stop(options),
      trigger: () => void triggering(world, seen, () => scheduler.trigger()),
    },
  };
}

/** Starts one of the original's. */
export function startOriginal(world: World, process: Process, lengths: Lengths): Started {
  const seen = newSeen(world, process, lengths, true);
  const original = new Original({
    name: TASK_NAME,
    lengths,
    clock: process.clock,
    store: observed(world, process, seen),
    log: (message) => world.tell("logged", seen, "info", message),
    task: (owner) => runBody(world, seen, { term: 0, owner }),
  });
  world.tell("started", seen);
  void original.start();
  return {
    seen,
    scheduler: {
      stop: () => original.stop().then(() => ({ clean: seen.bodies.size === 0, abandoned: seen.bodies.size })),
      trigger: () => void original.trigger().catch(() => {}),
    },
  };
}

function newSeen(world: World, process: Process, lengths: Lengths, isOriginal: boolean): SchedulerSeen {
  const { nowMs } = world.time;
  const seen: SchedulerSeen = {
    process,
    lengths,
    isOriginal,
    startedMs: nowMs,
    known: undefined,
    anchoredMs: undefined,
    behindMs: 0,
    isInDoubt: false,
    doubtedMs: -1,
    undisturbedMs: nowMs,
    stoppingMs: undefined,
    triggers: new Set(),
    triggeredMs: -Infinity,
    bodies: new Set(),
    lastClaim: undefined,
  };
  world.history.schedulers.push(seen);
  return seen;
}

function observed(world: World, process: Process, seen: SchedulerSeen): StatusStore {
  return new ObservedStore(world.newClient(process), world.history, world.storeClock, () => seen);
}

async function runBody(world: World, scheduler: SchedulerSeen, run: RunSeen["run"]): Promise<void> {
  const { history, time } = world;
  const claim = history.claims.get(run.owner);
  const seen: RunSeen = {
    number: history.runs.length + 1,
    scheduler,
    run,
    claim,
    startedMs: time.nowMs,
    signMs: claim?.sentMs ?? time.nowMs,
    abortedMs: undefined,
    abortedBy: undefined,
    endedMs: undefined,
    threw: false,
    reports: [],
    supersededMs: undefined,
  };
  history.runs.push(seen);
  if (claim) claim.run ??= seen;
  scheduler.bodies.add(seen);
  run.signal?.addEventListener("abort", () => {
    seen.abortedMs = time.nowMs;
    seen.abortedBy = (run.signal!.reason as Error).name;
    world.tell("aborted", seen);
  });
  world.tell("began", seen);
  try {
    await world.body(scheduler.process, run, scheduler.lengths.timeoutMs);
  } catch (error) {
    seen.threw = true;
    throw error;
  } finally {
    seen.endedMs = time.nowMs;
    scheduler.bodies.delete(seen);
    world.tell("ended", seen);
  }
}

async function triggering(
  world: World,
  scheduler: SchedulerSeen,
  trigger: () => ReturnType<NeatPeriodicTaskScheduler["trigger"]>,
): Promise<void> {
  const seen: TriggerSeen = { scheduler, atMs: world.time.nowMs, result: undefined, error: undefined };
  scheduler.triggers.add(seen);
  scheduler.triggeredMs = Infinity;
  world.tell("triggered", seen);
  try {
    seen.result = await trigger();
  } catch (error) {
    seen.error = error ?? "nothing";
  }
  scheduler.triggers.delete(seen);
  if (!scheduler.triggers.size) scheduler.triggeredMs = world.time.nowMs;
}

/** The run that a task is given, as far as the world needs it. */
export type AnyRun = Pick<Run, "term" | "owner"> & Partial<Run>;
