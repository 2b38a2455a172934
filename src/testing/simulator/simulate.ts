/**
 * Simulated worlds, in which real schedulers run, and everything that can go wrong does.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import type { SimulateOptions } from "./options.ts";
import { planWorld } from "./plan.ts";
import { limitsOf } from "./plan_limits.ts";
import type { SimulationStats } from "./stats.ts";
import { timelineOf } from "./timeline.ts";
import type { Violation } from "./violation.ts";
import { World } from "./world.ts";
import type { WorldKind } from "./world_kind.ts";

/** What became of a world. */
export interface SimulationResult {
  /** Its seed. */
  readonly seed: number;
  /** Its kind. */
  readonly kind: WorldKind;
  /** The replicas that it had. */
  readonly replicas: readonly number[];
  /** For how many intervals it was to last. */
  readonly intervals: number;
  /** The promises that were broken, all at the same step: with it the world ended. None, if all is well. */
  readonly violations: readonly Violation[];
  /** What has happened, in numbers. */
  readonly stats: SimulationStats;
  /** The faults that there might have been. */
  readonly faults: readonly FaultName[];
  /** What has happened, as a chart: a column a replica, a line an event. */
  timeline(): string;
}

/**
 * Lets a world run: some replicas with real schedulers, a store, a network, and the faults that a seed brings; and checks all
 * the while that what the schedulers promise is kept.
 *
 * No real time passes. The world ends with its last interval, when all schedulers are stopped, or with the first promise that
 * is broken. Only one world at a time may run in a process whose unhandled rejections are to be told apart.
 *
 * @param options The seed, and whatever is not to be left to it.
 * @returns What became of it.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If an option's value can't be used.
 *
 * @example The author of a task checks that what it writes is never overwritten by a run that was overtaken
 * ```ts
 * import { simulate } from "@neat/periodic-task/testing";
 *
 * for (let seed = 1; seed <= 10; seed++) {
 *   const summary = { term: 0, text: "" };
 *   let latest = 0;
 *   const { violations, timeline } = await simulate({
 *     seed,
 *     kind: "pauses",
 *     tasks: async (run, host) => {
 *       latest = Math.max(latest, run.term);
 *       await host.sleep(100, run.signal);
 *       // without the condition, a run that was held up would overwrite what a later one has written
 *       await host.call(() => {
 *         if (run.term >= summary.term) Object.assign(summary, { term: run.term, text: `by ${host.name}` });
 *       }, run.signal);
 *     },
 *     check: () => summary.term > latest ? "a term from nowhere" : undefined,
 *   });
 *   console.assert(violations.length === 0, timeline());
 * }
 * ```
 *
 * @example The author of a store checks it against replicas that crash, pause and lose answers
 * ```ts
 * import { simulate } from "@neat/periodic-task/testing";
 *
 * const server: { value: Uint8Array | null; version: number } = { value: null, version: 0 };
 * const { violations, stats, timeline } = await simulate({
 *   seed: 7,
 *   record: () => server.value,
 *   stores: (host) => ({
 *     read: (_key, options) =>
 *       host.call(() => server.value && { value: server.value, version: `${server.version}` }, options?.signal),
 *     write: (_key, value, version, options) =>
 *       host.call(() => {
 *         if ((server.value && `${server.version}`) !== version) return null;
 *         server.value = value;
 *         return `${++server.version}`;
 *       }, options?.signal),
 *   }),
 * });
 * console.assert(violations.length === 0, timeline());
 * console.assert(stats.runs > 20);
 * ```
 */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const limits = limitsOf(options);
  const { stores, record, tasks, check } = options;
  const plan = planWorld(limits);
  const guests = { stores, record, tasks: tasks as (run: unknown, host: unknown) => unknown, check };
  const world = new World(plan, { ...guests, tasks: tasks && guests.tasks });
  await world.run();
  const { violations, stats } = world;
  const { seed, kind, intervals } = plan;
  const replicas = plan.replicas.map(({ index }) => index);
  const title =
    `seed ${seed}, ${kind}, ${replicas.length} replicas, ${intervals} intervals of ${plan.lengths.intervalMs} ms`;
  return {
    seed,
    kind,
    replicas,
    intervals,
    violations,
    stats,
    faults: [...plan.faults],
    timeline: () => timelineOf(world.trace.entries, world.machineNames, title),
  };
}
