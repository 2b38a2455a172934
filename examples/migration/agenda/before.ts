/**
 * How does agenda run a backup every night?
 *
 *   deno run -A examples/migration/agenda/before.ts
 */
import { PostgresBackend } from "@agendajs/postgres-backend";
import { Agenda } from "agenda";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

async function backUp(): Promise<void> {
  console.log("Backing up");
  await sleep(200);
  console.log("Backed up");
}

const connectionString = process.env["DATABASE_URL"] ?? "postgres://postgres@localhost:5432/postgres";
const agenda = new Agenda({ backend: new PostgresBackend({ connectionString }) });
agenda.on("error", (error) => console.error(error));
agenda.define("backup", backUp, { concurrency: 1, lockLifetime: 1_800_000 });
await agenda.start();
await agenda.every(process.env["CRON"] ?? "0 3 * * *", "backup", undefined, { timezone: "Europe/Berlin" });

async function stop(): Promise<void> {
  await agenda.drain(30_000);
  process.exit(); // agenda leaves a timer of half the lockLifetime
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
