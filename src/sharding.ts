/**
 * Shares many tasks out over many replicas: which replicas take part in a task, and in which tasks a replica takes part.
 *
 * A program that creates only the schedulers of its own tasks saves memory and checks. Each task has several replicas, so that
 * one of them may crash or restart. All replicas find the same answer from the same list, without asking each other.
 *
 * @example Start the tasks of this replica
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { tasksFor } from "@neat/periodic-task/sharding";
 *
 * const replicas = ["server-0", "server-1", "server-2", "server-3", "server-4"];
 * const tasks = Array.from({ length: 100 }, (_, index) => `tenant-${index}`);
 *
 * const mine = tasksFor("server-3", { tasks, replicas, count: 3 });
 * console.assert(mine.length > 40 && mine.length < 80); // about three in five
 *
 * await using group = new NeatPeriodicTaskGroup(mine.map((name) =>
 *   new NeatPeriodicTaskScheduler({ name, interval: { minutes: 1 }, timeout: { seconds: 10 }, task: () => {} })
 * ));
 * group.start();
 * ```
 *
 * @module
 */
export { replicasFor, type ReplicasForOptions } from "./sharding/replicas_for.ts";
export { tasksFor, type TasksForOptions } from "./sharding/tasks_for.ts";
