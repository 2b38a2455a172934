/**
 * How do replicas share a task through a Cloud Storage bucket?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/gcs.ts --bucket NAME [--interval SECONDS]
 *
 * It signs in with Application Default Credentials, unless STORAGE_EMULATOR_HOST names an emulator.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { GcsStore } from "@neat/periodic-task/stores/gcs";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: { bucket: { type: "string", default: "" }, interval: { type: "string", default: "30" } },
});

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store: new GcsStore({ bucket: values.bucket }),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, and another replica runs the task at its next due time
