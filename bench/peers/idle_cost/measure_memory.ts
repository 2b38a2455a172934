// Measures the memory of tasks that wait for their next run. Arguments: the candidate and the number of tasks.

import process from "node:process";
import { type CandidateName, CANDIDATES, type Task } from "../in_process/candidates.ts";

/** Bytes. */
export interface Memory {
  readonly heap: number;
  /** Memory beside the heap, such as the bytes of records. */
  readonly external: number;
  readonly rss: number;
}

/** The first tasks load and compile the code. */
const WARM_UP = 500;

/** How many are added at once. */
const BATCH = 100;

/** How often a task was called. */
let calls = 0;

/** Returns a function of its own for each task. */
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

/** Measures the memory of one task. */
async function measure(candidateName: CandidateName, count: number): Promise<Memory> {
  const candidate = await CANDIDATES[candidateName]("hour");
  const all = WARM_UP + count;
  // the arrays are filled before the measurement
  const [names, tasks, kept] = [0, 1, 2].map(() => new Array<unknown>(all).fill(null)) as [string[], Task[], unknown[]];
  const add = async (first: number, end: number): Promise<void> => {
    for (let index = first; index < end; index++) {
      const name = names[index] = `task-${index}`;
      const task = tasks[index] = taskOf(index);
      kept[index] = candidate.add(name, task);
      if (index % BATCH === BATCH - 1) await candidate.settle?.();
    }
    await candidate.settle?.();
  };
  await add(0, WARM_UP);
  const before = await used();
  await add(WARM_UP, all);
  const after = await used();
  // used after the measurement, so that nothing is collected before it
  if (kept.includes(null) || names.length + tasks.length !== 2 * all) {
    throw new Error("Cannot measure what is not there");
  }
  if (candidate.settle && calls % all !== 0) {
    throw new Error(`Cannot measure as ${all} tasks must have run equally often: current value is ${calls} runs`);
  }
  return {
    heap: (after.heap - before.heap) / count,
    external: (after.external - before.external) / count,
    rss: (after.rss - before.rss) / count,
  };
}

const [name, count] = process.argv.slice(2);
console.log(JSON.stringify(await measure(name as CandidateName, Number(count))));
process.exit(0);
