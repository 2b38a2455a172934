// Measures the memory of many items of one kind. Arguments: the item, and how many.

import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { collectGarbage, printFigures } from "./child_process.ts";
import { type MinimalOptions, minimalOptions, startAll } from "./schedulers.ts";

/** What is measured. */
export type Item = "bare" | "options" | "constructed" | "idle";

/** Bytes. */
export interface Memory {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

/** Makes an item for each element of the array, which keeps them alive. */
type Maker = (kept: unknown[]) => void | Promise<void>;

const HOUR = 3_600_000;
const WARM_UP = 1_000;

/** How often a callback was called. */
let calls = 0;

/** Returns a closure of its own for each item. */
function callback(index: number): () => void {
  return () => void (calls += index < 0 ? 0 : 1);
}

function options(index: number): MinimalOptions {
  return minimalOptions(`task-${index}`, HOUR, callback(index));
}

function fill(kept: unknown[], make: (index: number) => unknown): void {
  for (let index = 0; index < kept.length; index++) kept[index] = make(index);
}

const MAKERS: { readonly [item in Item]: Maker } = {
  bare: (kept) => fill(kept, (index) => setTimeout(callback(index), HOUR)),
  options: (kept) => fill(kept, options),
  constructed: (kept) => fill(kept, (index) => new NeatPeriodicTaskScheduler(options(index))),
  idle: async (kept) => {
    fill(kept, (index) => new NeatPeriodicTaskScheduler(options(index)));
    const callsBefore = calls;
    await startAll(kept as NeatPeriodicTaskScheduler[]);
    const runs = calls - callsBefore;
    if (runs !== kept.length) {
      throw new Error(`Cannot measure as ${kept.length} schedulers must run once each: current value is ${runs} runs`);
    }
  },
};

/** Returns the memory in use after a garbage collection. */
async function used(): Promise<Memory> {
  await collectGarbage();
  const { heapUsed, external, rss } = Deno.memoryUsage();
  return { heap: heapUsed, external, rss };
}

/** Measures the memory of one item. */
async function measure(item: Item, count: number): Promise<Memory> {
  // the arrays are filled before the measurement, and the first items load and compile the code
  const [warmUp, kept] = [new Array<unknown>(WARM_UP).fill(null), new Array<unknown>(count).fill(null)];
  await MAKERS[item](warmUp);
  const before = await used();
  await MAKERS[item](kept);
  const after = await used();
  // used after the measurement, so that nothing is collected before it
  if (warmUp.includes(null) || kept.includes(null)) throw new Error("Cannot measure items that were not made");
  return {
    heap: (after.heap - before.heap) / count,
    external: (after.external - before.external) / count,
    rss: (after.rss - before.rss) / count,
  };
}

if (import.meta.main) await printFigures(() => measure(Deno.args[0] as Item, Number(Deno.args[1])));
