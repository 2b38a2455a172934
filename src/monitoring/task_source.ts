/**
 * Sources of tasks for health, dashboard and command line: the schedulers of this process, or the records of a store.
 *
 * @module
 */
import { type ListedTask, readTaskVersion } from "../control/listed_task.ts";
import type { TaskRecordOptions } from "../control/task_record.ts";
import { taskNames } from "../control/task_names.ts";
import { cannot } from "../errors.ts";
import type { NeatPeriodicTaskGroup } from "../group.ts";
import { hasMethods } from "../option_checks.ts";
import type { Explanation, TaskStatus } from "../results.ts";
import { type NeatPeriodicTaskScheduler, schedulerSettings } from "../scheduler.ts";
import { withDeadline } from "../store/deadline.ts";
import { MAX_CALL_MS } from "../store/record_store.ts";
import type { StatusStore } from "../store/store.ts";
import { CHECK_KEY } from "../store_check/check_store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { conditionOf, DEFAULT_MISSED_DUE_TIMES } from "./condition.ts";
import type { TaskTiming } from "./missed_due_times.ts";
import { Observations } from "./observations.ts";
import { scheduleText } from "./schedule_text.ts";
import { type KnownTasks, readTasksTogether } from "./tasks_read_together.ts";
import type { WatchedRecord, WatchedTask } from "./watched_task.ts";

/** A source of tasks. */
export interface TaskSource {
  /** Reads all tasks. The error of one record does not hide the other tasks. */
  list(signal?: AbortSignal): Promise<WatchedTask[]>;

  /**
   * Reads one task; `null` if there is none of this name.
   *
   * @throws The error of the store, if it is not known whether there is a task of this name.
   */
  read(name: string, signal?: AbortSignal): Promise<WatchedTask | null>;

  /** The scheduler of a task in this process. */
  schedulerOf(name: string): NeatPeriodicTaskScheduler | undefined;

  /** The store with the record of a task; `undefined` if the record is in the memory of the scheduler. */
  storeOf(name: string): StatusStore | undefined;
}

/** The settings of a source. */
export interface TaskSourceSettings {
  /** The number of due times without a finished run from which a task is overdue. */
  readonly missedDueTimes?: number | undefined;
  /** The clock.  @default {the system's clock} */
  readonly clock?: Clock | undefined;
  /** Returns the text of an error of the store, for example without secrets. */
  readonly errorText?: ((error: unknown) => string) | undefined;
}

/** The number of records that are read at the same time, if each takes a call. */
const CONCURRENT_READS = 50;

/** The status of a task without a record. */
const NEVER_RUN: TaskStatus = { state: "idle", term: 0, failures: 0, recent: [] };

/**
 * Returns the members of a group as a source. Members that are added later count too.
 *
 * @param group The group, or an iterable of schedulers.
 * @param settings The settings.
 */
export function groupSource(
  group: NeatPeriodicTaskGroup | Iterable<NeatPeriodicTaskScheduler>,
  settings: TaskSourceSettings = {},
): TaskSource {
  const { clock = systemClock } = settings;
  const observations = new Observations();
  const schedulerOf = (name: string): NeatPeriodicTaskScheduler | undefined =>
    [...group].find((scheduler) => scheduler.name === name);
  const watch = (
    scheduler: NeatPeriodicTaskScheduler,
    signal?: AbortSignal,
    known?: KnownTasks,
  ): Promise<WatchedTask> => watchScheduler(scheduler, { ...settings, clock, observations, signal, known });
  return {
    list: async (signal) => {
      const schedulers = [...group];
      observations.keep(schedulers.map(({ name }) => name));
      const known = await readTasksTogether(recordsOf(schedulers), { clock, signal });
      return await inTurn(schedulers, (scheduler) => watch(scheduler, signal, known));
    },
    read: async (name, signal) => {
      const scheduler = schedulerOf(name);
      return scheduler ? await watch(scheduler, signal) : null;
    },
    schedulerOf,
    storeOf: (name) => {
      const scheduler = schedulerOf(name);
      return scheduler && schedulerSettings(scheduler)?.store;
    },
  };
}

/**
 * Returns the records of a store as a source.
 *
 * @param store The store. It must be able to list its records.
 * @param settings The settings.
 * @throws {TypeError} If the store lacks a method.
 */
export function storeSource(store: StatusStore, settings: TaskSourceSettings = {}): TaskSource {
  if (!hasMethods(store, ["read", "write", "list"])) {
    throw new TypeError(cannot("show the tasks of the store", "it must have the methods read, write and list", store));
  }
  const { clock = systemClock } = settings;
  const observations = new Observations();
  const read = async (name: string, signal?: AbortSignal, known?: KnownTasks): Promise<WatchedTask | null> => {
    const isListed = known !== undefined;
    const record = await recordOf(name, () => readUnchanged({ store, name, clock, signal, observations, known }));
    if (!record) return null;
    // anybody can ask for any name: what is remembered of names that may not exist would fill the memory
    if (record.kind === "unreadable" && !isListed && !observations.has(name)) throw record.error;
    const { pausedUntilMs } = observations.note(name, record, clock.nowMs());
    return watched(name, record, { ...settings, clock, timing: { kind: "record", pausedUntilMs } });
  };
  return {
    list: async (signal) => {
      const names: string[] = [];
      for await (const name of taskNames(store, { clock, signal })) {
        // left by the check of a store, and no task
        if (name !== CHECK_KEY) names.push(name);
      }
      observations.keep(names);
      const known = await readTasksTogether(new Map([[store, names]]), { clock, signal });
      const tasks = await inTurn(names, (name) => read(name, signal, known));
      // a record may be removed after its name was listed
      return tasks.filter((task) => task !== null);
    },
    read: (name, signal) => read(name, signal),
    schedulerOf: () => undefined,
    storeOf: () => store,
  };
}

