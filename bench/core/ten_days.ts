import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { DartReplica } from "../../src/simulator/dart_replica.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";
import { goal, printTable, printTitle } from "../report/print_table.ts";
import { minimalOptions } from "./schedulers.ts";

const DAYS = 10;
const END_MS = DAYS * 86_400_000;
const INTERVAL_MS = 3_600_000;
const TASK_MS = 60_000;

/** The expected runs. The original is known to make 237, so the model must make as many. */
const RUNS = { ours: 240, original: 237 };
const GOAL_MS = 1_000;

/** Returns when our scheduler starts its runs. */
async function ourStarts(): Promise<number[]> {
  const clock = new VirtualClock();
  const startsMs: number[] = [];
  const options = minimalOptions("hourly", INTERVAL_MS, async () => {
    startsMs.push(clock.elapsedMs);
    await clock.delay(TASK_MS);
  });
  // the timeout of minimalOptions is as long as the task
  const scheduler = new NeatPeriodicTaskScheduler({ ...options, timeout: 2 * TASK_MS, clock });
  scheduler.start();
  await clock.runUntil(END_MS);
  await scheduler.stop();
  return startsMs;
}

/** Returns when the original would start its runs in one process, with a store that takes no time. */
async function originalStarts(): Promise<number[]> {
  const clock = new VirtualClock();
  const startsMs: number[] = [];
  const task = async (): Promise<void> => {
    startsMs.push(clock.elapsedMs);
    await clock.delay(TASK_MS);
  };
  const options = { name: "hourly", intervalMs: INTERVAL_MS, timeoutMs: 2 * TASK_MS, task };
  void new DartReplica({ ...options, store: new MemoryStore(), clock }).start();
  await clock.runUntil(END_MS);
  return startsMs;
}

/** Returns how late each run was. The first is due at the start, the others an interval apart. */
function latenesses(startsMs: readonly number[]): number[] {
  return startsMs.map((startMs, index) => startMs - index * INTERVAL_MS);
}

function row(name: string, startsMs: readonly number[], remark = ""): string[] {
  const lateMs = latenesses(startsMs);
  const figures = [Math.max(...lateMs), lateMs.at(-1) ?? NaN].map((ms) => `${(ms / 1_000).toFixed(3)} s`);
  return [name, String(startsMs.length), ...figures, remark];
}

/** Prints how late the runs of an hourly task start over ten days, beside the original. */
export async function benchTenDays(): Promise<void> {
  printTitle(
    `${DAYS} days in simulated time: interval ${INTERVAL_MS / 60_000} min, task ${TASK_MS / 1_000} s`,
    "original: a model of its published algorithm, with its defaults",
  );
  const ours = await ourStarts();
  const original = await originalStarts();
  const isMet = Math.max(...latenesses(ours)) <= GOAL_MS;
  printTable(["", "runs", "largest lateness", "drift at the end"], [
    row("this package", ours, goal(isMet, `within ${GOAL_MS / 1_000} s of the due time`)),
    row("original", original),
  ]);
  if (ours.length !== RUNS.ours || original.length !== RUNS.original) {
    throw new Error(
      `Cannot accept the runs as there must be ${RUNS.ours}, and ${RUNS.original} of the original: ` +
        `current value is ${ours.length} and ${original.length}`,
    );
  }
}
