/**
 * How do replicas share a task through a table of MySQL or MariaDB?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read --allow-sys examples/mysql.ts --url mysql://USER:PASSWORD@HOST/DATABASE [--interval SECONDS]
 *
 * The first one creates the table. The driver reads environment variables and its own files.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { MysqlStore } from "@neat/periodic-task/stores/mysql";
import { createPool } from "mysql2/promise";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "mysql://root@127.0.0.1/test" },
    interval: { type: "string", default: "30" },
  },
});

const pool = createPool(values.url);
const store = new MysqlStore({ client: pool });
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
// first the scheduler, whose last write needs the pool
await scheduler.stop();
await pool.end();
