// Measures what runs cost in one place, or what their two writes cost there without a scheduler, or how many of the runs that
// are due a process keeps. The argument is an Order as JSON; prints a Cost or Kept as JSON.

import process from "node:process";
import { setImmediate } from "node:timers";
import type { Cost, Kept, Order } from "./order.ts";
import { openPlace } from "./places.ts";
import { type RunOnce, runsOf, startSpread } from "./runs.ts";

/** How often anything else has its turn, which a place in memory would never let it have. */
const TURN = 100;

/** What the first runs have held up comes right within this, and a run that is due may be so late: each at most an interval. */
const SETTLE_MS = 2_000;
const LATE_MS = 3_000;

/** Runs task after task for a time; answers with how many runs there were. */
async function runFor(ms: number, run: (turn: number) => Promise<void>, atOnce: number): Promise<number> {
  const endMs = performance.now() + ms;
  let begun = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const turn = begun++;
      await run(turn);
      if (turn % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return begun;
}

async function measureCost({ back, tasks, totalMs }: Order, once: RunOnce): Promise<Cost> {
  const { atOnce, warmUpMs } = back!;
  const run = (turn: number): Promise<void> => once(turn % tasks);
  // what the warm-up ends with, the measurement goes on with: no task may have two runs at once
  await runFor(warmUpMs, run, Math.min(atOnce, tasks));
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const runs = await runFor(totalMs, run, Math.min(atOnce, tasks));
  const wallUs = (performance.now() - startedMs) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { runsPerSecond: runs / wallUs * 1e6, wallUs: wallUs / runs, cpuUs: (user + system) / runs };
}

async function measureKept(order: Order): Promise<Kept> {
  const { place, at, tasks, totalMs, intervalMs = 0 } = order;
  let [kept, fromMs, toMs] = [0, Infinity, -Infinity];
  await startSpread(await openPlace(place, at), tasks, intervalMs, ({ scheduled }) => {
    if (scheduled.getTime() >= fromMs && scheduled.getTime() < toMs) kept++;
  });
  // first runs take longer than the others
  fromMs = Date.now() + Math.min(intervalMs, SETTLE_MS);
  // whole intervals, as tasks that were started late lie no more evenly
  toMs = fromMs + totalMs;
  await new Promise((resolve) => setTimeout(resolve, toMs + Math.min(intervalMs, LATE_MS) - Date.now()));
  return { share: kept / (tasks * totalMs / intervalMs) };
}

async function measure(order: Order): Promise<Cost | Kept> {
  if (!order.back) return await measureKept(order);
  const once = await runsOf(await openPlace(order.place, order.at), order.back.writer, order.tasks);
  return await measureCost(order, once);
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(JSON.parse(Deno.args[0]!) as Order)));
  Deno.exit(0);
}
