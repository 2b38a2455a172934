/**
 * How do replicas share a task through PostgreSQL?
 *
 * Start it in several terminals, or on several machines: one of them prints "Hello World" at a time. Stop that one, and another
 * takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/postgres.ts [--url URL] [--interval SECONDS]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { parseArgs } from "node:util";
import pg from "pg";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "postgres://postgres@localhost:5432/postgres" },
    interval: { type: "string", default: "30" },
  },
});

// without connectionTimeoutMillis, a server that hangs would keep the connections that are being opened
const pool = new pg.Pool({ connectionString: values.url, connectionTimeoutMillis: 5_000, keepAlive: true });
// an idle connection that breaks would end the process otherwise; the pool opens another one
pool.on("error", (error: Error) => console.warn("A connection to PostgreSQL has ended:", error.message));
const store = new PostgresStore({ client: pool });
// does nothing if the table exists
await store.createTable();

const scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store,
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
await scheduler.stop();
await pool.end();