/** Calls a function for all items, for some of them at the same time. Returns the results in the order of the items. */
async function inTurn<Item, Result>(items: readonly Item[], call: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += CONCURRENT_READS) {
    results.push(...await Promise.all(items.slice(index, index + CONCURRENT_READS).map(call)));
  }
  return results;
}

interface SchedulerWatch extends TaskSourceSettings {
  readonly clock: Clock;
  readonly observations: Observations;
  readonly signal: AbortSignal | undefined;
  readonly known: KnownTasks | undefined;
}

/** The names of schedulers with a store, by their stores. */
function recordsOf(schedulers: readonly NeatPeriodicTaskScheduler[]): ReadonlyMap<StatusStore, readonly string[]> {
  const names = new Map<StatusStore, string[]>();
  for (const scheduler of schedulers) {
    const store = schedulerSettings(scheduler)?.store;
    if (!store) continue;
    const others = names.get(store);
    if (others) others.push(scheduler.name);
    else names.set(store, [scheduler.name]);
  }
  return names;
}

async function watchScheduler(
  scheduler: NeatPeriodicTaskScheduler,
  { signal, observations, known, ...settings }: SchedulerWatch,
): Promise<WatchedTask> {
  const { name } = scheduler;
  const own = schedulerSettings(scheduler);
  const store = own?.store;
  const record = await recordOf(name, async () => {
    if (store) return await readUnchanged({ store, name, clock: settings.clock, signal, observations, known });
    return {
      kind: "task",
      name,
      status: await withDeadline(settings.clock, MAX_CALL_MS, signal, () => scheduler.status()),
    };
  }) ?? { kind: "task", status: NEVER_RUN };
  const nowMs = settings.clock.nowMs();
  const { unfinishedSinceMs = nowMs, pausedUntilMs } = observations.note(name, record, nowMs);
  // a scheduler of another copy of the package does not show its settings
  const timing: TaskTiming = own
    ? {
      kind: "scheduler",
      dueTimes: own.dueTimes,
      timeoutMs: own.timeoutMs,
      watchedFromMs: unfinishedSinceMs,
      pausedUntilMs,
    }
    : { kind: "record", pausedUntilMs };
  return watched(name, record, {
    ...settings,
    timing,
    schedule: own && scheduleText(own.schedule, own.intervalMs),
    explanation: scheduler.explain(),
  });
}

interface UnchangedOptions extends TaskRecordOptions {
  readonly observations: Observations;
  /** Tasks that were read before, by their stores. */
  readonly known: KnownTasks | undefined;
}

/** Reads a task unless it was read just before. It is the one of the earlier read if its record is the same. */
async function readUnchanged(
  { observations, known, ...options }: UnchangedOptions,
): Promise<ListedTask | null> {
  const together = known?.get(options.store)?.get(options.name);
  if (together?.kind === "failed") throw together.error;
  const read = together ? together.task : await readTaskVersion(options);
  return read && observations.unchanged(options.name, read);
}

/** Returns a record, or the error of its read; `null` if there is none. */
async function recordOf(name: string, read: () => Promise<ListedTask | null>): Promise<WatchedRecord | null> {
  try {
    const task = await read();
    if (!task) return null;
    const { name: _, ...record } = { ...task, name };
    return record;
  } catch (error) {
    return { kind: "unreadable", error };
  }
}

interface WatchedSettings extends TaskSourceSettings {
  readonly clock: Clock;
  readonly timing: TaskTiming;
  readonly schedule?: string | undefined;
  readonly explanation?: Explanation | undefined;
}

function watched(name: string, record: WatchedRecord, settings: WatchedSettings): WatchedTask {
  const { schedule, explanation, timing, clock, missedDueTimes = DEFAULT_MISSED_DUE_TIMES } = settings;
  const nowMs = clock.nowMs();
  const judged = conditionOf({ record, explanation, timing, missedDueTimes, nowMs });
  const detail = record.kind === "unreadable" ? settings.errorText?.(record.error) : undefined;
  const condition = detail === undefined ? judged : { ...judged, detail };
  return { ...record, name, schedule, explanation, condition, isRunLost: isRunLost(record, nowMs) };
}

function isRunLost(record: WatchedRecord, nowMs: number): boolean {
  if (record.kind !== "task") return false;
  const { state, leaseEnd } = record.status;
  return state === "running" && leaseEnd !== undefined && leaseEnd.getTime() < nowMs;
}
