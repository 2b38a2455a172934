import { measureInChild } from "./child.ts";
import type { Kind, Memory } from "./memory_child.ts";
import { median } from "./percentile.ts";
import { goal, printTable, printTitle, ratio } from "./report.ts";

const COUNT = 100_000;
const RUNS = 3;
const GOAL = 3;

/** The kinds of items, the slowest first: while it is measured on one core, the others are on another. */
const KINDS: Kind[] = ["idle", "bare", "options", "constructed"];

/** Measures each kind several times, two at a time if there are as many cores. */
async function measureAll(): Promise<Map<Kind, Memory[]>> {
  const found = new Map<Kind, Memory[]>(KINDS.map((kind) => [kind, []]));
  const jobs = KINDS.flatMap((kind) => new Array<Kind>(RUNS).fill(kind));
  const work = async (): Promise<void> => {
    for (let kind = jobs.shift(); kind; kind = jobs.shift()) {
      found.get(kind)?.push(await measureInChild<Memory>("memory_child.ts", [kind, String(COUNT)]));
    }
  };
  // all have ended before an error is thrown, so that no child disturbs what is measured next
  const ends = await Promise.allSettled(Array.from({ length: Math.min(2, navigator.hardwareConcurrency) }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return found;
}

function medianOf(runs: Memory[] = []): Memory {
  return {
    heap: median(runs.map(({ heap }) => heap)),
    external: median(runs.map(({ external }) => external)),
    rss: median(runs.map(({ rss }) => rss)),
  };
}

function row(name: string, { heap, external, rss }: Memory, bare: Memory, remark = ""): string[] {
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
  const [idle, bare, options, constructed] = KINDS.map((kind) => medianOf(found.get(kind))) as [
    Memory,
    Memory,
    Memory,
    Memory,
  ];
  const net = {
    heap: idle.heap - options.heap,
    external: idle.external - options.external,
    rss: idle.rss - options.rss,
  };
  printTable(["", "heap", "external", "RSS", "heap/bare", "RSS/bare"], [
    row("bare setTimeout with a closure", bare, bare),
    row("options object alone", options, bare),
    row("scheduler, constructed", constructed, bare),
    row("scheduler, idle after its first run", idle, bare),
    row(
      "idle scheduler less options object",
      net,
      bare,
      goal(net.heap <= GOAL * bare.heap, `heap at most ${GOAL} x`),
    ),
  ]);
}
