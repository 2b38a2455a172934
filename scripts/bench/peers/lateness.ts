import { median } from "../percentile.ts";
import type { Chart, Goal, Part, PartOptions, Section, Table } from "../results/section.ts";
import { type Lot, lotsOf, type Measurement, oneLot } from "./lateness/lots.ts";
import { CONTESTANTS, FLOOR, OURS, type Setting, SETTINGS, SHORT } from "./lateness/settings.ts";
import type { ContestantName } from "./node/contestants.ts";
import type { Lateness, Order } from "./node/lateness.ts";
import { installedPeers } from "./packages.ts";
import { bundled, measureInNode } from "./workshop.ts";

const TITLE = "Lateness and drift of tasks that run every second";
const MOST = 1.5;

/** More than jitter may add to a drift of nothing, in a minute. */
const NO_DRIFT_MS = 5;

/** For how many seconds tasks are watched in one repetition, if the environment doesn't say otherwise. */
const SECONDS = 60;
const SECONDS_VARIABLE = "NEAT_BENCH_SECONDS";

/** What a process does beside what is watched. */
const MARGIN_MS = 30_000;

/** What processes that start at once take until they can begin: any of them, and each more. */
const START_MS = 1_000;
const START_EACH_MS = 150;

/** How it is measured here. */
function manner(isShort: boolean): string {
  if (isShort) return "Start minus slot on Node, all contestants at once, each in a process of its own.";
  if (navigator.hardwareConcurrency < 2) {
    return "Start minus slot on Node, one contestant at a time, each in a process of its own.";
  }
  return "Start minus slot on Node, each contestant in a process of its own, several side by side: all of those with one task or " +
    "with spread tasks; two or three of those with 1,000 tasks due at once, so that these are never due within 150 ms after " +
    "another's; node-schedule, of which so many keep a core busy, beside one other; the original's algorithm, which keeps no " +
    "distance, beside itself and node-schedule alone. Who else runs beside whom changes from repetition to repetition.";
}

function notes(seconds: number, isShort: boolean): string[] {
  return [
    manner(isShort),
    "As cron expressions mean whole seconds, each process has a clock of its own, peers, floor and this package alike: " +
    "`Date` is put back by a fraction of a second, so that its whole seconds lie apart from those of its neighbours.",
    `Watched for ${seconds} s after 3 s of warm-up in each repetition (${SECONDS_VARIABLE} sets another length). A ` +
    "single task has so few runs that its p99 is its max.",
    "Each contestant's slots are its own: whole seconds of its clock for cron expressions, whole seconds after it was added for " +
    "toad-scheduler and the original's algorithm, and what they say themselves for this package and the timers.",
    "Where slots aren't told, a start that is late by a second or more counts for a later slot, and the one before it is missed.",
    "Negative lateness is a start before its slot: Node's timers fire early when they were set late in a long turn of its " +
    "event loop. A task of 300 ms waits for a timer.",
    "Drift: how far starts have moved in a minute from where whole seconds after the first one would have them, by the " +
    "medians of the first and the last quarter of the starts, of the median task. Missed: slots in which no run began.",
    "Due at once: all tasks were added in one turn of the event loop; the later ones wait for the work of the earlier " +
    "ones. Spread: added evenly over a second, which cron expressions can't say.",
    "The original's algorithm: a model of it, on a store in memory, with minCycle 1 ms. This package: default store and " +
    "minCycle. Peers: as for idle cost.",
  ];
}

/** The medians of all repetitions, by setting and contestant. */
type Found = ReadonlyMap<Setting, ReadonlyMap<ContestantName, Lateness>>;

function medianOf(all: readonly Lateness[]): Lateness {
  const parts = Object.keys(all[0]!.percentiles);
  return {
    percentiles: Object.fromEntries(parts.map((part) => [part, median(all.map((one) => one.percentiles[part]!))])),
    drift: median(all.map(({ drift }) => drift)),
    missed: median(all.map(({ missed }) => missed)),
  };
}

/** Measures side by side. */
async function measureLot(lot: Lot, seconds: number): Promise<Lateness[]> {
  const readyMs = Date.now() + START_MS + START_EACH_MS * lot.length;
  const beginMs = Math.ceil(readyMs / 1_000) * 1_000;
  const measure = ({ setting, name, phaseMs }: Measurement): Promise<Lateness> => {
    const { tasks, taskMs, spreadMs } = setting;
    const order: Order = { name, tasks, taskMs, spreadMs, seconds, beginMs, phaseMs };
    return measureInNode<Lateness>("lateness.ts", [JSON.stringify(order)], { limitMs: seconds * 1_000 + MARGIN_MS });
  };
  return await Promise.all(lot.map(measure));
}

