/**
 * How does one variable of the configuration choose the store?
 *
 * Start it in several terminals with the same store: one of them prints "Hello World" at a time. Stop that one, and another takes over.
 *
 *   deno run -A --unstable-kv examples/open_store.ts [--store URL] [--interval SECONDS]
 *
 * The store is also read from STORE_URL: `sqlite:./tasks.db`, `postgres://USER:PASSWORD@HOST/DATABASE`, `redis://HOST`,
 * `s3://BUCKET` and others, see docs/stores/open.md. Without one it is the memory of this process. Give a program only the
 * permissions that its store needs.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { openStore } from "@neat/periodic-task/stores/open";
import process from "node:process";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    store: { type: "string", default: process.env.STORE_URL ?? "memory:" },
    interval: { type: "string", default: "30" },
  },
});

// closed at the end, after the scheduler has stopped
await using store = await openStore(values.store);
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store,
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
