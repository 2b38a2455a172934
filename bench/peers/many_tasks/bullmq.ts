import { load } from "../replicas/protocol.ts";
import { type BurstJob, type BurstRequest, firstJobs, JobCollector, nextJob, type StartBurst } from "./burst.ts";

interface Listening {
  on(event: string, listener: (error: unknown) => void): unknown;
}

interface BullMq {
  readonly Queue: new (name: string, options: object) => Listening & {
    addBulk(jobs: readonly object[]): Promise<unknown>;
  };
  readonly Worker: new (
    name: string,
    handle: (job: { readonly data: BurstJob }) => Promise<void>,
    options: object,
  ) => Listening & { waitUntilReady(): Promise<unknown> };
}

const QUEUE = "tasks";
const BATCH = 500;

/** Delayed jobs that are added in batches; a worker fetches the next job with the completion of another one. */
export const startBullMq: StartBurst = async (request: BurstRequest, { onRun, onDone }) => {
  const { Queue, Worker } = await load<BullMq>("bullmq");
  const { hostname: host, port } = new URL(request.storeUrl);
  const connection = { host, port: Number(port) };
  const queue = new Queue(QUEUE, { connection });
  const add = (jobs: readonly BurstJob[]): Promise<unknown> =>
    queue.addBulk(jobs.map((data) => {
      const delay = Math.max(0, data.dueMs - Date.now());
      return { name: "run", data, opts: { delay, removeOnComplete: true, removeOnFail: true } };
    }));
  const first = firstJobs(request);
  for (let index = 0; index < first.length; index += BATCH) await add(first.slice(index, index + BATCH));
  const collector = new JobCollector(request.tasks, BATCH, add);
  const handle = async ({ data }: { readonly data: BurstJob }): Promise<void> => {
    onRun();
    await collector.add(nextJob(data));
  };
  const worker = new Worker(QUEUE, handle, { connection, concurrency: 1_000 });
  for (const one of [queue, worker]) one.on("error", (error) => console.error(error));
  worker.on("completed", () => onDone(1));
  await worker.waitUntilReady();
};
