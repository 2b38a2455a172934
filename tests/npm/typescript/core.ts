/** Uses every name that the core exports, and has lines that must not compile. */
import {
  type Clock,
  type CommonTaskOptions,
  type Duration,
  type DurationLike,
  type DurationUnits,
  type Explanation,
  type FailedEventDetail,
  type FinishedEventDetail,
  type IntervalTaskOptions,
  LeaseLostError,
  type LeaseLostEventDetail,
  type Logger,
  MemoryStore,
  NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventDetail,
  type NeatPeriodicTaskEventDetails,
  type NeatPeriodicTaskEventMap,
  type NeatPeriodicTaskEventType,
  NeatPeriodicTaskGroup,
  type NeatPeriodicTaskGroupOptions,
  type NeatPeriodicTaskListener,
  type NeatPeriodicTaskOptions,
  NeatPeriodicTaskScheduler,
  type RecentRun,
  type Run,
  type RunEventDetail,
  type RunOutcome,
  type Schedule,
  type SchedulerState,
  type ScheduleTaskOptions,
  type StatusEntry,
  type StatusStore,
  type StopOptions,
  type StopResult,
  type StoreBackEventDetail,
  type StoreCallOptions,
  type StoreErrorEventDetail,
  type TakeoverEventDetail,
  type TakeoverReason,
  type TaskState,
  type TaskStatus,
  type TriggerResult,
} from "@neat/periodic-task";

/** A store that the project implements. */
export class OwnStore implements StatusStore {
  readonly #entries = new Map<string, StatusEntry>();

  read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    options?.signal?.throwIfAborted();
    return Promise.resolve(this.#entries.get(key) ?? null);
  }

  write(key: string, value: Uint8Array, version: string | null): Promise<string | null> {
    const entry = this.#entries.get(key);
    if ((entry?.version ?? null) !== version) return Promise.resolve(null);
    const next = `${Number(version) + 1}`;
    this.#entries.set(key, { value, version: next, storeTime: Date.now() });
    return Promise.resolve(next);
  }
}

const lines: string[] = [];

const logger: Logger = {
  info: (message) => lines.push(message),
  warn: (message, ...details) => lines.push(message, ...details.map(String)),
  error: (message, error) => lines.push(`${message} ${error}`),
};

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as number),
  unrefTimer: () => {},
  random: () => Math.random(),
};

const schedule: Schedule = { next: (after: Date): Date | null => new Date(after.getTime() + 1) };

const byUnits: DurationLike = {
  days: 1,
  hours: 2,
  minutes: 3,
  seconds: 4,
  milliseconds: 5,
  microseconds: 6,
  nanoseconds: 7,
};
const durations: Duration[] = [30_000, byUnits];

/** Every option but those of due times. */
const common: Required<CommonTaskOptions> = {
  name: "backup",
  instance: "host-a",
  firstRun: "on-schedule",
  startDeadline: { minutes: 5 },
  jitter: { minutes: 1 },
  keepAlive: false,
  rotate: true,
  timeout: { minutes: 30 },
  task: async (run: Run) => {
    const dates: Date[] = [run.scheduled, run.started, run.deadline];
    const ids: [string, string, number] = [run.name, run.owner, run.term];
    run.signal.throwIfAborted();
    await Promise.resolve([dates, ids]);
  },
  store: new OwnStore(),
  minCycle: 60_000,
  maxCycle: { hours: 3 },
  heartbeatInterval: { seconds: 10 },
  heartbeatTimeout: { seconds: 30 },
  retryDelay: (failures) => Math.min(failures * 60_000, 3_600_000),
  maxAbandoned: 3,
  clockTolerance: { seconds: 5 },
  log: logger,
  wrapRun: async (run, task) => {
    lines.push(run.name);
    await task();
  },
  clock,
};

/** Due times at an interval or by a schedule. */
const atInterval: IntervalTaskOptions = { ...common, interval: { hours: 6 } };
const bySchedule: ScheduleTaskOptions = { ...common, schedule };
export const every: NeatPeriodicTaskOptions[] = [atInterval, bySchedule];

