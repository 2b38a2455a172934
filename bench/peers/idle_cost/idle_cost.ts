import { median } from "../../percentile.ts";
import type { Chart, Goal, Part, PartOptions, Section, Table } from "../../report/section.ts";
import type { CandidateName } from "../in_process/candidates.ts";
import { measureInNode } from "../node_scripts.ts";
import { installedPeers } from "../packages.ts";
import { rotated } from "../rotated.ts";
import type { Memory } from "./measure_memory.ts";

const TITLE = "Idle cost: memory of tasks that wait for their next run";
const FLOOR = "setTimeout";
const OURS = "this package";
const NEAREST = "toad-scheduler";
const TIMEOUT_MS = 420_000;
/** The budget for the heap of an idle scheduler. */
const MAX_HEAP = 2_500;
const SCRIPT = new URL("measure_memory.ts", import.meta.url);

const CANDIDATES = [
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
] as const satisfies readonly CandidateName[];

const NOTES = [
  "Bytes a task on Node after forced collections. Each candidate and number of tasks has a process of its own.",
  "Heap is what V8 has in use. External is kept beside the heap, such as the bytes of status records. RSS includes memory " +
  "that was freed but not given back to the system.",
  "Each row, the floor's too, includes a function for each task and its name. Option objects count as far as they are kept.",
  "setTimeout (the floor) fires once; the self-correcting one is set again for each due time.",
  "This package: idle after its first run, without a store, so that the scheduler holds the record, which counts. After 20 " +
  "runs the record names all of them and grows no more. The peers have not run yet.",
  "All are set to once an hour without overlap: croner with protect, node-cron with noOverlap, cron with waitForCompletion, " +
  "toad-scheduler with preventOverrun; node-schedule has no such option.",
];

/** The memory, or why it could not be measured. */
type Found = Memory | { readonly obstacle: string };

/** The figures by candidate and number of tasks. */
class Figures {
  readonly #found = new Map<string, Found[]>();

  add(name: CandidateName, count: number, found: Found): void {
    const key = `${name} ${count}`;
    this.#found.set(key, [...(this.#found.get(key) ?? []), found]);
  }

  obstacle(name: CandidateName, count: number): string | undefined {
    for (const found of this.#found.get(`${name} ${count}`) ?? []) if ("obstacle" in found) return found.obstacle;
    return undefined;
  }

  median(name: CandidateName, count: number): Memory | undefined {
    const all = (this.#found.get(`${name} ${count}`) ?? []).filter((found) => "heap" in found);
    if (all.length === 0 || this.obstacle(name, count)) return undefined;
    const of = (field: keyof Memory): number => median(all.map((memory) => memory[field]));
    return { heap: of("heap"), external: of("external"), rss: of("rss") };
  }
}

/** Leaves out what would take minutes and show nothing new. */
function isLeftOut(name: CandidateName, count: number): boolean {
  return name === "this package, after 20 runs" && count > 10_000;
}

/** Measures once what takes a time that grows with the square of the number of tasks. */
function isOnce(name: CandidateName, count: number): boolean {
  return name === "node-schedule" && count > 10_000;
}

async function measure(name: CandidateName, count: number): Promise<Found> {
  try {
    const memory = await measureInNode<Memory>(SCRIPT, [name, String(count)], {
      timeoutMs: TIMEOUT_MS,
      flags: ["--expose-gc"],
    });
    return memory;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/heap out of memory/i.test(text)) return { obstacle: "ran out of the memory that Node gives a process" };
    if (error instanceof Error && error.name === "ProcessTimeoutError") {
      return { obstacle: `took over ${TIMEOUT_MS / 1_000} s` };
    }
    throw error;
  }
}

/** Measures all, two at a time if there are as many cores: other processes do not disturb memory. */
async function measureAll(counts: readonly number[], repetitions: number): Promise<Figures> {
  const figures = new Figures();
  const pairs = (repetition: number): { name: CandidateName; count: number }[] =>
    counts.flatMap((count) => rotated(CANDIDATES, repetition).map((name) => ({ name, count })))
      .filter(({ name, count }) => !isLeftOut(name, count));
  const isRepeated = ({ name, count }: { name: CandidateName; count: number }): boolean => !isOnce(name, count);
  // the longest comes first, so that it does not run alone at the end
  const jobs = pairs(0).filter((pair) => !isRepeated(pair));
  for (let repetition = 0; repetition < repetitions; repetition++) jobs.push(...pairs(repetition).filter(isRepeated));
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { name, count } = job;
      // an obstacle is not tried again
      if (!figures.obstacle(name, count)) figures.add(name, count, await measure(name, count));
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(2, navigator.hardwareConcurrency) }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return figures;
}

function tableOf(figures: Figures, count: number): Table {
  const floor = figures.median(FLOOR, count);
  if (!floor) throw new Error(`Cannot compare as ${FLOOR} was not measured: current value is ${count} tasks`);
  const rows = CANDIDATES.filter((name) => !isLeftOut(name, count)).map((name) => {
    const memory = figures.median(name, count);
    if (!memory) return [name, "-", "-", "-", "-", "-"];
    const { heap, external, rss } = memory;
    // + 0 turns -0 into 0
    const bytes = [heap, external, rss].map((figure) => Math.round(figure) + 0);
    return [name, ...bytes, heap / floor.heap, rss / floor.rss];
  });
  const header = ["", "heap", "external", "RSS", "heap to floor's", "RSS to floor's"];
  return { caption: `${count} idle tasks, bytes a task`, header, rows };
}

function chartOf(figures: Figures, counts: readonly number[]): Chart {
  const series = CANDIDATES.flatMap((name) => {
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
  const heapOf = (name: CandidateName): number => figures.median(name, count)?.heap ?? Infinity;
  const [ours, nearest] = [heapOf(OURS), heapOf(NEAREST)];
  const others = CANDIDATES.slice(CANDIDATES.indexOf(NEAREST) + 1);
  const next = Math.min(...others.map(heapOf));
  return [
    {
      what: `Heap of an idle task, ${count} tasks`,
      limit: `at most ${MAX_HEAP} B`,
      value: `${Math.round(ours)} B`,
      isMet: ours <= MAX_HEAP,
    },
    {
      what: `Heap of an idle task beside the peers', ${count} tasks`,
      limit: `below all but ${NEAREST} (the next takes ${Math.round(next)} B, ${NEAREST} ${Math.round(nearest)} B)`,
      value: `${Math.round(ours)} B`,
      isMet: ours < next,
    },
  ];
}

async function run({ isShort, repetitions }: PartOptions): Promise<Section> {
  const counts = isShort ? [500, 1_000] : [1_000, 10_000, 100_000];
  console.log(`${TITLE}: up to ${counts.at(-1)} tasks of each of ${CANDIDATES.length} candidates`);
  const figures = await measureAll(counts, repetitions);
  const obstacles = counts.flatMap((count) =>
    CANDIDATES.flatMap((name) => {
      const obstacle = figures.obstacle(name, count);
      return obstacle ? [`${name} with ${count} tasks ${obstacle}.`] : [];
    })
  );
  const once = counts.flatMap((count) =>
    CANDIDATES.filter((name) => repetitions > 1 && isOnce(name, count) && !figures.obstacle(name, count))
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

/** Memory of idle tasks, beside a bare timer and the peers. */
export const part: Part = { id: "idle_cost", title: TITLE, run };
