/**
 * Answers health checks of load balancers, orchestrators and uptime monitors.
 *
 * {@linkcode health} returns a function from a `Request` to a `Response`, which fits `Deno.serve`, `Bun.serve` and Hono.
 *
 * @example Serve a page for an uptime monitor, and the probes of an orchestrator
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { health } from "@neat/periodic-task/health";
 *
 * const tasks = new NeatPeriodicTaskGroup([
 *   new NeatPeriodicTaskScheduler({ name: "backup", interval: { hours: 1 }, timeout: { minutes: 5 }, task: () => {} }),
 * ]);
 * const pages = new Map([
 *   ["/health/tasks", health(tasks)],
 *   ["/health/live", health(tasks, { probe: "live" })],
 *   ["/health/ready", health(tasks, { probe: "ready" })],
 * ]);
 * const serve = async (request: Request): Promise<Response> =>
 *   await pages.get(new URL(request.url).pathname)?.(request) ?? new Response("Not found", { status: 404 });
 *
 * console.assert((await serve(new Request("http://127.0.0.1/health/live"))).status === 200);
 * // no scheduler has started
 * console.assert((await serve(new Request("http://127.0.0.1/health/ready"))).status === 503);
 * ```
 *
 * @module
 */
export type { Clock } from "./time/clock.ts";
export type { Duration, DurationLike, DurationUnits } from "./time/duration.ts";
export type { ConditionReason, Severity } from "./monitoring/watched_task.ts";
export { health, type HealthCheck, type HealthOptions } from "./health/health.ts";
export type { HealthReport, TaskHealth } from "./health/report.ts";
