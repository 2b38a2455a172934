// A process with replicas. The argument is a ReplicaRequest as JSON; each printed line is a ReplicaEvent. The process exits when its
// standard input ends, and so with its parent.

import process from "node:process";
import { startAgenda } from "./agenda.ts";
import { startBullMq } from "./bullmq.ts";
import { startGraphileWorker } from "./graphile_worker.ts";
import { startNodeCron } from "./node_cron.ts";
import { startPeriodicTask } from "./periodic_task.ts";
import { startPgBoss } from "./pg_boss.ts";
import type { ReplicaEvent, ReplicaKind, ReplicaRequest, RunTask, StartReplica } from "./protocol.ts";

const STARTERS: Readonly<Record<ReplicaKind, StartReplica>> = {
  "periodic-task": startPeriodicTask,
  BullMQ: startBullMq,
  "pg-boss": startPgBoss,
  "graphile-worker": startGraphileWorker,
  "node-cron": startNodeCron,
  agenda: startAgenda,
};

function emit(event: ReplicaEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function runTaskFor({ taskMs }: ReplicaRequest): RunTask {
  return async (task, dueMs) => {
    emit({ type: "start", task, dueMs, atMs: Date.now() });
    await new Promise((resolve) => setTimeout(resolve, taskMs));
    emit({ type: "end", task, dueMs, atMs: Date.now() });
  };
}

function emitPulse(): void {
  const { user, system } = process.cpuUsage();
  emit({ type: "pulse", cpuMs: (user + system) / 1_000, atMs: Date.now() });
}

async function main(): Promise<void> {
  process.stdin.on("end", () => process.exit());
  process.stdin.resume();
  const request: ReplicaRequest = JSON.parse(process.argv[2] ?? "");
  if (request.pulseMs !== undefined) setInterval(emitPulse, request.pulseMs);
  const start = STARTERS[request.kind];
  // one after another: some schedulers fail to create their tables at the same time
  for (let replica = 0; replica < request.replicas; replica++) await start(request, runTaskFor(request), emit);
  emit({ type: "ready" });
}

await main();