/** The default store. */
export const memory: StatusStore = new MemoryStore();

/** Optional options may be undefined, as values from a configuration file often are. */
export function optional(store: MemoryStore | undefined, log: Logger | undefined): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "optional",
    interval: durations[0] ?? 1_000,
    timeout: 1_000,
    task: () => {},
    store,
    log,
    minCycle: undefined,
    retryDelay: undefined,
    wrapRun: undefined,
  });
}

/** Every method and its result. */
export async function methods(scheduler: NeatPeriodicTaskScheduler): Promise<unknown[]> {
  scheduler.start();
  const { outcome, run, error }: TriggerResult = await scheduler.trigger();
  const outcomes: RunOutcome | "running-elsewhere" | "paused" | "stopped" | "too-many-abandoned" = outcome;
  const ready: void = await scheduler.ready();
  const status: TaskStatus = await scheduler.status();
  const state: TaskState = status.state;
  const recent: readonly RecentRun[] = status.recent;
  const started: Date | undefined = status.started;
  // may be undefined under noUncheckedIndexedAccess
  const last: string | undefined = recent[0]?.outcome;
  const explanation: Explanation = scheduler.explain();
  const until: number | undefined = explanation.until?.getTime();
  const options: StopOptions = { abort: true, timeout: { seconds: 10 } };
  const { clean, abandoned }: StopResult = await scheduler.stop(options);
  const left: [boolean, number] = [clean, abandoned];
  await scheduler[Symbol.asyncDispose]();
  const name: string = scheduler.name;
  return [name, outcomes, run?.term, error, state, started, last, until, left, ready, scheduler.state === "stopped"];
}

/** Every event has a type. */
export function events(scheduler: NeatPeriodicTaskScheduler, signal: AbortSignal): void {
  scheduler.addEventListener("start", (event) => lines.push(`${event.name} ${event.term} ${event.started?.getTime()}`));
  scheduler.addEventListener("finished", ({ durationMs }) => lines.push(`${durationMs?.toFixed()}`), { once: true });
  scheduler.addEventListener("failed", { handleEvent: ({ outcome, error }) => lines.push(`${outcome} ${error}`) });
  const listener: NeatPeriodicTaskListener<"alive"> = (event: NeatPeriodicTaskEvent) => lines.push(event.type);
  scheduler.addEventListener("alive", listener, { signal });
  scheduler.removeEventListener("alive", listener, { capture: true });
  scheduler.addEventListener("storeerror", null, true);
  for (const type of ["leaselost", "abandoned"] as const) {
    scheduler.addEventListener(type, (event) => lines.push(`${event.scheduled?.toISOString()}`));
  }
  scheduler.addEventListener("takeover", ({ from, reason, instance }: TakeoverEventDetail & NeatPeriodicTaskEvent) => {
    const why: TakeoverReason = reason;
    lines.push(`${instance} after ${from}: ${why}`);
  });
  const names: (keyof NeatPeriodicTaskEventMap)[] = ["alive", "start", "finished", "failed"];
  const detail: NeatPeriodicTaskEventDetail = { name: "own", instance: "host-a", time: new Date() };
  const passed: boolean = scheduler.dispatchEvent(new NeatPeriodicTaskEvent(names[0] ?? "alive", detail));
  lines.push(`${passed}`);
}

