/**
 * Runs periodic tasks reliably inside long-running servers, on one replica at a time.
 *
 * A {@linkcode NeatPeriodicTaskScheduler} runs a function in a loop inside the server, with no scheduler beside it. When the
 * server runs as several replicas, a small status record in a {@linkcode StatusStore} makes sure that one of them runs the
 * task at a time.
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
export type { Clock } from "./src/clock.ts";
export type { Duration, DurationLike } from "./src/duration.ts";
export { LeaseLostError } from "./src/errors.ts";
export {
  NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventDetail,
  type NeatPeriodicTaskEventMap,
  type NeatPeriodicTaskListener,
} from "./src/events.ts";
export { NeatPeriodicTaskGroup } from "./src/group.ts";
export type { Logger } from "./src/log.ts";
export { MemoryStore } from "./src/memory_store.ts";
export type { NeatPeriodicTaskOptions, Run } from "./src/options.ts";
export type { RecentRun, RunOutcome } from "./src/recent_runs.ts";
export type { Explanation, StopOptions, StopResult, TaskStatus, TriggerResult } from "./src/results.ts";
export { NeatPeriodicTaskScheduler } from "./src/scheduler.ts";
export type { TaskState } from "./src/status.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./src/store.ts";
