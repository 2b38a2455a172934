/**
 * For authors of stores and of tests: checks that any store must pass, a guard for the start of a program, and a store whose
 * calls fail on purpose.
 *
 * - {@linkcode storeChecks} makes checks that run under any test runner.
 * - {@linkcode checkStore} refuses, when a program starts, a store that lets a wrong version pass.
 * - {@linkcode FaultyStore} wraps any store and has its calls fail, by a script or by chance from a seed.
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
export type { Clock } from "../clock.ts";
export type { Duration, DurationLike } from "../duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../store.ts";
export { checkStore, type CheckStoreOptions } from "./check_store.ts";
export { StoreCheckError } from "./expectation.ts";
export { type Fault, type FaultKind, InjectedFaultError, type StoreCall } from "./fault.ts";
export type { FaultPlanOptions, FaultRates } from "./fault_plan.ts";
export { FaultyStore, type FaultyStoreOptions } from "./faulty_store.ts";
export { seededRandom } from "./seeded_random.ts";
export { type StoreCheck, storeChecks, type StoreChecksOptions } from "./store_checks.ts";
