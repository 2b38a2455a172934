/** Uses every name that the entry point for the dashboard exports, and has lines that must not compile. */
import { NeatPeriodicTaskGroup as Group, NeatPeriodicTaskScheduler as Scheduler } from "@neat/periodic-task";
import {
  type Clock,
  dashboard,
  type DashboardCommonOptions,
  type DashboardOptions,
  type Duration,
  type DurationLike,
  type DurationUnits,
  type NeatPeriodicTaskGroup,
  type NeatPeriodicTaskScheduler,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
} from "@neat/periodic-task/dashboard";
import { Hono } from "hono";

/** Dashboards of a group and of a store. */
export function dashboards(store: StatusStore, clock: Clock, request: Request): Response | Promise<Response> {
  const scheduler: NeatPeriodicTaskScheduler = new Scheduler({
    name: "a",
    interval: 9_000,
    timeout: 1_000,
    task: () => {},
  });
  const group: NeatPeriodicTaskGroup = new Group([scheduler]);
  const seconds: DurationUnits["seconds"] = 3;
  const like: DurationLike = { seconds };
  const refreshInterval: Duration = like;
  const common: DashboardCommonOptions = {
    actions: true,
    title: "Tasks of the shop",
    by: (request) => request.headers.get("x-user") ?? undefined,
    describe: (name) => name.toUpperCase(),
    missedDueTimes: 2,
    refreshInterval,
    signal: new AbortController().signal,
    clock,
  };
  const options: DashboardOptions = { ...common, group };
  const app = new Hono();
  app.route("/group", dashboard(options)).route("/list", dashboard({ group: [scheduler] }));
  app.route("/store", dashboard({ ...common, store }));
  return app.fetch(request);
}

/** A store as the dashboard reads it. */
export async function read(store: StatusStore, options: StoreCallOptions): Promise<StatusEntry | null> {
  return await store.read("a", options);
}

/** An option may be undefined, as values from a configuration file often are. */
export function optional(store: StatusStore, title: string | undefined, actions: boolean | undefined): Hono {
  return dashboard({ store, title, actions });
}

/** Lines that must not compile. */
export function refused(store: StatusStore, group: NeatPeriodicTaskGroup): unknown[] {
  return [
    // @ts-expect-error: a source is required
    () => dashboard({ actions: true }),
    // @ts-expect-error: there is one source
    () => dashboard({ store, group }),
    // @ts-expect-error: the option does not exist
    () => dashboard({ store, action: true }),
    // @ts-expect-error: a name is a text
    () => dashboard({ store, by: () => 1 }),
  ];
}
