import { median } from "../percentile.ts";
import type { Chart, Goal, Part, PartOptions, Section, Table } from "../results/section.ts";
import type { ContestantName } from "./node/contestants.ts";
import type { Memory } from "./node/idle_cost.ts";
import { installedPeers } from "./packages.ts";
import { measureInNode, rotated } from "./workshop.ts";

const TITLE = "Idle cost: memory of tasks that wait for their next run";
const FLOOR = "setTimeout";
const OURS = "this package";
const NEAREST = "toad-scheduler";
const LIMIT_MS = 420_000;
const MOST = 4;

const CONTESTANTS = [
  "function and name alone",
  FLOOR,
  "self-correcting setTimeout",
  OURS,
  "this package, after 20 runs",
  NEAREST,
  "cron",
  "node-cron",
  "node-schedule",
  "croner",
] as const satisfies readonly ContestantName[];

const NOTES = [
  "Bytes a task on Node after forced collections, each contestant and number of tasks in a process of its own.",
  "Heap is what V8 has in use; beside the heap it keeps the bytes of status records, told as external. RSS includes what " +
  "was freed and not given back to the system, and so depends on how the tasks were made.",
  "Counted in each row alike, the floor's too: a function of its own for each task, and its name. Arrays that hold what " +
  "the user keeps are there before, and option objects count as far as they are kept.",
  "setTimeout (the floor) fires once; the self-correcting one is set anew for each slot.",
  "This package: idle after its first run, without a store, so that the scheduler has the record, which is counted; " +
  "after 20 runs its record names all of these, and then grows no more. The peers have not run yet.",
  "All are set up for once an hour and not to overlap: croner with protect, node-cron with noOverlap, cron with " +
  "waitForCompletion, toad-scheduler with preventOverrun; node-schedule has no such option.",
];

/** What was found, or why there is nothing. */
type Found = Memory | { readonly obstacle: string };

/** The figures of all, by the number of tasks and the contestant. */
class Figures {
  readonly #found = new Map<string, Found[]>();

  add(name: ContestantName, count: number, found: Found): void {
    const key = `${name} ${count}`;
    this.#found.set(key, [...(this.#found.get(key) ?? []), found]);
  }

  obstacle(name: ContestantName, count: number): string | undefined {
    for (const found of this.#found.get(`${name} ${count}`) ?? []) if ("obstacle" in found) return found.obstacle;
    return undefined;
  }

  median(name: ContestantName, count: number): Memory | undefined {
    const all = (this.#found.get(`${name} ${count}`) ?? []).filter((found) => "heap" in found);
    if (all.length === 0 || this.obstacle(name, count)) return undefined;
    const of = (field: keyof Memory): number => median(all.map((memory) => memory[field]));
    return { heap: of("heap"), external: of("external"), rss: of("rss") };
  }
}

/** Those that are not measured with so many tasks, as it would take minutes and show nothing new. */
function isLeftOut(name: ContestantName, count: number): boolean {
  return name === "this package, after 20 runs" && count > 10_000;
}

/** Those that are measured once, as the time that it takes grows with the square of their number. */
function isOnce(name: ContestantName, count: number): boolean {
  return name === "node-schedule" && count > 10_000;
}

async function measure(name: ContestantName, count: number): Promise<Found> {
  try {
    const memory = await measureInNode<Memory>("idle_cost.ts", [name, String(count)], {
      limitMs: LIMIT_MS,
      flags: ["--expose-gc"],
    });
    return memory;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/heap out of memory/i.test(text)) return { obstacle: "ran out of the memory that Node gives a process" };
    if (error instanceof Error && error.name === "TooSlowError") return { obstacle: `took over ${LIMIT_MS / 1_000} s` };
    throw error;
  }
}

/** Measures all, two at a time if there are as many cores: memory is not disturbed by a neighbour. */
async function measureAll(counts: readonly number[], repetitions: number): Promise<Figures> {
  const figures = new Figures();
  const pairs = (repetition: number): { name: ContestantName; count: number }[] =>
    counts.flatMap((count) => rotated(CONTESTANTS, repetition).map((name) => ({ name, count })))
      .filter(({ name, count }) => !isLeftOut(name, count));
  const isRepeated = ({ name, count }: { name: ContestantName; count: number }): boolean => !isOnce(name, count);
  // what takes long comes first, so that nothing has to wait for it in the end
  const jobs = pairs(0).filter((pair) => !isRepeated(pair));
  for (let repetition = 0; repetition < repetitions; repetition++) jobs.push(...pairs(repetition).filter(isRepeated));
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { name, count } = job;
      // what can't be done is not tried again and again
      if (!figures.obstacle(name, count)) figures.add(name, count, await measure(name, count));
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(2, navigator.hardwareConcurrency) }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return figures;
}