async function measureAll(
  settings: readonly Setting[],
  seconds: number,
  { isShort, repetitions }: PartOptions,
): Promise<Found> {
  const all = new Map(
    settings.map((setting) => [setting, new Map(setting.contestants.map((name) => [name, [] as Lateness[]]))]),
  );
  // all of a lot begin at the same time, for which their script must be there
  await bundled("lateness.ts");
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const lots = isShort ? oneLot(settings, repetition) : lotsOf(settings, repetition, navigator.hardwareConcurrency);
    for (const [index, lot] of lots.entries()) {
      console.log(`  ${index + 1} of ${lots.length} lots, ${repetition + 1} of ${repetitions} repetitions`);
      const latenesses = await measureLot(lot, seconds);
      for (const [place, { setting, name }] of lot.entries()) all.get(setting)?.get(name)?.push(latenesses[place]!);
    }
  }
  return new Map(
    [...all].map((
      [setting, found],
    ) => [setting, new Map([...found].map(([name, latenesses]) => [name, medianOf(latenesses)]))]),
  );
}

function tableOf({ title }: Setting, found: ReadonlyMap<ContestantName, Lateness>): Table {
  const floor = found.get(FLOOR)!.percentiles["0.99"]!;
  const rows = [...found].map(([name, { percentiles, drift, missed }]) => {
    const [p50, p99, max] = ["0.5", "0.99", "1"].map((part) => percentiles[part]!) as [number, number, number];
    return [name, p50, p99, max, p99 / floor, drift, `${(missed * 100).toFixed(1)} %`];
  });
  const header = ["", "p50, ms", "p99, ms", "max, ms", "p99 to floor's", "drift, ms a minute", "missed"];
  return { caption: title, header, rows };
}

/** Nothing is earlier on a chart, as its axis is logarithmic. */
const LEAST_MS = 0.1;

function chartOf(setting: Setting, index: number, found: ReadonlyMap<ContestantName, Lateness>): Chart {
  const series = [...found].map(([name, { percentiles }]) => ({
    name,
    points: Object.entries(percentiles).map(([part, ms]) => ({ x: Number(part) * 100, y: Math.max(LEAST_MS, ms) }))
      .sort((one, other) => one.x - other.x),
  }));
  return {
    file: `lateness_${index + 1}`,
    title: `Lateness, ${setting.title}`,
    kind: "lines",
    xLabel: "percentile of the runs",
    yLabel: "ms after the slot",
    yScale: "log",
    series,
  };
}

/** Whether tasks wait for each other. */
function isAtOnce({ tasks, spreadMs }: Setting): boolean {
  return tasks > 1 && spreadMs === 0;
}

function goalsOf(setting: Setting, found: ReadonlyMap<ContestantName, Lateness>): Goal[] {
  const { title } = setting;
  const p99Of = (name: ContestantName): number => found.get(name)!.percentiles["0.99"]!;
  const [floor, ours, drift] = [p99Of(FLOOR), p99Of(OURS), found.get(OURS)!.drift];
  const peers = [...found.keys()].filter((name) => name !== FLOOR && name !== OURS);
  const best = peers.reduce((one, other) => p99Of(other) < p99Of(one) ? other : one);
  return [
    {
      what: `p99, ${title}, beside the floor's ${floor.toFixed(2)} ms`,
      limit: `at most ${MOST} x`,
      value: `${ours.toFixed(2)} ms`,
      isMet: ours <= MOST * floor,
    },
    {
      what: `p99, ${title}, beside the peers'`,
      limit: `below ${p99Of(best).toFixed(2)} ms (${best})`,
      value: `${ours.toFixed(2)} ms`,
      isMet: ours < p99Of(best),
    },
    {
      what: `Drift, ${title}`,
      limit: `none: within ${NO_DRIFT_MS} ms a minute`,
      value: `${drift.toFixed(1)} ms a minute`,
      isMet: Math.abs(drift) <= NO_DRIFT_MS,
    },
    // how long the work of earlier tasks takes varies by more
  ].slice(0, isAtOnce(setting) ? 2 : 3);
}

async function run(options: PartOptions): Promise<Section> {
  const { isShort } = options;
  const settings = isShort ? SHORT : SETTINGS;
  const seconds = isShort ? 3 : Number(Deno.env.get(SECONDS_VARIABLE) ?? SECONDS);
  console.log(`${TITLE}: ${seconds} s of each of ${CONTESTANTS.length} contestants`);
  const found = await measureAll(settings, seconds, options);
  const { versions } = await installedPeers();
  const named = ["node", "croner", "node-cron", "toad-scheduler", "node-schedule", "cron"];
  return {
    id: part.id,
    title: TITLE,
    notes: notes(seconds, isShort),
    tables: [...found].map(([setting, latenesses]) => tableOf(setting, latenesses)),
    charts: [...found].map(([setting, latenesses], index) => chartOf(setting, index, latenesses)),
    goals: [...found].flatMap(([setting, latenesses]) => goalsOf(setting, latenesses)),
    versions: Object.fromEntries(named.map((name) => [name, versions[name]!])),
  };
}

/** How late runs start, and whether their times move away, beside timers and the peers in a process. */
export const part: Part = { id: "lateness", title: TITLE, run };
