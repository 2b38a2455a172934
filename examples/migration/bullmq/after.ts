/**
 * How does the backup of BullMQ run with this package, on the same Redis?
 *
 *   deno run -A examples/migration/bullmq/after.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { RedisStore } from "@neat/periodic-task/stores/redis";
import { Redis } from "ioredis";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(signal: AbortSignal): Promise<void> {
  console.log("Backing up");
  await sleep(200, undefined, { signal });
  console.log("Backed up");
}

const client = new Redis(process.env["REDIS_URL"] ?? "redis://localhost:6379");
client.on("error", (error) => console.error(error));
const store = new RedisStore({ client });

const scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  schedule: cron(process.env["CRON"] ?? "0 3 * * *", { timeZone: "Europe/Berlin" }),
  timeout: { minutes: 30 },
  heartbeatTimeout: { seconds: 30 },
  retryDelay: (failures) => ({ minutes: Math.min(60, 2 ** (failures - 1)) }),
  store,
  task: ({ signal }) => backUp(signal),
});
scheduler.start();

async function stop(): Promise<void> {
  await scheduler.stop();
  await client.quit();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
