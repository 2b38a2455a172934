/**
 * Requests a run of a task.
 *
 * @module
 */
import { formatTime } from "../record/record_time.ts";
import type { StatusRecord } from "../record/status_record.ts";
import type { StatusStore } from "../store/store.ts";
import { isDartRun } from "./lease.ts";
import { checkTask, type RequestRunOptions, requestSettingsOf } from "./options.ts";
import type { ChangeResult, OverwrittenWrite, Plan, PlanInput, TaskChange } from "./task_change.ts";
import { TaskChanger } from "./task_changer.ts";

/**
 * The result of `requestRun`: the run is requested, or a run was requested before and has not started yet
 * (`already-requested`).
 */
export type RequestRunResult = ChangeResult<"requested" | "already-requested">;

/**
 * Requests a run of a task on one of its replicas.
 *
 * A requested run is due now. The replicas notice the request at their next check, or soon if the store has `watch()`. The next
 * claim removes the request, so it is served once. During a run, the request is served after this run. If the task is paused,
 * the request is served after the pause.
 *
 * A request that is not served yet is kept: a second one changes nothing. The write is conditional and does not disturb a run
 * in progress. If its answer is lost, the record is read back; if a run was claimed since the call, the request counts as
 * served by this run.
 *
 * @param store The store that the replicas of the task share.
 * @param name The name of the task.
 * @param options Who requests the run, and settings.
 * @returns The outcome and the status after the call.
 * @throws {UnknownTaskError} If the store has no record of the task and `create` is not set.
 * @throws {TaskRunningError} If a replica of Dart's `neat_periodic_task` may be running the task.
 * @throws {UnconfirmedChangeError} If the store has not confirmed the change after 20 attempts or 30 seconds.
 * @throws {TypeError} If the store lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If the name or the value of an option is out of range, or the record would be too long.
 * @throws {Error} If the data at the key is not a status record, or the record is of a newer version.
 * @throws The error of the store if nothing was written, or the reason of the signal.
 *
 * @example Request a run from another program
 * ```ts
 * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { requestRun } from "@neat/periodic-task/control";
 *
 * const store = new MemoryStore();
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store,
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => {},
 * });
 * await scheduler.trigger();
 * const { outcome, status } = await requestRun(store, "backup", { by: "Ada" });
 * console.assert(outcome === "requested" && status.requestedBy === "Ada");
 * ```
 */
export async function requestRun(
  store: StatusStore,
  name: string,
  options: RequestRunOptions = {},
): Promise<RequestRunResult> {
  const doing = "request a run of the task";
  checkTask(store, name, doing);
  const settings = requestSettingsOf(options, doing);
  const { by, create: createsRecord = false } = options;
  const change: TaskChange<RequestRunResult["outcome"]> = {
    doing,
    createsRecord,
    plan: (input) => planRequest(input, by),
    showsEffect: isRequestedOrServed,
  };
  return await new TaskChanger({ store, name, settings, change }).run();
}

function planRequest(
  { record, lease, calledMs }: PlanInput,
  by: string | undefined,
): Plan<RequestRunResult["outcome"]> {
  // a time that cannot be parsed is replaced
  if (Number.isFinite(record.requestedMs)) return { kind: "keep", outcome: "already-requested" };
  if (isDartRun(record) && lease.kind !== "over") return { kind: "refuse", lease };
  return { kind: "change", outcome: "requested", changes: { requested: formatTime(calledMs), requestedBy: by } };
}

/** Returns whether the request is in the record, or a run was claimed that has removed it. */
function isRequestedOrServed(record: StatusRecord, { before, written, isUnanswered }: OverwrittenWrite): boolean {
  if (record.requestedMs === written.requestedMs && record.requestedBy === written.requestedBy) return true;
  return isUnanswered && record.state !== "idle" && isClaimedSince(record, before);
}

/** Returns whether a run was claimed since another version of the record, and was not released. */
function isClaimedSince({ term, startedMs, write }: StatusRecord, before: StatusRecord): boolean {
  // Dart's neat_periodic_task writes no term
  const hasNewClaim = term > before.term || write === undefined;
  // a release keeps the term, and restores the time of the last start
  return hasNewClaim && !Object.is(startedMs, before.startedMs);
}
