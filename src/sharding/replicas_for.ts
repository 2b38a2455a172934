/**
 * The replicas of a task.
 *
 * @module
 */
import { checkOptions } from "../option_checks.ts";
import { textHash } from "../schedule/text_hash.ts";
import { candidatesOf, compare, nameOf } from "./ranking.ts";

/** The options of {@linkcode replicasFor}. */
export interface ReplicasForOptions {
  /** The names of all replicas, in any order. */
  readonly replicas: readonly string[];
  /**
   * How many replicas take part in a task: a whole number from 1 on. If there are fewer replicas, all of them take part.
   *
   * @default {3}
   */
  readonly count?: number | undefined;
}

const DOING = "find the replicas of a task";

/**
 * Returns the replicas that take part in a task.
 *
 * Uses rendezvous hashing: each replica has a weight, a hash of its name and the task's, and those with the highest weights take
 * part (D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking
 * 6(1), 1998). So each replica has about the same number of tasks. A replica that is added takes a place in its share of the
 * tasks, and all others stay where they are; a replica that is removed is replaced in its tasks alone.
 *
 * @param task The task's name.
 * @param options The replicas, and how many of them take part.
 * @returns The names, beginning with the one of the highest weight. The same names have the same result in every version.
 * @throws {TypeError} If a name is no text or empty, or if an option is unknown, missing or of the wrong type.
 * @throws {RangeError} If there is no replica, if one is there twice, or if `count` is not a whole number from 1 on.
 *
 * @example Find the replicas of a task
 * ```ts
 * import { replicasFor } from "@neat/periodic-task/sharding";
 *
 * const replicas = ["a", "b", "c", "d", "e"];
 * const before = replicasFor("backup", { replicas, count: 2 });
 * console.assert(before.length === 2);
 *
 * // another replica leaves: nothing changes
 * const other = replicas.find((name) => !before.includes(name));
 * const after = replicasFor("backup", { replicas: replicas.filter((name) => name !== other), count: 2 });
 * console.assert(after.join() === before.join());
 * ```
 */
export function replicasFor(task: string, options: ReplicasForOptions): string[] {
  nameOf(task, "the task's name must be a text", DOING);
  checkOptions(options, { replicas: "required object", count: "number" }, DOING);
  const { all, count } = candidatesOf(options.replicas, options.count, DOING);
  const taskHash = textHash(task);
  return [...all].sort((one, other) => compare(taskHash, one, other)).slice(0, count).map(({ name }) => name);
}
