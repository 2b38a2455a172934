/**
 * The simulator.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import type { SimulateOptions } from "./options.ts";
import { drawPlan } from "./plan.ts";
import { readOptions } from "./read_options.ts";
import { Simulation } from "./simulation.ts";
import type { SimulationKind } from "./simulation_kind.ts";
import type { SimulationStats } from "./stats.ts";
import { timelineOf } from "./timeline.ts";
import type { Violation } from "./violation.ts";

/** The result of {@linkcode simulate}. */
export interface SimulationResult {
  /** The seed. */
  readonly seed: number;
  /** The kind of the simulation. */
  readonly kind: SimulationKind;
  /** The indices of the replicas. */
  readonly replicas: readonly number[];
  /** How many intervals it would last without a violation. */
  readonly intervals: number;
  /** The promises that were broken, all in the last step; none if all were kept. */
  readonly violations: readonly Violation[];
  /** What happened, in numbers. */
  readonly stats: SimulationStats;
  /** The faults that might happen. */
  readonly faults: readonly FaultName[];
  /** Writes what happened as text: a line for each event, a column for each replica. */
  timeline(): string;
}

/**
 * Runs some replicas with real schedulers in virtual time, injects the faults that follow from a seed, and checks after each step
 * what the schedulers and the store promise.
 *
 * It takes some milliseconds. The simulation ends after its last interval, when all schedulers are stopped, or with the first
 * step in which a promise is broken. Run one at a time in a process: unhandled rejections are not told apart.
 *
 * @param options The seed, and what is not to be drawn from it.
 * @returns What happened, and which promises were broken.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If the value of an option is out of range.
 *
 * @example Check that a run that was overtaken does not overwrite what a later run has written
 * ```ts
 * import { simulate } from "@neat/periodic-task/simulator";
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
 *       // without the condition, a run that was paused could overwrite the summary of a later run
 *       await host.call(() => {
 *         if (run.term >= summary.term) Object.assign(summary, { term: run.term, text: `by ${host.name}` });
 *       }, run.signal);
 *     },
 *     check: () => summary.term > latest ? "the term of no run" : undefined,
 *   });
 *   console.assert(violations.length === 0, timeline());
 * }
 * ```
 *
 * @example Check a store with replicas that crash, pause and lose answers
 * ```ts
 * import { simulate } from "@neat/periodic-task/simulator";
 *
 * for (let seed = 1; seed <= 10; seed++) {
 *   const server: { value: Uint8Array | null; version: number } = { value: null, version: 0 };
 *   const { violations, stats, timeline } = await simulate({
 *     seed,
 *     record: () => server.value,
 *     stores: (host) => ({
 *       read: (_key, options) =>
 *         host.call(() => server.value && { value: server.value, version: `${server.version}` }, options?.signal),
 *       write: (_key, value, version, options) =>
 *         host.call(() => {
 *           if ((server.value && `${server.version}`) !== version) return null;
 *           server.value = value;
 *           return `${++server.version}`;
 *         }, options?.signal),
 *     }),
 *   });
 *   console.assert(violations.length === 0, timeline());
 *   console.assert(stats.runs > 20);
 * }
 * ```
 */
export async function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const plan = drawPlan(readOptions(options));
  const simulation = new Simulation(plan, options);
  await simulation.run();
  const { seed, kind, intervals, settings } = plan;
  const { violations, stats, trace } = simulation.environment;
  const replicas = plan.replicas.map(({ index }) => index);
  const title =
    `seed ${seed}, ${kind}, ${replicas.length} replicas, ${intervals} intervals of ${settings.intervalMs} ms`;
  return {
    seed,
    kind,
    replicas,
    intervals,
    violations,
    stats,
    faults: [...plan.faults],
    timeline: () => timelineOf(trace.entries, simulation.machineNames, title),
  };
}
