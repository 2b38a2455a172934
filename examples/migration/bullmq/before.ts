/**
 * How does a job scheduler of BullMQ run a backup every night?
 *
 *   deno run -A examples/migration/bullmq/before.ts
 */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

// BullMQ asks for null, as its workers wait in commands that block
const connection = new Redis(process.env["REDIS_URL"] ?? "redis://localhost:6379", { maxRetriesPerRequest: null });
const queue = new Queue("backup", { connection });
const worker = new Worker("backup", backUp, { connection });
queue.on("error", (error) => console.error(error));
worker.on("error", (error) => console.error(error));

await queue.upsertJobScheduler(
  "backup",
  { pattern: process.env["CRON"] ?? "0 3 * * *", tz: "Europe/Berlin" },
  { opts: { attempts: 3, backoff: { type: "exponential", delay: 60_000 }, removeOnComplete: 30, removeOnFail: 30 } },
);

async function stop(): Promise<void> {
  await worker.close();
  await queue.close();
  await connection.quit();
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
