/**
 * The tasks of a replica.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions } from "../option_checks.ts";
import { textHash } from "../schedule/text_hash.ts";
import { type Candidate, candidatesOf, compare, nameOf, namesOf } from "./ranking.ts";
import type { ReplicasForOptions } from "./replicas_for.ts";

/** The options of {@linkcode tasksFor}. */
export interface TasksForOptions extends ReplicasForOptions {
  /** The names of all tasks. */
  readonly tasks: readonly string[];
}

const DOING = "find the tasks of a replica";

/**
 * Returns the tasks in which a replica takes part: those for which {@linkcode replicasFor} names it.
 *
 * Takes some 50 ms for 100,000 tasks and 10,000 replicas, as few replicas are compared for most tasks.
 *
 * @param replica The replica's name.
 * @param options The tasks, the replicas, and how many of these take part in a task.
 * @returns The names of the tasks, in the order of `tasks`.
 * @throws {TypeError} If a name is no text or empty, or if an option is unknown, missing or of the wrong type.
 * @throws {RangeError} If `replicas` does not have the replica or has one twice, or if `count` is not a whole number from 1 on.
 *
 * @example Share the tasks out by the ordinal of a StatefulSet
 * ```ts
 * import { tasksFor } from "@neat/periodic-task/sharding";
 *
 * const hostname = "server-2"; // of a pod: os.hostname()
 * const replicas = Array.from({ length: 5 }, (_, ordinal) => `server-${ordinal}`);
 * const tasks = ["backup", "clean-up", "report"];
 * console.assert(tasksFor(hostname, { tasks, replicas, count: 5 }).length === 3); // all of them
 * ```
 */
export function tasksFor(replica: string, options: TasksForOptions): string[] {
  nameOf(replica, "the replica's name must be a text", DOING);
  checkOptions(options, { tasks: "required object", replicas: "required object", count: "number" }, DOING);
  const tasks = namesOf(options.tasks, "tasks", DOING);
  const { all, count } = candidatesOf(options.replicas, options.count, DOING);
  const own = all.find(({ name }) => name === replica);
  if (!own) throw new RangeError(cannot(DOING, '"replicas" must have its name', replica));
  const others = all.filter((candidate) => candidate !== own);
  return tasks.filter((task) => isAmongFirst(own, others, count, textHash(task)));
}

/** Returns whether fewer replicas than `count` come before one of them. Stops at the last one that matters. */
function isAmongFirst(own: Candidate, others: readonly Candidate[], count: number, taskHash: number): boolean {
  let before = 0;
  for (const other of others) {
    if (compare(taskHash, other, own) < 0 && ++before === count) return false;
  }
  return true;
}
