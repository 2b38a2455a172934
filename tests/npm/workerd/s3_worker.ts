/** A Cloudflare Worker that runs a task with a record in S3: bundled, and run by workerd. */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { S3Store } from "@neat/periodic-task/stores/s3";

interface Worker {
  fetch(request: Request): Promise<Response>;
}

const worker: Worker = {
  // the path is the address of the service
  fetch: async ({ url }) => {
    const endpoint = decodeURIComponent(new URL(url).pathname.slice(1));
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "s3",
      interval: { hours: 1 },
      timeout: { seconds: 30 },
      store: new S3Store({
        bucket: "bucket",
        region: "us-east-1",
        endpoint,
        credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalr/XUtnFEMI+K7MDENG" },
      }),
      log: { info() {}, warn() {}, error() {} },
      task: () => {},
    });
    const { outcome, error } = await scheduler.trigger().catch((error) => ({ outcome: "none", error }));
    const { term } = await scheduler.status();
    return Response.json({ outcome, error: error && `${error}`, term });
  },
};

export default worker;
