import {
  errorEvent,
  firstDueMs,
  load,
  nextDueMs,
  type ReplicaRequest,
  type StartReplica,
  taskNames,
} from "./protocol.ts";

interface Job {
  readonly data: { readonly task: string; readonly dueMs: number };
}

/** The parts of the package pg-boss that are used. */
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
 * Once an hour: its own cron. More often, as its cron has no seconds: jobs that each insert the next one into the queue, which
 * holds at most one waiting and one running job of each task.
 */
export const startPgBoss: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, tasks, intervalMs, lease, pollMs, superviseMs, connections } = request;
  const { PgBoss } = await load<{ readonly PgBoss: new (options: object) => PgBoss }>("pg-boss");
  const seconds = superviseMs === undefined ? undefined : superviseMs / 1_000;
  const supervised = seconds === undefined
    ? {}
    : { superviseIntervalSeconds: seconds, monitorIntervalSeconds: seconds };
  const boss = new PgBoss({ connectionString: storeUrl, ...supervised, ...(connections ? { max: connections } : {}) });
  boss.on("error", (error) => emit(errorEvent(error)));
  await boss.start();
  const key = lease?.by === "heartbeat" ? "heartbeatSeconds" : "expireInSeconds";
  await boss.createQueue(QUEUE, { policy: "stately", ...(lease ? { [key]: lease.ms / 1_000 } : {}) });
  const polling = pollMs === undefined ? {} : { pollingIntervalSeconds: pollMs / 1_000 };
  if (intervalMs === HOUR_MS) {
    await boss.work(
      QUEUE,
      polling,
      async (jobs) => void await Promise.all(jobs.map(({ data: { task, dueMs } }) => runTask(task, dueMs))),
    );
    await boss.schedule(QUEUE, "0 * * * *", { task: "task-0", dueMs: 0 });
    return;
  }
  const jobOf = (task: string, dueMs: number): object => {
    return { data: { task, dueMs }, startAfter: new Date(dueMs), singletonKey: task };
  };
  await boss.work(QUEUE, { ...polling, batchSize: tasks }, async (jobs) => {
    await Promise.all(jobs.map(({ data: { task, dueMs } }) => runTask(task, dueMs)));
    await boss.insert(QUEUE, jobs.map(({ data: { task, dueMs } }) => jobOf(task, nextDueMs(dueMs, intervalMs))));
  });
  await boss.insert(QUEUE, taskNames(request).map((task) => jobOf(task, firstDueMs())));
};
