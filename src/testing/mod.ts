/**
 * For authors of stores and of tests.
 *
 * - {@linkcode storeChecks} makes checks of a store that run under any test runner.
 * - {@linkcode checkStore} rejects, when a program starts, if a store accepts a write with a wrong version.
 * - {@linkcode FaultyStore} wraps a store and makes its calls fail, by a script or at random from a seed.
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
export type { Clock } from "../time/clock.ts";
export type { Duration, DurationLike } from "../time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
export { checkStore, type CheckStoreOptions } from "../store_check/check_store.ts";
export { StoreCheckError } from "../store_check/store_check_error.ts";
export { type Fault, type FaultKind, InjectedFaultError, type StoreCall } from "./fault.ts";
export type { FaultPlanOptions, FaultRates } from "./fault_plan.ts";
export { FaultyStore, type FaultyStoreOptions } from "./faulty_store.ts";
export type { HintFault, HintFaultKind, HintFaultRates, StoreHint } from "./hint_fault.ts";
export { seededRandom } from "./seeded_random.ts";
export { type StoreCheck, storeChecks, type StoreChecksOptions } from "./store_checks.ts";
