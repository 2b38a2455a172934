/**
 * How does a server shut down within the grace period of its platform?
 *
 * At SIGTERM or Ctrl-C the run in progress gets 3 seconds to finish. Then its signal aborts, and the task gets 1 second to clean
 * up. The exit code is 0 if nothing is left, and 1 if the task did not return.
 *
 *   deno run examples/graceful_shutdown.ts [--work SECONDS]
 */
import { NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { work: { type: "string", default: "10" } } });
const workMs = Number(values.work) * 1_000;

const scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  interval: { hours: 6 },
  timeout: { minutes: 30 },
  task: backUp,
});
scheduler.start();
await terminated();

console.log("Stopping");
const timer = setTimeout(() => scheduler.stop({ abort: true, timeout: { seconds: 1 } }), 3_000);
const { clean } = await scheduler.stop();
clearTimeout(timer);
console.log(clean ? "Stopped" : "Stopped; the task is still running");
Deno.exit(clean ? 0 : 1);

async function backUp({ signal }: Run): Promise<void> {
  console.log("Backing up");
  try {
    await sleep(workMs, undefined, { signal });
    console.log("Backed up");
  } finally {
    if (signal.aborted) console.log("Removed the incomplete backup");
  }
}
