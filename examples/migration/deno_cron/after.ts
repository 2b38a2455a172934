/**
 * How does the backup of Deno.cron run with this package, and Deno KV?
 *
 *   deno run --unstable-kv --allow-env --allow-read --allow-write examples/migration/deno_cron/after.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(signal: AbortSignal): Promise<void> {
  console.log("Backing up");
  await sleep(200, undefined, { signal });
  console.log("Backed up");
}

const kv = await Deno.openKv(process.env["KV"] ?? "tasks.sqlite3");
const store = new DenoKvStore({ kv });

const scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  schedule: cron(process.env["CRON"] ?? "0 3 * * *"), // UTC, as before
  timeout: { minutes: 30 },
  heartbeatTimeout: { minutes: 1 },
  retryDelay: (failures) => failures === 1 ? { seconds: 1 } : { minutes: 1 },
  store,
  task: ({ signal }) => backUp(signal),
});
scheduler.start();

async function stop(): Promise<void> {
  await scheduler.stop();
  kv.close();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
