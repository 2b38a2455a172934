import { firstDueMs, load, nextDueMs, type ReplicaRequest, type StartReplica, taskNames } from "./protocol.ts";

interface Payload {
  readonly task: string;
  readonly dueMs: number;
}
type AddJob = (identifier: string, payload: Payload, spec: object) => Promise<unknown>;
type Handle = (payload: Payload, helpers: { readonly addJob: AddJob }) => Promise<void>;

/** The parts of the package graphile-worker that are used. */
interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  run(options: object): Promise<{ readonly addJob: AddJob; readonly promise: Promise<void> }>;
}

const HOUR_MS = 3_600_000;
/** How many jobs of one process run at once. */
const CONCURRENCY = 10;

/** Once an hour: its own cron. More often, as its cron has no seconds: jobs that each add the next one with the task as key. */
export const startGraphileWorker: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, tasks, intervalMs, pollMs, connections } = request;
  const { Logger, run } = await load<GraphileWorker>("graphile-worker");
  const specOf = (task: string, dueMs: number): object => ({ jobKey: task, runAt: new Date(dueMs) });
  const handle: Handle = async ({ task, dueMs }, { addJob }) => {
    await runTask(task, dueMs);
    const nextMs = nextDueMs(dueMs, intervalMs);
    await addJob("run", { task, dueMs: nextMs }, specOf(task, nextMs));
  };
  const isHourly = intervalMs === HOUR_MS;
  const runner = await run({
    connectionString: storeUrl,
    concurrency: Math.min(tasks, CONCURRENCY),
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    taskList: { run: handle, hourly: () => runTask("task-0", 0) },
    crontab: isHourly ? "0 * * * * hourly" : "",
    ...(connections ? { maxPoolSize: connections } : {}),
    ...(pollMs === undefined ? {} : { pollInterval: pollMs }),
  });
  const emitStopped = (text: string): void => emit({ type: "stopped", text, atMs: Date.now() });
  runner.promise.then(() => emitStopped("the runner has ended"), (error) => emitStopped(String(error)));
  if (isHourly) return;
  for (const task of taskNames(request)) {
    const dueMs = firstDueMs();
    await runner.addJob("run", { task, dueMs }, { ...specOf(task, dueMs), jobKeyMode: "unsafe_dedupe" });
  }
};
