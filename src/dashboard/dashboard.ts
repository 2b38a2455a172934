/**
 * The dashboard as a Hono app.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { ASSETS } from "./assets/assets.ts";
import { LiveTasks } from "./live_tasks.ts";
import type { DashboardOptions } from "./options.ts";
import { Pages } from "./pages.ts";
import { dashboardSettings } from "./settings.ts";

/** The largest form that is read, in bytes. A name has at most 500 characters. */
const MAX_FORM_BYTES = 32_768;

/**
 * Creates a dashboard: a Hono app with a page for all tasks and a page for each of them.
 *
 * All addresses on its pages are relative, so it can be mounted at any path: `app.route("/tasks", dashboard({ group }))`. It
 * calls the store only while somebody looks, for all viewers together.
 *
 * The pages need no JavaScript. With it, they show changes as they happen. They load nothing from other hosts.
 *
 * @param options The source of the tasks, `group` or `store`, and settings.
 * @returns The app. Serve its `fetch`, or mount it in another app by `route()`.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type, or if both `group` and `store` are given.
 * @throws {RangeError} If the value of an option is out of range.
 *
 * @example Show the tasks of a process
 * ```ts
 * import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { dashboard } from "@neat/periodic-task/dashboard";
 *
 * const group = new NeatPeriodicTaskGroup([
 *   new NeatPeriodicTaskScheduler({ name: "backup", interval: { hours: 6 }, timeout: { minutes: 30 }, task: () => {} }),
 * ]);
 * const app = dashboard({ group });
 * // Deno.serve(app.fetch)
 * const response = await app.request("/");
 * console.assert((await response.text()).includes("backup"));
 * ```
 */
export function dashboard(options: DashboardOptions): Hono {
  const settings = dashboardSettings(options);
  const { source, clock, refreshMs, watchChanges, takeovers, errorText } = settings;
  const onRead = (tasks: readonly WatchedTask[]): void => {
    for (const task of tasks) takeovers.see(task);
  };
  const live = new LiveTasks({ source, clock, refreshMs, watchChanges, errorText, onRead });
  const pages = new Pages(settings, live);
  const app = new Hono();
  // not a middleware for all paths, which would answer for routes beside a dashboard that is mounted at the root
  const guarded = (answer: (context: Context) => Response | Promise<Response>) => async (context: Context) =>
    settings.isAnswered(context.req.raw) ? await answer(context) : pages.misdirected();
  // mounted by route(), a request for the path without the slash comes here, and one with it matches the wildcard alone
  app.get("/", guarded((context) => pages.overview(context)));
  app.get("/task", guarded((context) => pages.task(context)));
  app.get("/events", guarded((context) => pages.events(context)));
  for (const name of Object.keys(ASSETS)) app.get(`/${name}`, guarded((context) => pages.asset(context, name)));
  if (settings.hasActions) {
    const onError = (): Response => pages.message(413, "The form is too large");
    app.post("/actions", bodyLimit({ maxSize: MAX_FORM_BYTES, onError }), guarded((context) => pages.act(context)));
  }
  app.get("*", async (context, next) => {
    const depth = (path: string): number => path.split("/").length;
    const isRoot = context.req.path.endsWith("/") && depth(context.req.path) === depth(context.req.routePath);
    if (isRoot) return await guarded((context) => pages.overview(context))(context);
    await next();
  });
  app.notFound(() => pages.message(404, "There is no such page"));
  app.onError(() => pages.message(500, "The page cannot be shown, as the dashboard has failed"));
  return app;
}
