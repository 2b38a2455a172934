/**
 * What is logged without a logger?
 *
 * The lines that alerts watch for go to the console. Here one run fails, and one finishes.
 *
 *   deno run examples/logger_console.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";

let isOpen = false;
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "fetch-prices",
  interval: { minutes: 10 },
  timeout: { seconds: 30 },
  task: () => {
    if (!isOpen) throw new Error("the shop is closed");
  },
});
// a server calls start(); two runs are enough here
await scheduler.trigger();
isOpen = true;
await scheduler.trigger();
