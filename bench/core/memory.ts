import { median } from "../percentile.ts";
import { goal, printTable, printTitle, ratio } from "../report/print_table.ts";
import { measureInChild } from "./child_process.ts";
import type { Item, Memory } from "./measure_memory.ts";

const COUNT = 100_000;
const RUNS = 3;
/** The budget for the heap of an idle scheduler. */
const GOAL_BYTES = 2_500;

/** The slowest comes first, so that the others are measured on another core meanwhile. */
const ITEMS: readonly Item[] = ["idle", "bare", "options", "constructed"];

/** Measures each item several times, two at a time if there are as many cores. */
async function measureAll(): Promise<Map<Item, Memory[]>> {
  const found = new Map<Item, Memory[]>(ITEMS.map((item) => [item, []]));
  const jobs = ITEMS.flatMap((item) => new Array<Item>(RUNS).fill(item));
  const work = async (): Promise<void> => {
    for (let item = jobs.shift(); item; item = jobs.shift()) {
      found.get(item)?.push(await measureInChild<Memory>("measure_memory.ts", [item, String(COUNT)]));
    }
  };
  // all end before an error is thrown, so that no child disturbs the next part
  const ends = await Promise.allSettled(Array.from({ length: Math.min(2, navigator.hardwareConcurrency) }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return found;
}

function medianOf(runs: readonly Memory[] = []): Memory {
  return {
    heap: median(runs.map(({ heap }) => heap)),
    external: median(runs.map(({ external }) => external)),
    rss: median(runs.map(({ rss }) => rss)),
  };
}

function row(name: string, { heap, external, rss }: Memory, bare: Memory, remark = ""): string[] {
  // + 0 turns -0 into 0
  const bytes = [heap, external, rss].map((value) => String(Math.round(value) + 0));
  return [name, ...bytes, ratio(heap, bare.heap), ratio(rss, bare.rss), remark];
}

/** Prints how much memory a scheduler takes, beside a bare timer. */
export async function benchMemory(): Promise<void> {
  printTitle(
    `Memory: bytes per item of ${COUNT} after a forced collection, median of ${RUNS} processes`,
    "external: what V8 keeps beside its heap, such as the bytes of records in a MemoryStore",
    "RSS: with what V8 has freed but not given back to the system",
  );
  const found = await measureAll();
  const of = (item: Item): Memory => medianOf(found.get(item));
  const [idle, bare, options] = [of("idle"), of("bare"), of("options")];
  const net = {
    heap: idle.heap - options.heap,
    external: idle.external - options.external,
    rss: idle.rss - options.rss,
  };
  printTable(["", "heap", "external", "RSS", "heap/bare", "RSS/bare"], [
    row("bare setTimeout with a closure", bare, bare),
    row("options object alone", options, bare),
    row("scheduler, constructed", of("constructed"), bare),
    row("scheduler, idle after its first run", idle, bare, goal(idle.heap <= GOAL_BYTES, `heap at most ${GOAL_BYTES}`)),
    row("idle scheduler less options object", net, bare),
  ]);
}
