/**
 * How does a schedule of pg-boss run a backup every night?
 *
 *   deno run -A examples/migration/pg_boss/before.ts
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { PgBoss } from "pg-boss";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

const connectionString = process.env["DATABASE_URL"] ?? "postgres://postgres@localhost:5432/postgres";
const boss = new PgBoss({ connectionString });
boss.on("error", (error) => console.error(error));
await boss.start();

await boss.createQueue("backup", { policy: "singleton", retryLimit: 2, retryDelay: 60, expireInSeconds: 1_800 });
await boss.schedule("backup", process.env["CRON"] ?? "0 3 * * *", null, { tz: "Europe/Berlin", missed: "once" });
await boss.work("backup", backUp);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => boss.stop({ timeout: 30_000 }));
