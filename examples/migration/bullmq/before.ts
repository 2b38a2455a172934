/**
 * How does a job scheduler of BullMQ run a backup every night?
 *
 *   deno run -A examples/migration/bullmq/before.ts
 */
import { Queue, Worker } from "bullmq";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

const connection = { url: process.env["REDIS_URL"] ?? "redis://localhost:6379" };
const queue = new Queue("backup", { connection });
const worker = new Worker("backup", backUp, { connection });
for (const part of [queue, worker]) part.on("error", (error) => console.error(error));

await queue.upsertJobScheduler(
  "backup",
  { pattern: process.env["CRON"] ?? "0 3 * * *", tz: "Europe/Berlin" },
  { opts: { attempts: 3, backoff: { type: "exponential", delay: 60_000 }, removeOnComplete: 30, removeOnFail: 30 } },
);

async function stop(): Promise<void> {
  await worker.close();
  await queue.close();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
