/**
 * How does the backup of node-cron run with this package?
 *
 *   deno run --allow-env --allow-read --allow-write examples/migration/node_cron/after.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(signal: AbortSignal): Promise<void> {
  console.log("Backing up");
  await sleep(200, undefined, { signal });
  console.log("Backed up");
}

// a file is enough for the replicas of one machine
const database = new DatabaseSync(process.env["DATABASE"] ?? "tasks.db");
const store = new SqliteStore({ database });

const scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  schedule: cron(process.env["CRON"] ?? "0 3 * * *", { timeZone: "Europe/Berlin" }),
  timeout: { minutes: 30 },
  heartbeatTimeout: { minutes: 1 },
  store,
  task: ({ signal }) => backUp(signal),
});
scheduler.start();

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => scheduler.stop());
