/**
 * How do replicas share a task through a bucket of S3, R2, MinIO or another service with the API of S3?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/s3.ts --bucket NAME [--endpoint URL] [--interval SECONDS]
 *
 * The region and the credentials are those of the environment: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { checkStore, S3Store } from "@neat/periodic-task/stores/s3";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    bucket: { type: "string", default: "" },
    endpoint: { type: "string" },
    interval: { type: "string", default: "30" },
  },
});

const store = new S3Store({ bucket: values.bucket, ...(values.endpoint ? { endpoint: values.endpoint } : {}) });
// some services ignore the conditions of a write: better to know it now
await checkStore(store);

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store,
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, and another replica runs the task at its next due time
