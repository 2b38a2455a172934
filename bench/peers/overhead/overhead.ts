import type { Chart, Goal, Part, PartOptions, Section, Table } from "../../report/section.ts";
import { AT_ONCE, DISTANCE_MS, LOAD, type ManyTasks, RunComparison } from "./compare_runs.ts";
import { gcsServer } from "./gcs_servers.ts";
import type { Cost, StoreName } from "./request.ts";

/** The most that a run may take, as a multiple of its two writes alone. */
const MAX_RATIO = 1.15;

const STORES: Readonly<Record<StoreName, string>> = {
  "memory": "in memory",
  "kv-memory": "Deno KV, in memory",
  "kv-file": "Deno KV, in a file",
  "gcs": "Cloud Storage server",
  "gcs-distant": `Cloud Storage server, ${DISTANCE_MS} ms away`,
};

/** The stores that replicas can share. */
const SHARED: readonly StoreName[] = ["kv-file", "gcs", "gcs-distant"];

/** The stores on which many tasks are measured. With a server on the same machine, its work would dominate. */
const MANY: readonly StoreName[] = ["memory", "kv-file"];

/** The stores of the short form. */
const SHORT: readonly StoreName[] = ["memory", "kv-file", "gcs"];

const WRITERS = {
  client: "two conditional writes by the store's client (floor)",
  store: "the same by this package's store",
  due: "this package, a due run",
  trigger: "this package, a run by trigger(), which reads first",
} as const;

type Costs = Readonly<Record<keyof typeof WRITERS, Cost>>;

/** The results for a store. */
interface Found {
  readonly store: StoreName;
  readonly costs: Costs;
  /** Absent if it is not measured on this store. */
  readonly manyTasks?: ManyTasks;
}

function costTable({ store, costs }: Found): Table {
  const { client } = costs;
  return {
    caption: `One run after another, ${STORES[store]}: microseconds a run`,
    header: ["", "wall", "CPU", "wall / floor", "CPU / floor"],
    rows: (Object.keys(WRITERS) as (keyof typeof WRITERS)[]).map((writer) => {
      const { wallUs, cpuUs } = costs[writer];
      return [WRITERS[writer], wallUs, cpuUs, wallUs / client.wallUs, cpuUs / client.cpuUs];
    }),
  };
}

function manyTasksTable(all: readonly Found[], tasks: number): Table {
  return {
    caption: `One process with ${tasks.toLocaleString("en")} tasks`,
    header: [
      "",
      "floor, runs a second",
      "ours, runs a second",
      "ours, CPU µs a run",
      `share by timers at ${LOAD * 100} %`,
    ],
    rows: all.flatMap(({ store, manyTasks }) => {
      if (!manyTasks) return [];
      const { floor, ours, met } = manyTasks;
      return [[STORES[store], floor.runsPerSecond, ours.runsPerSecond, ours.cpuUs, `${(met * 100).toFixed(1)} %`]];
    }),
  };
}

function chart(all: readonly Found[]): Chart {
  return {
    file: "overhead",
    title: "Time of a run",
    kind: "bars",
    xLabel: "store",
    yLabel: "microseconds a run",
    series: Object.entries(WRITERS).map(([writer, name]) => ({
      name,
      points: all.map(({ store, costs }) => ({ x: STORES[store], y: costs[writer as keyof Costs].wallUs })),
    })),
  };
}

function goalOf({ store, costs: { client, due } }: Found): Goal {
  const ratio = due.wallUs / client.wallUs;
  return {
    what: `a due run against its two writes alone, ${STORES[store]}`,
    limit: `at most ${MAX_RATIO} x`,
    value: `${ratio.toFixed(2)} x`,
    isMet: ratio <= MAX_RATIO,
  };
}

async function run(options: PartOptions): Promise<Section> {
  const server = await gcsServer(options.isShort);
  const comparison = new RunComparison(options, server);
  const all: Found[] = [];
  for (const store of options.isShort ? SHORT : Object.keys(STORES) as StoreName[]) {
    console.log(`  ${STORES[store]}`);
    const costs = await comparison.oneTask(store, Object.keys(WRITERS) as (keyof typeof WRITERS)[]);
    all.push({ store, costs, ...(MANY.includes(store) ? { manyTasks: await comparison.manyTasks(store) } : {}) });
  }
  return {
    id: part.id,
    title: part.title,
    notes: [
      "Deno runs the package's source with an empty task and a silent logger; CPU is that of the whole process.",
      "A due run is one of a scheduler that ran last: claim, task, finish. The wait between two runs takes no time here.",
      "The floor writes records of the same length as the runs do, on the same conditions.",
      `Cloud Storage server: ${server.name} in a process of its own on the same machine. It answers much faster than a service ` +
      `across a network, so there is another that waits ${DISTANCE_MS} ms before each answer.`,
      `Many tasks: ${AT_ONCE} runs are in progress at once, each with the check halfway to it that ALIVE is logged after; ` +
      `share by timers: the share of the runs that took place when ${LOAD * 100} % of the maximum were due.`,
    ],
    tables: [...all.map(costTable), manyTasksTable(all, comparison.tasks)],
    charts: [chart(all)],
    goals: all.filter(({ store }) => SHARED.includes(store)).map(goalOf),
    versions: { Deno: Deno.version.deno, ...(server.version ? { [server.name]: server.version } : {}) },
  };
}

/** The cost of a run beside its two writes. */
export const part: Part = { id: "overhead", title: "Overhead of a run", run };
