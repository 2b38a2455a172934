/**
 * How does node-cron run a backup every night?
 *
 *   deno run --allow-env --allow-read examples/migration/node_cron/before.ts
 */
import cron from "node-cron";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

cron.schedule(process.env["CRON"] ?? "0 3 * * *", backUp, {
  name: "backup",
  timezone: "Europe/Berlin",
  noOverlap: true,
});

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => cron.shutdown(30_000));
