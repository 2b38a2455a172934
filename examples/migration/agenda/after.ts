/**
 * How does the backup of agenda run with this package, on the same PostgreSQL?
 *
 *   deno run -A examples/migration/agenda/after.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

async function backUp(signal: AbortSignal): Promise<void> {
  console.log("Backing up");
  await sleep(200, undefined, { signal });
  console.log("Backed up");
}

const connectionString = process.env["DATABASE_URL"] ?? "postgres://postgres@localhost:5432/postgres";
const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 5_000, keepAlive: true });
pool.on("error", (error: Error) => console.error(error));
const store = new PostgresStore({ client: pool });
await store.createTable();

const scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  schedule: cron(process.env["CRON"] ?? "0 3 * * *", { timeZone: "Europe/Berlin" }),
  timeout: { minutes: 30 },
  heartbeatTimeout: { minutes: 1 },
  retryDelay: { minutes: 1 },
  store,
  task: ({ signal }) => backUp(signal),
});
scheduler.start();

async function stop(): Promise<void> {
  await scheduler.stop();
  await pool.end();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
