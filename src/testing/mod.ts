/**
 * For authors of stores and of tests: checks that any store must pass, a guard for the start of a program, a store whose
 * calls fail on purpose, and whole worlds of replicas in which everything goes wrong.
 *
 * - {@linkcode storeChecks} makes checks that run under any test runner.
 * - {@linkcode checkStore} refuses, when a program starts, a store that lets a wrong version pass.
 * - {@linkcode FaultyStore} wraps any store and has its calls fail, by a script or by chance from a seed.
 * - {@linkcode simulate} lets a world of replicas run, in virtual time, with the faults that a seed brings.
 *
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { checkStore, FaultyStore } from "@neat/periodic-task/testing";
 *
 * const store = new FaultyStore(new MemoryStore());
 * await checkStore(store);
 * store.breakDown();
 * const failed = await store.read("backup").then(() => false, () => true);
 * console.assert(failed);
 * ```
 *
 * @module
 */
export type { Run } from "../options.ts";
export type { Clock } from "../time/clock.ts";
export type { Duration, DurationLike } from "../time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
export { checkStore, type CheckStoreOptions } from "./check_store.ts";
export { StoreCheckError } from "./expectation.ts";
export { type Fault, type FaultKind, InjectedFaultError, type StoreCall } from "./fault.ts";
export type { FaultPlanOptions, FaultRates } from "./fault_plan.ts";
export { FaultyStore, type FaultyStoreOptions } from "./faulty_store.ts";
export { seededRandom } from "./seeded_random.ts";
export { FAULT_NAMES, type FaultName } from "./simulator/fault_names.ts";
export type { SimulatedHost } from "./simulator/host.ts";
export type { SimulateOptions } from "./simulator/options.ts";
export { type PromiseName, PROMISES } from "./simulator/promises.ts";
export { shrinkSimulation, type Shrunk } from "./simulator/shrink.ts";
export { simulate, type SimulationResult } from "./simulator/simulate.ts";
export type { SimulationStats } from "./simulator/stats.ts";
export type { Violation } from "./simulator/violation.ts";
export type { WorldKind } from "./simulator/world_kind.ts";
export { type StoreCheck, storeChecks, type StoreChecksOptions } from "./store_checks.ts";
