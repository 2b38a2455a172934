/**
 * Resets a task.
 *
 * @module
 */
import { formatTime } from "../record/record_time.ts";
import { NO_OWNER, type StatusRecord } from "../record/status_record.ts";
import type { StatusStore } from "../store/store.ts";
import { changeSettingsOf, type ChangeTaskOptions, checkTask } from "./options.ts";
import type { ChangeResult, OverwrittenWrite, Plan, PlanInput, TaskChange } from "./task_change.ts";
import { TaskChanger } from "./task_changer.ts";

/** The result of `resetTask`: the task is reset, or it has no history (`already-reset`). */
export type ResetTaskResult = ChangeResult<"reset" | "already-reset">;

/** The fields of a record without history. */
const WITHOUT_HISTORY = {
  state: "idle",
  started: formatTime(0),
  owner: NO_OWNER,
  heartbeat: undefined,
  scheduled: undefined,
  lease: undefined,
  finished: undefined,
  failures: undefined,
  error: undefined,
  instance: undefined,
  due: undefined,
  recent: undefined,
} as const;

/**
 * Resets a task after a failed deployment, as if it had never run: its history, failures and due times are removed.
 *
 * The next check of a replica treats the task as a new one. The term is kept, so that fencing tokens still rise, and so are a
 * pause, a request and unknown fields. To look at the task before its next run, pause it first.
 *
 * The function refuses while a run may be in progress: until the lease of the record is over, by the clock of the store. If
 * the store has no clock, `clockTolerance` is added. A holder that is still running after its lease loses the record, as it
 * would if another replica had claimed it.
 *
 * @param store The store that the replicas of the task share.
 * @param name The name of the task.
 * @param options Settings.
 * @returns The outcome and the status after the call.
 * @throws {TaskRunningError} If the lease of a run is not over.
 * @throws {UnknownTaskError} If the store has no record of the task.
 * @throws {UnconfirmedChangeError} If the store has not confirmed the change after 20 attempts or 30 seconds.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If the name or the value of an option is out of range.
 * @throws {Error} If the data at the key is not a status record, or the record is of a newer version.
 * @throws The error of the store if nothing was written, or the reason of the signal.
 *
 * @example Reset a task that failed
 * ```ts
 * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { resetTask } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store,
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => Promise.reject(new Error("wrong credentials")),
 * });
 * await scheduler.trigger();
 * const { outcome, status } = await resetTask(store, "backup");
 * console.assert(outcome === "reset" && status.state === "idle" && status.term === 1);
 * ```
 */
export async function resetTask(
  store: StatusStore,
  name: string,
  options: ChangeTaskOptions = {},
): Promise<ResetTaskResult> {
  const doing = "reset the task";
  checkTask(store, name, doing);
  const settings = changeSettingsOf(options, doing);
  const change: TaskChange<ResetTaskResult["outcome"]> = {
    doing,
    createsRecord: false,
    plan: planReset,
    showsEffect: hasLostHistory,
  };
  return await new TaskChanger({ store, name, settings, change }).run();
}

function planReset({ record, lease }: PlanInput): Plan<ResetTaskResult["outcome"]> {
  if (lease.kind !== "over") return { kind: "refuse", lease };
  if (record.state === "idle") return { kind: "keep", outcome: "already-reset" };
  return { kind: "change", outcome: "reset", changes: WITHOUT_HISTORY };
}

/** Returns whether a record of a later claim has none of the runs that the record had before the write. */
function hasLostHistory(record: StatusRecord, { before, isUnanswered }: OverwrittenWrite): boolean {
  const startsOf = ({ recent }: StatusRecord): string[] => recent.toArray().map(({ start }) => start);
  const starts = startsOf(before);
  return isUnanswered && starts.length > 0 && !startsOf(record).some((start) => starts.includes(start));
}
