/**
 * How do replicas share a task through a Firestore database in native mode?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/firestore.ts --project ID [--interval SECONDS]
 *
 * It signs in with Application Default Credentials, unless FIRESTORE_EMULATOR_HOST names an emulator.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: { project: { type: "string" }, interval: { type: "string", default: "30" } },
});

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  // without a project, that of the environment
  store: new FirestoreStore(values.project ? { projectId: values.project } : {}),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, and another replica runs the task at its next due time
