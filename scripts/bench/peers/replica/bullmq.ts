import { errorNote, load, type Order, type Starter, taskNames } from "./order.ts";

type Errors = { on(event: "error", listener: (error: unknown) => void): unknown };

interface Job {
  readonly id: string;
  readonly data: { readonly task: string };
}

/** As much of the package bullmq as is needed. */
interface BullMq {
  readonly Queue: new (name: string, options: object) => Errors & {
    upsertJobScheduler(id: string, repeat: { every: number }, template: object): Promise<unknown>;
  };
  readonly Worker: new (name: string, handle: (job: Job) => Promise<void>, options: object) => Errors & {
    waitUntilReady(): Promise<unknown>;
  };
}

const QUEUE = "tasks";

/** A job scheduler for each task, made by every replica as the documentation has it, and one worker for all of them. */
export const startBullMq: Starter = async (order: Order, body, tell) => {
  const { at, tasks, intervalMs, lease, superviseMs } = order;
  const { Queue, Worker } = await load<BullMq>("bullmq");
  const { hostname: host, port } = new URL(at);
  const connection = { host, port: Number(port) };
  const onError = (error: unknown): void => tell(errorNote(error));
  const queue = new Queue(QUEUE, { connection });
  queue.on("error", onError);
  const handle = async ({ id, data }: Job): Promise<void> => {
    // "repeat:<scheduler>:<time>"
    await body(data.task, Number(id.split(":").at(-1)));
  };
  const worker = new Worker(QUEUE, handle, {
    connection,
    concurrency: tasks,
    ...(lease ? { lockDuration: lease.ms } : {}),
    ...(superviseMs === undefined ? {} : { stalledInterval: superviseMs }),
  });
  worker.on("error", onError);
  await worker.waitUntilReady();
  for (const task of taskNames(order)) {
    const opts = { removeOnComplete: true, removeOnFail: true };
    await queue.upsertJobScheduler(task, { every: intervalMs }, { name: "run", data: { task }, opts });
  }
};
