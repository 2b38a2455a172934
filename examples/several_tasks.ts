/**
 * How does a server run several tasks?
 *
 * A group starts and stops its schedulers together. The tasks are independent of each other and may run at the same time.
 *
 *   deno run examples/several_tasks.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { terminated } from "./terminated.ts";

const common = { timeout: { minutes: 5 } };

await using tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    ...common,
    name: "backup",
    interval: { hours: 6 },
    task: () => console.log("Backing up"),
  }),
  new NeatPeriodicTaskScheduler({
    ...common,
    name: "clean-up",
    interval: { minutes: 10 },
    task: () => console.log("Cleaning up"),
  }),
]);
for (const task of tasks) task.addEventListener("failed", ({ name, error }) => console.error(name, error));
tasks.start();
await terminated();
// leaving the module's scope stops all tasks and waits for their runs in progress
