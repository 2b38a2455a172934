import { type Logger, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { type PgPool, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { load } from "../replicas/protocol.ts";
import { type BurstRequest, firstJobs, INTERVAL_MS, type StartBurst } from "./burst.ts";

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** How many tasks are prepared at once, so that no call waits for long. */
const AT_ONCE = 500;

interface Pg {
  readonly default: { readonly Pool: new (options: object) => PgPool };
}

/** A scheduler for each task on one store. A first run of each makes this replica the preferred one, as after any first hour. */
export const startPeriodicTask: StartBurst = async (request: BurstRequest, { onRun, onDone }) => {
  const { default: { Pool } } = await load<Pg>("pg");
  const store = new PostgresStore({ client: new Pool({ connectionString: request.storeUrl }) });
  await store.createTable();
  const schedulers = firstJobs(request).map(({ task: name, dueMs }) => {
    const next = (after: Date): Date =>
      new Date(dueMs + INTERVAL_MS * Math.max(0, Math.floor((after.getTime() - dueMs) / INTERVAL_MS) + 1));
    const scheduler = new NeatPeriodicTaskScheduler({
      name,
      schedule: { next },
      timeout: 60_000,
      store,
      log: SILENT,
      task: ({ scheduled }) => {
        if (scheduled.getTime() === dueMs) onRun();
      },
    });
    scheduler.addEventListener("finished", ({ run }) => {
      if (run.scheduled.getTime() === dueMs) onDone(1);
    });
    return scheduler;
  });
  for (let first = 0; first < schedulers.length; first += AT_ONCE) {
    await Promise.all(
      schedulers.slice(first, first + AT_ONCE).map(async (scheduler) => {
        await scheduler.trigger();
        scheduler.start();
        await scheduler.ready();
      }),
    );
  }
};
