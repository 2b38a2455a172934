/**
 * How does a server run a task every day at 03:00 in Berlin?
 *
 * Prints the next due times, and waits for them until Ctrl-C or SIGTERM.
 *
 *   deno run examples/cron.ts [--expression "0 3 * * *"] [--zone Europe/Berlin]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { cron } from "@neat/periodic-task/cron";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    expression: { type: "string", default: "0 3 * * *" },
    zone: { type: "string", default: "Europe/Berlin" },
  },
});

const schedule = cron(values.expression, { timeZone: values.zone });

let due = schedule.next(new Date());
for (let count = 0; due && count < 3; count++) {
  console.log(due.toLocaleString("en-GB", { timeZone: schedule.timeZone, dateStyle: "medium", timeStyle: "long" }));
  due = schedule.next(due);
}

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  schedule,
  timeout: { seconds: 1 },
  task: ({ scheduled }) => console.log(`Backing up as of ${scheduled.toISOString()}`),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler
