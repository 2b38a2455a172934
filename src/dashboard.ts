/**
 * A dashboard: a page on which a person sees within seconds which task does not do its work.
 *
 * This entry point needs {@link https://hono.dev | Hono}. On npm, install `hono` beside this package.
 *
 * {@linkcode dashboard} returns a Hono app, for `Deno.serve`, `Bun.serve`, `@hono/node-server`, and as a part of another Hono app.
 * It shows the tasks of a group, or those in a store. The pages work without JavaScript, and show changes as they happen with it.
 * They are in English.
 *
 * Pages show names, errors and records of tasks to everybody who can load them: serve them behind a sign-in. The buttons Run now,
 * Pause and Resume exist with `actions: true` only.
 *
 * @example Serve a dashboard with buttons behind a sign-in
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { dashboard } from "@neat/periodic-task/dashboard";
 * import { Hono } from "hono";
 * import { basicAuth } from "hono/basic-auth";
 *
 * // a store that the replicas share, such as a bucket or a database
 * const store = new MemoryStore();
 * const app = new Hono();
 * app.use("/tasks/*", basicAuth({ username: "ada", password: "from a secret" }));
 * app.route("/tasks", dashboard({ store, actions: true, by: () => "ada" }));
 * // Deno.serve(app.fetch)
 * console.assert((await app.request("/tasks/")).status === 401);
 * ```
 *
 * @module
 */
export type { NeatPeriodicTaskGroup } from "./group.ts";
export type { NeatPeriodicTaskScheduler } from "./scheduler.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./store/store.ts";
export type { Clock } from "./time/clock.ts";
export type { Duration, DurationLike, DurationUnits } from "./time/duration.ts";
export { dashboard } from "./dashboard/dashboard.ts";
export type { DashboardCommonOptions, DashboardOptions } from "./dashboard/options.ts";
