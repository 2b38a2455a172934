/**
 * How do replicas on one machine share a task through an SQLite file?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. On Node the same
 * code works with `node:sqlite` and `better-sqlite3`, on Bun with `bun:sqlite`.
 *
 *   deno run --allow-read --allow-write examples/sqlite.ts [--interval SECONDS] [--file PATH]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    file: { type: "string", default: "tasks.sqlite3" },
    interval: { type: "string", default: "30" },
  },
});

// the timeout is for the next line, which several processes may run at the same moment
const database = new DatabaseSync(values.file, { timeout: 1_000 });
database.exec("PRAGMA journal_mode = WAL");

const scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store: new SqliteStore({ database }),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
await scheduler.stop();
database.close();
