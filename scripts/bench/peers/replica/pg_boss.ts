import { errorNote, firstSlotMs, load, nextSlotMs, type Order, type Starter, taskNames } from "./order.ts";

interface Job {
  readonly data: { readonly task: string; readonly slotMs: number };
}

/** As much of the package pg-boss as is needed. */
interface PgBoss {
  on(event: "error", listener: (error: unknown) => void): unknown;
  start(): Promise<unknown>;
  createQueue(name: string, options: object): Promise<void>;
  schedule(name: string, cron: string, data: object): Promise<void>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  work(name: string, options: object, handle: (jobs: readonly Job[]) => Promise<void>): Promise<unknown>;
}

const QUEUE = "tasks";
const HOUR_MS = 3_600_000;

/**
 * Once an hour: its own cron. More often, where that has no seconds: jobs that each put the next one into the queue, which holds
 * one job of each task at most, and one more that is running.
 */
export const startPgBoss: Starter = async (order: Order, body, tell) => {
  const { at, tasks, intervalMs, lease, pollMs, superviseMs, connections } = order;
  const { PgBoss } = await load<{ readonly PgBoss: new (options: object) => PgBoss }>("pg-boss");
  const seconds = superviseMs === undefined ? undefined : superviseMs / 1_000;
  const supervised = seconds === undefined
    ? {}
    : { superviseIntervalSeconds: seconds, monitorIntervalSeconds: seconds };
  const boss = new PgBoss({ connectionString: at, ...supervised, ...(connections ? { max: connections } : {}) });
  boss.on("error", (error) => tell(errorNote(error)));
  await boss.start();
  const key = lease?.by === "heartbeat" ? "heartbeatSeconds" : "expireInSeconds";
  await boss.createQueue(QUEUE, { policy: "stately", ...(lease ? { [key]: lease.ms / 1_000 } : {}) });
  const polling = pollMs === undefined ? {} : { pollingIntervalSeconds: pollMs / 1_000 };
  if (intervalMs === HOUR_MS) {
    await boss.work(QUEUE, polling, async ([job]) => await body(job!.data.task, job!.data.slotMs));
    await boss.schedule(QUEUE, "0 * * * *", { task: "task-0", slotMs: 0 });
    return;
  }
  const jobOf = (task: string, slotMs: number): object => {
    return { data: { task, slotMs }, startAfter: new Date(slotMs), singletonKey: task };
  };
  await boss.work(QUEUE, { ...polling, batchSize: tasks }, async (jobs) => {
    await Promise.all(jobs.map(({ data: { task, slotMs } }) => body(task, slotMs)));
    await boss.insert(QUEUE, jobs.map(({ data: { task, slotMs } }) => jobOf(task, nextSlotMs(slotMs, intervalMs))));
  });
  await boss.insert(QUEUE, taskNames(order).map((task) => jobOf(task, firstSlotMs())));
};
