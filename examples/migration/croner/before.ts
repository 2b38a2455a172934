/**
 * How does croner run a backup every night?
 *
 *   deno run --allow-env examples/migration/croner/before.ts
 */
import { Cron } from "croner";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

const job = new Cron(
  process.env["CRON"] ?? "0 3 * * *",
  { name: "backup", timezone: "Europe/Berlin", protect: true, catch: (error) => console.error(error) },
  backUp,
);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => job.stop());
