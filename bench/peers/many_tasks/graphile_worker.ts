import { load } from "../replicas/protocol.ts";
import { type BurstJob, type BurstRequest, firstJobs, JobCollector, nextJob, type StartBurst } from "./burst.ts";

interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  run(options: object): Promise<{ readonly events: { on(event: "job:complete", listener: () => void): unknown } }>;
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>;
    addJobs(jobs: readonly object[]): Promise<unknown>;
  }>;
}

const BATCH = 500;

/** Jobs that are fetched, completed and added in batches. */
export const startGraphileWorker: StartBurst = async (request: BurstRequest, { onRun, onDone }) => {
  const { Logger, makeWorkerUtils, run } = await load<GraphileWorker>("graphile-worker");
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: request.storeUrl, logger });
  await utils.migrate();
  const add = (jobs: readonly BurstJob[]): Promise<unknown> =>
    utils.addJobs(jobs.map((payload) => {
      return { identifier: "run", payload, jobKey: payload.task, runAt: new Date(payload.dueMs) };
    }));
  const first = firstJobs(request);
  for (let index = 0; index < first.length; index += BATCH) await add(first.slice(index, index + BATCH));
  const collector = new JobCollector(request.tasks, BATCH, add);
  const runner = await run({
    noHandleSignals: true,
    logger,
    taskList: {
      run: async (job: BurstJob) => {
        onRun();
        await collector.add(nextJob(job));
      },
    },
    crontab: "",
    preset: {
      worker: {
        connectionString: request.storeUrl,
        concurrentJobs: 100,
        pollInterval: 500,
        localQueue: { size: BATCH },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  runner.events.on("job:complete", () => onDone(1));
};
