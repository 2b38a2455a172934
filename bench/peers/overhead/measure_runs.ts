// Measures the cost of runs on a store, or of their two writes without a scheduler, or the share of due runs that take place. The
// argument is a RunsRequest as JSON; prints a Cost or Met as JSON.

import process from "node:process";
import { setImmediate } from "node:timers";
import type { Cost, Met, RunsRequest } from "./request.ts";
import { type RunOnce, runsOf, startSpread } from "./runs.ts";
import { openStore } from "./stores.ts";

/** How often timers get a turn, which runs on a store in memory would never leave them. */
const TURN = 100;

/** The time in which delays of the first runs end, and the most by which a run may be late: each at most an interval. */
const SETTLE_MS = 2_000;
const LATE_MS = 3_000;

type Continuous = NonNullable<RunsRequest["continuous"]>;

/** Runs task after task for some time and returns the number of runs. */
async function runFor(ms: number, run: (turn: number) => Promise<void>, atOnce: number): Promise<number> {
  const endMs = performance.now() + ms;
  let started = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const turn = started++;
      await run(turn);
      if (turn % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return started;
}

async function measureCost(
  { tasks, totalMs }: RunsRequest,
  { atOnce, warmUpMs }: Continuous,
  once: RunOnce,
): Promise<Cost> {
  const busy = new Set<number>();
  const run = async (turn: number): Promise<void> => {
    let task = turn % tasks;
    // no task may have two runs at once, and calls that share a round trip may be overtaken
    while (busy.has(task)) task = (task + 1) % tasks;
    busy.add(task);
    await once(task);
    busy.delete(task);
  };
  await runFor(warmUpMs, run, Math.min(atOnce, tasks));
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const runs = await runFor(totalMs, run, Math.min(atOnce, tasks));
  const wallUs = (performance.now() - startedMs) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { runsPerSecond: runs / wallUs * 1e6, wallUs: wallUs / runs, cpuUs: (user + system) / runs };
}

async function measureMet(request: RunsRequest): Promise<Met> {
  const { store, location, tasks, totalMs, intervalMs = 0 } = request;
  let [met, fromMs, toMs] = [0, Infinity, -Infinity];
  await startSpread(await openStore(store, location), tasks, intervalMs, ({ scheduled }) => {
    if (scheduled.getTime() >= fromMs && scheduled.getTime() < toMs) met++;
  });
  // first runs take longer than the others
  fromMs = Date.now() + Math.min(intervalMs, SETTLE_MS);
  // whole intervals, as tasks that were started late are not spread evenly
  toMs = fromMs + totalMs;
  await new Promise((resolve) => setTimeout(resolve, toMs + Math.min(intervalMs, LATE_MS) - Date.now()));
  return { share: met / (tasks * totalMs / intervalMs) };
}

async function measure(request: RunsRequest): Promise<Cost | Met> {
  const { store, location, tasks, continuous } = request;
  if (!continuous) return await measureMet(request);
  const once = await runsOf(await openStore(store, location), continuous.writer, tasks);
  return await measureCost(request, continuous, once);
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(JSON.parse(Deno.args[0] ?? "") as RunsRequest)));
  Deno.exit(0);
}
