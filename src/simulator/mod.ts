/**
 * A simulator for authors of tasks and stores: some replicas with real schedulers run in virtual time, with lost calls, wrong
 * clocks, pauses, crashes and restarts, while every promise of the schedulers is checked.
 *
 * - {@linkcode simulate} runs a simulation, which depends on a seed alone.
 * - {@linkcode shrinkSimulation} looks for a smaller one in which the same promise is broken.
 * - {@linkcode PROMISES} and {@linkcode FAULT_NAMES} list what is checked and what is injected.
 *
 * ```ts
 * import { simulate } from "@neat/periodic-task/simulator";
 *
 * const { violations, stats, timeline } = await simulate({ seed: 42 });
 * console.assert(violations.length === 0, timeline());
 * console.assert(stats.runs > 0);
 * ```
 *
 * @module
 */
export type { Clock } from "../time/clock.ts";
export type { Duration, DurationLike } from "../time/duration.ts";
export type { Run } from "../options.ts";
export type { Schedule } from "../schedule/schedule.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
export { FAULT_NAMES, type FaultName } from "./fault_names.ts";
export type { SimulateOptions, UserCode } from "./options.ts";
export { type PromiseName, PROMISES } from "./promises.ts";
export { type ShrinkResult, shrinkSimulation } from "./shrink.ts";
export { simulate, type SimulationResult } from "./simulate.ts";
export type { SimulatedHost } from "./simulated_host.ts";
export { SIMULATION_KINDS, type SimulationKind } from "./simulation_kind.ts";
export type { SimulationStats } from "./stats.ts";
export type { Violation } from "./violation.ts";
