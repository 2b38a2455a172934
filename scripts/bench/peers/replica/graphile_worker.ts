import { firstSlotMs, load, nextSlotMs, type Order, type Starter, taskNames } from "./order.ts";

interface Payload {
  readonly task: string;
  readonly slotMs: number;
}
type AddJob = (identifier: string, payload: Payload, spec: object) => Promise<unknown>;
type Handle = (payload: Payload, helpers: { readonly addJob: AddJob }) => Promise<void>;

/** As much of the package graphile-worker as is needed. */
interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  run(options: object): Promise<{ readonly addJob: AddJob; readonly promise: Promise<void> }>;
}

const HOUR_MS = 3_600_000;
/** Of the jobs of one process, at once. */
const CONCURRENCY = 10;

/** Once an hour: its own cron. More often, where that has no seconds: jobs that each add the next one, by the task's name as key. */
export const startGraphileWorker: Starter = async (order: Order, body, tell) => {
  const { at, tasks, intervalMs, pollMs, connections } = order;
  const { Logger, run } = await load<GraphileWorker>("graphile-worker");
  const specOf = (task: string, slotMs: number): object => ({ jobKey: task, runAt: new Date(slotMs) });
  const handle: Handle = async ({ task, slotMs }, { addJob }) => {
    await body(task, slotMs);
    const nextMs = nextSlotMs(slotMs, intervalMs);
    await addJob("run", { task, slotMs: nextMs }, specOf(task, nextMs));
  };
  const isHourly = intervalMs === HOUR_MS;
  const runner = await run({
    connectionString: at,
    concurrency: Math.min(tasks, CONCURRENCY),
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    taskList: { run: handle, hourly: () => body("task-0", 0) },
    crontab: isHourly ? "0 * * * * hourly" : "",
    ...(connections ? { maxPoolSize: connections } : {}),
    ...(pollMs === undefined ? {} : { pollInterval: pollMs }),
  });
  const over = (text: string): void => tell({ what: "over", text, atMs: Date.now() });
  runner.promise.then(() => over("it has ended"), (error) => over(String(error)));
  if (isHourly) return;
  for (const task of taskNames(order)) {
    const slotMs = firstSlotMs();
    await runner.addJob("run", { task, slotMs }, { ...specOf(task, slotMs), jobKeyMode: "unsafe_dedupe" });
  }
};
