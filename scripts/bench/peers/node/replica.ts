// Is some replicas in a process of its own. The argument is an Order as JSON; each line that it prints is a Note. It ends when its
// standard input does, and so with its parent.

import process from "node:process";
import { startAgenda } from "../replica/agenda.ts";
import { startBullMq } from "../replica/bullmq.ts";
import { startGraphileWorker } from "../replica/graphile_worker.ts";
import { startNodeCron } from "../replica/node_cron.ts";
import type { Body, ContestantName, Note, Order, Starter } from "../replica/order.ts";
import { startOurs } from "../replica/ours.ts";
import { startPgBoss } from "../replica/pg_boss.ts";

const STARTERS: Readonly<Record<ContestantName, Starter>> = {
  ours: startOurs,
  BullMQ: startBullMq,
  "pg-boss": startPgBoss,
  "graphile-worker": startGraphileWorker,
  "node-cron": startNodeCron,
  agenda: startAgenda,
};

function tell(note: Note): void {
  process.stdout.write(`${JSON.stringify(note)}\n`);
}

function bodyOf({ taskMs }: Order): Body {
  return async (task, slotMs) => {
    tell({ what: "start", task, slotMs, atMs: Date.now() });
    await new Promise((resolve) => setTimeout(resolve, taskMs));
    tell({ what: "end", task, slotMs, atMs: Date.now() });
  };
}

function pulse(): void {
  const { user, system } = process.cpuUsage();
  tell({ what: "pulse", cpuMs: (user + system) / 1_000, atMs: Date.now() });
}

async function main(): Promise<void> {
  process.stdin.on("end", () => process.exit());
  process.stdin.resume();
  const order: Order = JSON.parse(process.argv[2]!);
  if (order.pulseMs !== undefined) setInterval(pulse, order.pulseMs);
  const start = STARTERS[order.contestant];
  // one after another: some can't make their tables while others do
  for (let replica = 0; replica < order.replicas; replica++) await start(order, bodyOf(order), tell);
  tell({ what: "ready" });
}

await main();
