/**
 * Runs periodic tasks reliably inside long-running servers, on one replica at a time.
 *
 * A {@linkcode NeatPeriodicTaskScheduler} calls a function periodically inside the server, without an external scheduler. The
 * replicas of a server share a small status record in a {@linkcode StatusStore}, so that only one of them runs the task at a
 * time.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "hello-world",
 *   interval: { seconds: 30 },
 *   timeout: { seconds: 5 },
 *   minCycle: { seconds: 5 },
 *   task: (run) => console.log("Hello World", run.term),
 * });
 * scheduler.start();
 * ```
 *
 * @module
 */
export type { Clock } from "./src/time/clock.ts";
export type { Duration, DurationLike, DurationUnits } from "./src/time/duration.ts";
export { LeaseLostError } from "./src/errors.ts";
export {
  type FailedEventDetail,
  type FinishedEventDetail,
  type LeaseLostEventDetail,
  NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventDetail,
  type NeatPeriodicTaskEventDetails,
  type NeatPeriodicTaskEventMap,
  type NeatPeriodicTaskEventType,
  type NeatPeriodicTaskListener,
  type RunEventDetail,
  type StoreBackEventDetail,
  type StoreErrorEventDetail,
  type TakeoverEventDetail,
  type TakeoverReason,
} from "./src/events.ts";
export { NeatPeriodicTaskGroup, type NeatPeriodicTaskGroupOptions } from "./src/group.ts";
export type { Logger } from "./src/log.ts";
export type {
  CommonTaskOptions,
  IntervalTaskOptions,
  NeatPeriodicTaskOptions,
  Run,
  ScheduleTaskOptions,
} from "./src/options.ts";
export type { RecentRun, RunOutcome } from "./src/record/recent_runs.ts";
export type { TaskState } from "./src/record/status_record.ts";
export type { Explanation, SchedulerState, StopOptions, StopResult, TaskStatus, TriggerResult } from "./src/results.ts";
export type { Schedule } from "./src/schedule/schedule.ts";
export { NeatPeriodicTaskScheduler } from "./src/scheduler.ts";
export { MemoryStore } from "./src/store/memory_store.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./src/store/store.ts";
