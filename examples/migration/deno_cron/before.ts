/**
 * How does Deno.cron run a backup every night?
 *
 *   deno run --unstable-cron --allow-env examples/migration/deno_cron/before.ts
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

const controller = new AbortController();
Deno.cron(
  "backup",
  process.env["CRON"] ?? "0 3 * * *",
  { backoffSchedule: [1_000, 60_000], signal: controller.signal },
  backUp,
);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => controller.abort());
