/**
 * Traces and metrics of tasks by {@link https://opentelemetry.io | OpenTelemetry}.
 *
 * - {@linkcode instrument} makes a span for each run, and metrics for each task.
 * - {@linkcode instrumentStore} measures the calls of a store.
 *
 * This entry point needs {@link https://www.npmjs.com/package/@opentelemetry/api | @opentelemetry/api}. On npm, install it beside
 * this package. Set up an SDK first, or let Deno do it (`OTEL_DENO=true`): without one, nothing is measured. docs/opentelemetry.md
 * lists all spans and metrics, and has alerts and a dashboard.
 *
 * @example Count the runs of a task
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { instrument } from "@neat/periodic-task/opentelemetry";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "clean-up",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 5 },
 *   task: () => {},
 * });
 * using _telemetry = instrument(scheduler);
 * scheduler.start();
 * ```
 *
 * @module
 */
export type { NeatPeriodicTaskGroup } from "./group.ts";
export type { NeatPeriodicTaskScheduler } from "./scheduler.ts";
export type { StatusStore } from "./store/store.ts";
export { instrument, type Instrumentation, type InstrumentOptions } from "./opentelemetry/instrument.ts";
export { instrumentStore, type InstrumentStoreOptions } from "./opentelemetry/instrument_store.ts";
