import type { Chart, Goal, Part, PartOptions, Section, Table } from "../results/section.ts";
import { AT_ONCE, DISTANCE_MS, LOAD, OverheadBench, type Sustained } from "./overhead/bench.ts";
import type { Cost, PlaceName } from "./overhead/order.ts";
import { gcsServer } from "./overhead/servers.ts";

/** A run may take so many times as long as its two writes alone. */
const GOAL = 1.15;

const PLACES: Readonly<Record<PlaceName, string>> = {
  "memory": "in memory",
  "kv-memory": "Deno KV, in memory",
  "kv-file": "Deno KV, in a file",
  "gcs": "Cloud Storage server",
  "gcs-distant": `Cloud Storage server, ${DISTANCE_MS} ms away`,
};

/** The stores that replicas can share. */
const SHARED: readonly PlaceName[] = ["kv-file", "gcs", "gcs-distant"];

/** Where many tasks are measured: with a server on the same machine, its work would be what counts. */
const MANY: readonly PlaceName[] = ["memory", "kv-file"];

/** In the short form. */
const SHORT: readonly PlaceName[] = ["memory", "kv-file", "gcs"];

const WRITERS = {
  client: "two conditional writes by the store's client (floor)",
  store: "the same by this package's store",
  due: "this package, a due run",
  trigger: "this package, a run by trigger(), which reads first",
} as const;

type InTurn = Readonly<Record<keyof typeof WRITERS, Cost>>;

/** What was found in one place. */
interface Found {
  readonly place: PlaceName;
  readonly inTurn: InTurn;
  /** Absent where that is not measured. */
  readonly sustained?: Sustained;
}

function costTable({ place, inTurn }: Found): Table {
  const { client } = inTurn;
  return {
    caption: `One run after another, ${PLACES[place]}: microseconds a run`,
    header: ["", "wall", "CPU", "wall / floor", "CPU / floor"],
    rows: (Object.keys(WRITERS) as (keyof typeof WRITERS)[]).map((writer) => {
      const { wallUs, cpuUs } = inTurn[writer];
      return [WRITERS[writer], wallUs, cpuUs, wallUs / client.wallUs, cpuUs / client.cpuUs];
    }),
  };
}

function sustainedTable(all: readonly Found[], tasks: number): Table {
  return {
    caption: `One process with ${tasks.toLocaleString("en")} tasks`,
    header: [
      "",
      "floor, runs a second",
      "ours, runs a second",
      "ours, CPU µs a run",
      `kept by timers at ${LOAD * 100} %`,
    ],
    rows: all.flatMap(({ place, sustained }) => {
      if (!sustained) return [];
      const { floor, ours, kept } = sustained;
      return [[PLACES[place], floor.runsPerSecond, ours.runsPerSecond, ours.cpuUs, `${(kept * 100).toFixed(1)} %`]];
    }),
  };
}

function chart(all: readonly Found[]): Chart {
  return {
    file: "overhead",
    title: "What a run takes",
    kind: "bars",
    xLabel: "store",
    yLabel: "microseconds a run",
    series: Object.entries(WRITERS).map(([writer, name]) => ({
      name,
      points: all.map(({ place, inTurn }) => ({ x: PLACES[place], y: inTurn[writer as keyof InTurn].wallUs })),
    })),
  };
}

function goalOf({ place, inTurn: { client, due } }: Found): Goal {
  const ratio = due.wallUs / client.wallUs;
  return {
    what: `a due run against its two writes alone, ${PLACES[place]}`,
    limit: `at most ${GOAL} x`,
    value: `${ratio.toFixed(2)} x`,
    isMet: ratio <= GOAL,
  };
}

async function run(options: PartOptions): Promise<Section> {
  const server = await gcsServer(options.isShort);
  const bench = new OverheadBench(options, server);
  const all: Found[] = [];
  for (const place of options.isShort ? SHORT : Object.keys(PLACES) as PlaceName[]) {
    console.log(`  ${PLACES[place]}`);
    const inTurn = await bench.inTurn(place, Object.keys(WRITERS) as (keyof typeof WRITERS)[]);
    all.push({ place, inTurn, ...(MANY.includes(place) ? { sustained: await bench.sustained(place) } : {}) });
  }
  return {
    id: part.id,
    title: part.title,
    notes: [
      "Deno runs the package's source, with an empty task and a logger that keeps nothing; CPU is that of the whole process.",
      "A due run is one of a scheduler that ran last: claim, task, finish. Its sleep between two runs takes no time here.",
      "The floor writes records of the same length as the runs do, on the same conditions.",
      `Cloud Storage server: ${server.name} in a process of its own on the same machine. It answers in a fraction of the ` +
      `time that a service across a network takes; so there is another that waits ${DISTANCE_MS} ms before it answers.`,
      `Of many tasks, ${AT_ONCE} runs are under way at a time, each with the look halfway to it that ALIVE is logged after; ` +
      `kept by timers: the part of the runs that took place, if late, when ${
        LOAD * 100
      } % of so many a second were due.`,
    ],
    tables: [...all.map(costTable), sustainedTable(all, bench.tasks)],
    charts: [chart(all)],
    goals: all.filter(({ place }) => SHARED.includes(place)).map(goalOf),
    versions: { Deno: Deno.version.deno, ...(server.version ? { [server.name]: server.version } : {}) },
  };
}

/** What a run costs beside its two writes. */
export const part: Part = { id: "overhead", title: "Overhead of a run", run };