/** Every method of a group. */
export async function group(...schedulers: NeatPeriodicTaskScheduler[]): Promise<boolean> {
  const limit: NeatPeriodicTaskGroupOptions = { concurrency: 2 };
  const tasks = new NeatPeriodicTaskGroup(schedulers, limit);
  const listener: NeatPeriodicTaskListener<"failed"> = ({ name, instance, error }) =>
    lines.push(name, instance, `${error}`);
  tasks.addEventListener("failed", listener, { once: true });
  tasks.removeEventListener("failed", listener);
  tasks.addEventListener("start", ({ run }) => lines.push(`${run.term}`));
  const passed: boolean = tasks.dispatchEvent(new Event("other"));
  lines.push(`${passed}`);
  const added: NeatPeriodicTaskScheduler = tasks.add(new NeatPeriodicTaskScheduler(atInterval));
  tasks.start();
  await tasks.ready();
  for (const { name } of tasks) lines.push(name);
  const statuses: Map<string, PromiseSettledResult<TaskStatus>> = await tasks.status();
  for (const [name, result] of statuses) {
    lines.push(`${name} ${result.status === "fulfilled" ? result.value.state : String(result.reason)}`);
  }
  const stopped: Map<string, StopResult> = await tasks.stop({ timeout: 1_000 });
  await tasks[Symbol.asyncDispose]();
  return stopped.get(added.name)?.clean ?? false;
}

/** The reason of an abort. */
export function reason({ signal }: Run): string {
  const reason: unknown = signal.reason;
  return reason instanceof LeaseLostError ? `${reason.name}: ${reason.message}` : String(reason);
}

/** Lines that must not compile. */
export function refused(scheduler: NeatPeriodicTaskScheduler, run: Run, store: StatusStore): unknown[] {
  const common = { interval: 1_000, timeout: 100, task: () => {} };
  return [
    // @ts-expect-error: name is required
    new NeatPeriodicTaskScheduler(common),
    // @ts-expect-error: name must not be undefined
    new NeatPeriodicTaskScheduler({ ...common, name: undefined }),
    // @ts-expect-error: there is an interval or a schedule
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", schedule }),
    // @ts-expect-error: due times are required
    new NeatPeriodicTaskScheduler({ name: "wrong", timeout: 100, task: () => {} }),
    // @ts-expect-error: the option does not exist
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", intervall: 1_000 }),
    // @ts-expect-error: a string is no duration
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", minCycle: "5m" }),
    // @ts-expect-error: months have no fixed length
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", minCycle: { months: 1 } }),
    // @ts-expect-error: a Map is no store
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", store: new Map<string, Uint8Array>() }),
    // @ts-expect-error: a delay is a duration
    new NeatPeriodicTaskScheduler({ ...common, name: "wrong", retryDelay: () => "5m" }),
    // @ts-expect-error: the event does not exist
    () => scheduler.addEventListener("finish", () => {}),
    // @ts-expect-error: the property does not exist
    () => scheduler.addEventListener("finished", (event) => event.detail),
    // @ts-expect-error: a term may be absent
    () => scheduler.addEventListener("alive", (event) => event.term.toFixed()),
    // @ts-expect-error: the properties of a run are read-only
    () => run.term = 2,
    // @ts-expect-error: fields of the scheduler are private
    () => scheduler.loop,
    // @ts-expect-error: the outcome does not exist
    async () => (await scheduler.trigger()).outcome === "success",
    // @ts-expect-error: a record is an Uint8Array
    () => store.write("key", "value", null),
    // @ts-expect-error: the record may be null
    async () => (await store.read("key")).version,
    // @ts-expect-error: a group holds schedulers
    () => new NeatPeriodicTaskGroup([common]),
    // @ts-expect-error: the option does not exist
    () => new NeatPeriodicTaskGroup([scheduler], { concurency: 1 }),
    // @ts-expect-error: the event does not exist
    () => new NeatPeriodicTaskGroup([scheduler]).addEventListener("finish", () => {}),
    // @ts-expect-error: timeout is a duration, not a date
    () => scheduler.stop({ timeout: new Date() }),
  ];
}

/** The details of events by their types, and other types that results consist of. */
export interface Types {
  readonly details: NeatPeriodicTaskEventDetails[NeatPeriodicTaskEventType];
  readonly each: RunEventDetail | FinishedEventDetail | FailedEventDetail | LeaseLostEventDetail;
  readonly ofStores: StoreErrorEventDetail | StoreBackEventDetail;
  readonly units: DurationUnits;
  readonly state: SchedulerState;
}
