// Measures the memory of tasks that wait for their next run. Arguments: the contestant, and how many tasks.

import process from "node:process";
import { type ContestantName, CONTESTANTS, type Task } from "./contestants.ts";

/** Bytes. */
export interface Memory {
  readonly heap: number;
  /** What is kept beside the heap, such as the bytes of records. */
  readonly external: number;
  readonly rss: number;
}

/** So many, that code is loaded and compiled before. */
const WARM_UP = 500;

/** How many are added at once. */
const BATCH = 100;

/** How often a task was called. */
let calls = 0;

/** A function of its own for each task, as it sees a number of its own. */
function taskOf(index: number): Task {
  return () => void (calls += index < 0 ? 0 : 1);
}

async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("Cannot measure without --expose-gc: current value of gc is undefined");
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
}

async function used(): Promise<Memory> {
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss };
}

/** What one task takes. */
async function measure(contestantName: ContestantName, count: number): Promise<Memory> {
  const contestant = await CONTESTANTS[contestantName]("hour");
  const all = WARM_UP + count;
  // the arrays themselves are there before
  const [names, tasks, kept] = [0, 1, 2].map(() => new Array<unknown>(all).fill(null)) as [string[], Task[], unknown[]];
  const add = async (first: number, end: number): Promise<void> => {
    for (let index = first; index < end; index++) {
      const name = names[index] = `task-${index}`;
      const task = tasks[index] = taskOf(index);
      kept[index] = contestant.add(name, task);
      if (index % BATCH === BATCH - 1) await contestant.settle?.();
    }
    await contestant.settle?.();
  };
  await add(0, WARM_UP);
  const before = await used();
  await add(WARM_UP, all);
  const after = await used();
  // looked at after the measurement, so that nothing can be collected before it
  if (kept.includes(null) || names.length + tasks.length !== 2 * all) {
    throw new Error("Cannot measure what is not there");
  }
  if (contestant.settle && calls % all !== 0) {
    throw new Error(`Cannot measure as ${all} tasks must have run equally often: current value is ${calls} runs`);
  }
  return {
    heap: (after.heap - before.heap) / count,
    external: (after.external - before.external) / count,
    rss: (after.rss - before.rss) / count,
  };
}

const [name, count] = process.argv.slice(2);
console.log(JSON.stringify(await measure(name as ContestantName, Number(count))));
process.exit(0);
