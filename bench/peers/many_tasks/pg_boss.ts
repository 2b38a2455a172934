import { load } from "../replicas/protocol.ts";
import { type BurstJob, type BurstRequest, firstJobs, nextJob, type StartBurst } from "./burst.ts";

interface PgBoss {
  on(event: "error", listener: (error: unknown) => void): unknown;
  start(): Promise<unknown>;
  createQueue(name: string, options: object): Promise<void>;
  insert(name: string, jobs: readonly object[]): Promise<unknown>;
  work(
    name: string,
    options: object,
    handle: (jobs: readonly { readonly data: BurstJob }[]) => Promise<void>,
  ): Promise<unknown>;
}

const QUEUE = "tasks";
const BATCH = 1_000;

/**
 * Jobs that are fetched, completed and inserted a thousand at a time, with the shortest interval that it allows between two fetches, and
 * none between fetches of full batches.
 *
 * Its other settings for speed would not help: `LISTEN/NOTIFY` tells of jobs that are inserted, not of those that become due, and more
 * workers (`localConcurrency`) are more fetches that find the same jobs taken, as the task does nothing. The policy "stately" lets a task
 * have one job that waits and one that is active, so that it runs once at a time, as the tasks of the others do.
 */
export const startPgBoss: StartBurst = async (request: BurstRequest, { onRun, onDone }) => {
  const { PgBoss } = await load<{ readonly PgBoss: new (options: object) => PgBoss }>("pg-boss");
  const boss = new PgBoss({ connectionString: request.storeUrl });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE, { policy: "stately" });
  const insert = async (jobs: readonly BurstJob[]): Promise<void> => {
    const rows = jobs.map((data) => ({ data, startAfter: new Date(data.dueMs), singletonKey: data.task }));
    for (let first = 0; first < rows.length; first += BATCH) {
      await boss.insert(QUEUE, rows.slice(first, first + BATCH));
    }
  };
  await insert(firstJobs(request));
  const options = { pollingIntervalSeconds: 0.5, batchSize: BATCH, burstWhenBatchFull: true };
  await boss.work(QUEUE, options, async (jobs) => {
    for (const _ of jobs) onRun();
    await insert(jobs.map(({ data }) => nextJob(data)));
    onDone(jobs.length);
  });
};
