// deno run -A tests/stores/postgres/process_program.ts PG_SPECIFIER URL
//
// One of several replicas that share a task through PostgreSQL. Prints the start and the end of each run as JSON, and stops at SIGTERM.

import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { type PgPool, PostgresStore } from "../../../stores/postgres.ts";

const [pg = "", connectionString = ""] = Deno.args;
const { default: { Pool } } = await import(pg);
const pool: PgPool & { on(event: "error", listener: () => void): unknown; end(): Promise<void> } = new Pool({
  connectionString,
  max: 2,
});
pool.on("error", () => {});
const store = new PostgresStore({ client: pool });
// all replicas create the table at the same moment
await store.createTable();

const LENGTH_MS = 60;

function print(event: "start" | "end", term: number): void {
  console.log(JSON.stringify({ event, term, atMs: Date.now() }));
}

const scheduler = new NeatPeriodicTaskScheduler({
  name: "shared",
  interval: 400,
  minCycle: 100,
  timeout: 600,
  retryDelay: 100,
  store,
  log: { info: () => {}, warn: () => {}, error: (...parts) => console.error(...parts) },
  task: async ({ term }) => {
    print("start", term);
    await new Promise((resolve) => setTimeout(resolve, LENGTH_MS));
    print("end", term);
  },
});
Deno.addSignalListener("SIGTERM", async () => {
  await scheduler.stop();
  await pool.end();
  Deno.exit(0);
});
scheduler.start();
