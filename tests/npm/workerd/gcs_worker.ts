/** A Cloudflare Worker that runs a task with a record in Cloud Storage: bundled, and run by workerd. */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { GcsStore } from "@neat/periodic-task/stores/gcs";

interface Worker {
  fetch(request: Request): Promise<Response>;
}

const worker: Worker = {
  // the path is the address of the service
  fetch: async ({ url }) => {
    const apiEndpoint = decodeURIComponent(new URL(url).pathname.slice(1));
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "gcs",
      interval: { hours: 1 },
      timeout: { seconds: 30 },
      store: new GcsStore({ bucket: "bucket", apiEndpoint, token: () => "token" }),
      log: { info() {}, warn() {}, error() {} },
      task: () => {},
    });
    const { outcome, error } = await scheduler.trigger().catch((error) => ({ outcome: "none", error }));
    const { term } = await scheduler.status();
    return Response.json({ outcome, error: error && `${error}`, term });
  },
};

export default worker;
