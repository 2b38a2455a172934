// Measures the memory of many items of one kind. Arguments: the kind, and how many.

import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { answer, collectGarbage } from "./child.ts";
import { type LeastOptions, optionsOf, startAll } from "./schedulers.ts";

/** What is measured. */
export type Kind = "bare" | "options" | "constructed" | "idle";

/** Bytes. */
export interface Memory {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

/** Makes items that stay alive, one for each place of the array, which keeps them. */
type Maker = (kept: unknown[]) => void | Promise<void>;

const HOUR = 3_600_000;
const WARM_UP = 1_000;

/** How often a callback was called. */
let calls = 0;

/** A callback that is a closure of its own, as it sees a number of its own. */
function callback(index: number): () => void {
  return () => void (calls += index < 0 ? 0 : 1);
}

function options(index: number): LeastOptions {
  return optionsOf(`task-${index}`, HOUR, callback(index));
}

function fill(kept: unknown[], make: (index: number) => unknown): void {
  for (let index = 0; index < kept.length; index++) kept[index] = make(index);
}

const MAKERS: { readonly [kind in Kind]: Maker } = {
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

/** What is in use when nothing is left to collect. */
async function used(): Promise<Memory> {
  await collectGarbage();
  const { heapUsed, external, rss } = Deno.memoryUsage();
  return { heap: heapUsed, external, rss };
}

/** What one item takes. */
async function measure(kind: Kind, count: number): Promise<Memory> {
  // filled, so that the arrays themselves are there before; the first, so that code is loaded and compiled before
  const [early, kept] = [WARM_UP, count].map((length) => new Array<unknown>(length).fill(null)) as [
    unknown[],
    unknown[],
  ];
  await MAKERS[kind](early);
  const before = await used();
  await MAKERS[kind](kept);
  const after = await used();
  // looked at after the measurement, so that nothing can be collected before it
  if (early.includes(null) || kept.includes(null)) throw new Error("Cannot measure items that were not made");
  return {
    heap: (after.heap - before.heap) / count,
    external: (after.external - before.external) / count,
    rss: (after.rss - before.rss) / count,
  };
}

if (import.meta.main) await answer(() => measure(Deno.args[0] as Kind, Number(Deno.args[1])));