function tableOf(figures: Figures, count: number): Table {
  const floor = figures.median(FLOOR, count)!;
  const rows = CONTESTANTS.filter((name) => !isLeftOut(name, count)).map((name) => {
    const memory = figures.median(name, count);
    if (!memory) return [name, "-", "-", "-", "-", "-"];
    const { heap, external, rss } = memory;
    // not even a rounded -0.3 is shown as -0
    const bytes = [heap, external, rss].map((figure) => Math.round(figure) + 0);
    return [name, ...bytes, heap / floor.heap, rss / floor.rss];
  });
  const header = ["", "heap", "external", "RSS", "heap to floor's", "RSS to floor's"];
  return { caption: `${count} idle tasks, bytes a task`, header, rows };
}

function chartOf(figures: Figures, counts: readonly number[]): Chart {
  const series = CONTESTANTS.flatMap((name) => {
    const points = counts.flatMap((count) => {
      const memory = figures.median(name, count);
      return memory ? [{ x: count, y: count * (memory.heap + memory.external) / 1e6 }] : [];
    });
    return points.length > 1 && name !== "function and name alone" ? [{ name, points }] : [];
  });
  const axes = { xLabel: "idle tasks", yLabel: "MB, heap and external", xScale: "log", yScale: "log" } as const;
  return { file: "idle_cost", title: "Memory against idle tasks", kind: "lines", ...axes, series };
}

function goalsOf(figures: Figures, count: number): Goal[] {
  const heapOf = (name: ContestantName): number => figures.median(name, count)?.heap ?? Infinity;
  const [floor, ours, nearest] = [heapOf(FLOOR), heapOf(OURS), heapOf(NEAREST)];
  const others = CONTESTANTS.slice(CONTESTANTS.indexOf(NEAREST) + 1);
  const least = Math.min(...others.map(heapOf));
  return [
    {
      what: `Heap of an idle task beside a bare timer's, ${count} tasks`,
      limit: `at most ${MOST} x`,
      value: `${(ours / floor).toFixed(1)} x`,
      isMet: ours <= MOST * floor,
    },
    {
      what: `Heap of an idle task beside the peers', ${count} tasks`,
      limit: `below all but ${NEAREST} (the next takes ${Math.round(least)} B, ${NEAREST} ${Math.round(nearest)} B)`,
      value: `${Math.round(ours)} B`,
      isMet: ours < least,
    },
  ];
}

async function run({ isShort, repetitions }: PartOptions): Promise<Section> {
  const counts = isShort ? [500, 1_000] : [1_000, 10_000, 100_000];
  console.log(`${TITLE}: up to ${counts.at(-1)} tasks of each of ${CONTESTANTS.length} contestants`);
  const figures = await measureAll(counts, repetitions);
  const obstacles = counts.flatMap((count) =>
    CONTESTANTS.flatMap((name) => {
      const obstacle = figures.obstacle(name, count);
      return obstacle ? [`${name} with ${count} tasks ${obstacle}.`] : [];
    })
  );
  const once = counts.flatMap((count) =>
    CONTESTANTS.filter((name) => repetitions > 1 && isOnce(name, count) && !figures.obstacle(name, count))
      .map((name) => `${name} with ${count} tasks was measured once, as it takes minutes to add so many.`)
  );
  const { versions } = await installedPeers();
  const named = ["node", "croner", "node-cron", "toad-scheduler", "node-schedule", "cron"];
  return {
    id: part.id,
    title: TITLE,
    notes: [...NOTES, ...once, ...obstacles],
    tables: counts.slice(1).map((count) => tableOf(figures, count)),
    charts: [chartOf(figures, counts)],
    goals: goalsOf(figures, counts.at(-1)!),
    versions: Object.fromEntries(named.map((name) => [name, versions[name]!])),
  };
}

/** Memory of idle tasks, beside a bare timer and the peers in a process. */
export const part: Part = { id: "idle_cost", title: TITLE, run };
