/** Uses every name that the entry point for control exports, and has lines that must not compile. */
import type { MemoryStore, StatusStore as CoreStore } from "@neat/periodic-task";
import {
  type ChangeResult,
  type ChangeTaskOptions,
  type Clock,
  type Duration,
  type DurationLike,
  type DurationUnits,
  type ListedTask,
  listTasks,
  pauseTask,
  type PauseTaskOptions,
  type PauseTaskResult,
  readTask,
  type ReadTaskOptions,
  type RecentRun,
  requestRun,
  type RequestRunOptions,
  type RequestRunResult,
  resetTask,
  type ResetTaskResult,
  resumeTask,
  type ResumeTaskResult,
  type RunOutcome,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
  TaskRunningError,
  type TaskState,
  type TaskStatus,
  UnconfirmedChangeError,
  UnknownTaskError,
} from "@neat/periodic-task/control";

/** Changes. */
export async function changes(store: StatusStore, signal: AbortSignal): Promise<string[]> {
  const shared: ChangeTaskOptions = { signal, clockTolerance: { seconds: 1 }, dartTimeout: 60_000 };
  const pause: PauseTaskOptions = { ...shared, by: "Ada", reason: "migration", create: true };
  const request: RequestRunOptions = { ...shared, by: "Ada", create: true };
  const paused: PauseTaskResult = await pauseTask(store, "backup", pause);
  const resumed: ResumeTaskResult = await resumeTask(store, "backup", shared);
  const requested: RequestRunResult = await requestRun(store, "backup", request);
  const reset: ResetTaskResult = await resetTask(store, "backup");
  const results: ChangeResult<string>[] = [paused, resumed, requested, reset];
  return results.map(({ outcome, status }) => `${outcome} ${status.state}`);
}

/** Statuses. */
export async function statuses(store: CoreStore, options: ReadTaskOptions): Promise<unknown[]> {
  const status: TaskStatus | null = await readTask(store, "backup", options);
  const state: TaskState | undefined = status?.state;
  const recent: readonly RecentRun[] = status?.recent ?? [];
  const outcomes: RunOutcome[] = recent.map(({ outcome }) => outcome);
  const listed: ListedTask[] = [];
  for await (const task of listTasks(store)) listed.push(task);
  const texts = listed.map((task) => task.kind === "task" ? task.status.pausedBy : task.description);
  return [state, outcomes, texts];
}

/** Errors. */
export function explanation(error: unknown): string | undefined {
  if (error instanceof UnknownTaskError) return error.suggestion ?? error.task;
  if (error instanceof TaskRunningError) return error.until?.toISOString();
  return error instanceof UnconfirmedChangeError ? String(error.cause) : undefined;
}

/** A store of the user's own, and values of the types that options have. */
export function own(
  inner: MemoryStore,
  clock: Clock,
  units: DurationUnits,
): [StatusStore, ReadTaskOptions, Duration[]] {
  const store: StatusStore = {
    read: (key: string, options?: StoreCallOptions): Promise<StatusEntry | null> => inner.read(key, options),
    write: (key, value, version) => inner.write(key, value, version),
  };
  const like: DurationLike = { minutes: 1 };
  return [store, { clock }, [units, like, 60_000]];
}

/** An option may be undefined, as values from a configuration file often are. */
export function optional(store: StatusStore, by: string | undefined): Promise<RequestRunResult> {
  return requestRun(store, "backup", { by, signal: undefined });
}

/** Lines that must not compile. */
export function refused(store: StatusStore, task: ListedTask, result: PauseTaskResult): unknown[] {
  return [
    // @ts-expect-error: the name is required
    () => pauseTask(store),
    // @ts-expect-error: a name is not a store
    () => readTask("backup", "backup"),
    // @ts-expect-error: only a pause has a reason
    () => requestRun(store, "backup", { reason: "migration" }),
    // @ts-expect-error: a reset does not create a record
    () => resetTask(store, "backup", { create: true }),
    // @ts-expect-error: foreign data has no status
    () => task.status,
    // @ts-expect-error: the outcome does not exist
    () => result.outcome === "resumed",
    // @ts-expect-error: there may be no record
    async () => (await readTask(store, "backup")).state,
  ];
}
