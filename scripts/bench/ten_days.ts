import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { Original } from "./original.ts";
import { optionsOf } from "./schedulers.ts";
import { goal, printTable, printTitle } from "./report.ts";
import { VirtualTime } from "./virtual_time.ts";

const DAYS = 10;
const END_MS = DAYS * 86_400_000;
const INTERVAL_MS = 3_600_000;
const TASK_MS = 60_000;

/** What must come of it: the original is modelled well only if it makes as many runs as it is known to. */
const RUNS = { ours: 240, original: 237 };
const GOAL_MS = 1_000;

/** When our scheduler, the real one, starts its runs. */
async function ourStarts(): Promise<number[]> {
  const time = new VirtualTime();
  const startsMs: number[] = [];
  const options = optionsOf("hourly", INTERVAL_MS, async () => {
    startsMs.push(time.nowMs);
    await time.delay(TASK_MS);
  });
  // the options' timeout is as long as the task
  const scheduler = new NeatPeriodicTaskScheduler({ ...options, timeout: 2 * TASK_MS, clock: time.clock() });
  scheduler.start();
  await time.runUntil(END_MS);
  await scheduler.stop();
  return startsMs;
}

/** When the original would start its runs in one process, with a store that takes no time. */
async function originalStarts(): Promise<number[]> {
  const time = new VirtualTime();
  const startsMs: number[] = [];
  const task = async (): Promise<void> => {
    startsMs.push(time.nowMs);
    await time.delay(TASK_MS);
  };
  const options = { name: "hourly", interval: INTERVAL_MS, timeout: 2 * TASK_MS, task };
  void new Original({ ...options, store: new MemoryStore(), clock: time.clock() }).start();
  await time.runUntil(END_MS);
  return startsMs;
}

/** How late each run was for its slot: the first slot is at the start, and a slot comes every interval. */
function latenesses(startsMs: number[]): number[] {
  return startsMs.map((startMs, index) => startMs - index * INTERVAL_MS);
}

function row(name: string, startsMs: number[], remark = ""): string[] {
  const lateMs = latenesses(startsMs);
  const figures = [Math.max(...lateMs), lateMs.at(-1) ?? NaN].map((ms) => `${(ms / 1_000).toFixed(3)} s`);
  return [name, String(startsMs.length), ...figures, remark];
}

/** Prints how well an hourly task keeps its slots over ten days, beside the original. */
export async function benchTenDays(): Promise<void> {
  printTitle(
    `${DAYS} days in simulated time: interval ${INTERVAL_MS / 60_000} min, task ${TASK_MS / 1_000} s`,
    "original: a model of its published algorithm, with its defaults",
  );
  const ours = await ourStarts();
  const original = await originalStarts();
  const isMet = Math.max(...latenesses(ours)) <= GOAL_MS;
  printTable(["", "runs", "largest lateness", "drift at the end"], [
    row("this package", ours, goal(isMet, `within ${GOAL_MS / 1_000} s of the slot`)),
    row("original", original),
  ]);
  if (ours.length !== RUNS.ours || original.length !== RUNS.original) {
    throw new Error(
      `Cannot accept the runs as there must be ${RUNS.ours}, and ${RUNS.original} of the original's: ` +
        `current value is ${ours.length} and ${original.length}`,
    );
  }
}
