/** Uses every name that the entry point for sharding exports, and has lines that must not compile. */
import { replicasFor, type ReplicasForOptions, tasksFor, type TasksForOptions } from "@neat/periodic-task/sharding";

export function shares(replicas: readonly string[], tasks: readonly string[]): string[] {
  const options: ReplicasForOptions = { replicas, count: 2 };
  const own: TasksForOptions = { ...options, tasks };
  return [...replicasFor("backup", options), ...tasksFor("server-0", own)];
}

/** An option may be undefined, as values from a configuration file often are. */
export function optional(count: number | undefined): string[] {
  return replicasFor("backup", { replicas: ["server-0"], count });
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the replicas are required
    () => replicasFor("backup", {}),
    // @ts-expect-error: the tasks are required
    () => tasksFor("server-0", { replicas: ["server-0"] }),
    // @ts-expect-error: replicas are names
    () => replicasFor("backup", { replicas: 5 }),
    // @ts-expect-error: the option does not exist
    () => replicasFor("backup", { replicas: ["server-0"], copies: 2 }),
  ];
}
