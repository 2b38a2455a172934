import { errorEvent, load, type ReplicaRequest, type StartReplica, taskNames } from "./protocol.ts";

type Errors = { on(event: "error", listener: (error: unknown) => void): unknown };

interface Job {
  readonly id: string;
  readonly data: { readonly task: string };
}

/** The parts of the package bullmq that are used. */
interface BullMq {
  readonly Queue: new (name: string, options: object) => Errors & {
    upsertJobScheduler(id: string, repeat: { every: number }, template: object): Promise<unknown>;
  };
  readonly Worker: new (name: string, handle: (job: Job) => Promise<void>, options: object) => Errors & {
    waitUntilReady(): Promise<unknown>;
  };
}

const QUEUE = "tasks";

/** A job scheduler for each task, upserted by every replica as in the documentation, and one worker for all tasks. */
export const startBullMq: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, tasks, intervalMs, lease, superviseMs } = request;
  const { Queue, Worker } = await load<BullMq>("bullmq");
  const { hostname: host, port } = new URL(storeUrl);
  const connection = { host, port: Number(port) };
  const onError = (error: unknown): void => emit(errorEvent(error));
  const queue = new Queue(QUEUE, { connection });
  queue.on("error", onError);
  const handle = async ({ id, data }: Job): Promise<void> => {
    // "repeat:<scheduler>:<time>"
    await runTask(data.task, Number(id.split(":").at(-1)));
  };
  const worker = new Worker(QUEUE, handle, {
    connection,
    concurrency: tasks,
    ...(lease ? { lockDuration: lease.ms } : {}),
    ...(superviseMs === undefined ? {} : { stalledInterval: superviseMs }),
  });
  worker.on("error", onError);
  await worker.waitUntilReady();
  for (const task of taskNames(request)) {
    const opts = { removeOnComplete: true, removeOnFail: true };
    await queue.upsertJobScheduler(task, { every: intervalMs }, { name: "run", data: { task }, opts });
  }
};
