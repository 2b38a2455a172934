// Measures tasks that are all due within one second. The argument is a BurstRequest as JSON; prints BurstFigures as JSON.

import process from "node:process";
import { startBullMq } from "./bullmq.ts";
import { type BurstFigures, type BurstKind, type BurstRequest, QUIET_MS, type StartBurst } from "./burst.ts";
import { startGraphileWorker } from "./graphile_worker.ts";
import { startPeriodicTask } from "./periodic_task.ts";
import { startPgBoss } from "./pg_boss.ts";

const STARTS: Readonly<Record<BurstKind, StartBurst>> = {
  "periodic-task": startPeriodicTask,
  "pg-boss": startPgBoss,
  "graphile-worker": startGraphileWorker,
  "BullMQ": startBullMq,
};

/** How long before the first due time CPU time counts. */
const BEFORE_MS = 500;

function until(timeMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, timeMs - Date.now()));
}

async function measure(request: BurstRequest): Promise<BurstFigures> {
  const { kind, tasks, beginMs, endMs } = request;
  let [calls, runs, lastMs] = [0, 0, beginMs];
  let from = process.cpuUsage();
  let cpu = from;
  const onDone = (count: number): void => {
    runs += count;
    lastMs = Date.now();
    cpu = process.cpuUsage(from);
  };
  await STARTS[kind](request, { onRun: () => void calls++, onDone });
  const lateMs = Date.now() + QUIET_MS - beginMs;
  if (lateMs > 0) throw new Error(`Cannot measure as the tasks were prepared too late: current value is ${lateMs} ms`);
  await until(beginMs - BEFORE_MS);
  from = process.cpuUsage();
  await until(endMs);
  if (calls > tasks) throw new Error(`Cannot measure as tasks have run twice: current value is ${calls} runs`);
  return { runs, wallMs: lastMs - beginMs, cpuMs: (cpu.user + cpu.system) / 1_000 };
}

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? "") as BurstRequest)));
process.exit(0);
