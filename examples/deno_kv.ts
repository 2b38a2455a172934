/**
 * How do replicas share a task through Deno KV?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. Processes of
 * one machine share a file; replicas on several machines share a database of Deno Deploy or of a `denokv` server.
 *
 *   deno run --unstable-kv --allow-read --allow-write examples/deno_kv.ts [--interval SECONDS] [--file PATH]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    file: { type: "string", default: "hello_world.sqlite3" },
    interval: { type: "string", default: "30" },
  },
});

using kv = await Deno.openKv(values.file);
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store: new DenoKvStore({ kv }),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, and then closes the database
