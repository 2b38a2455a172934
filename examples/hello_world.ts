/**
 * How does a server run a function every 30 seconds?
 *
 * Prints "Hello World" until Ctrl-C or SIGTERM, and then waits for the run in progress.
 *
 *   deno run examples/hello_world.ts [--interval SECONDS]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { interval: { type: "string", default: "30" } } });

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 1 },
  task: () => console.log("Hello World"),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler
