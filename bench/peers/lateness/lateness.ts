import { median } from "../../percentile.ts";
import type { Chart, Goal, Part, PartOptions, Section, Table } from "../../report/section.ts";
import { type Batch, batchesOf, type Measurement, singleBatch } from "./batches.ts";
import { CANDIDATES, FLOOR, OURS, type Setting, SETTINGS, SHORT } from "./settings.ts";
import type { CandidateName } from "../in_process/candidates.ts";
import { bundledScript, measureInNode } from "../node_scripts.ts";
import { installedPeers } from "../packages.ts";
import type { Lateness, LatenessRequest } from "./measure_lateness.ts";

const TITLE = "Lateness and drift of tasks that run every second";
const SCRIPT = new URL("measure_lateness.ts", import.meta.url);
const MAX_RATIO = 1.5;

/** More than jitter can look like drift in a minute. */
const MAX_DRIFT_MS = 5;

/** For how many seconds a repetition watches tasks, unless the environment variable says otherwise. */
const SECONDS = 60;
const SECONDS_VARIABLE = "NEAT_BENCH_SECONDS";

/** The time for everything beside watching. */
const MARGIN_MS = 30_000;

/** How long the start takes: of any process, and of each further one at the same time. */
const START_MS = 1_000;
const START_EACH_MS = 150;

/** Describes how the candidates are measured here. */
function method(isShort: boolean): string {
  if (isShort) return "Start minus due time on Node, all candidates at once, each in a process of its own.";
  if (navigator.hardwareConcurrency < 2) {
    return "Start minus due time on Node, one candidate at a time, each in a process of its own.";
  }
  return "Start minus due time on Node, each candidate in a process of its own, several at the same time: all with one task or " +
    "with spread tasks; two or three with 1,000 tasks due at once, whose due times are at least 150 ms apart; node-schedule, " +
    "which then keeps a core busy, with one other; the original's algorithm, which drifts, only with itself and node-schedule. " +
    "The combinations change from repetition to repetition.";
}

function notes(seconds: number, isShort: boolean): string[] {
  return [
    method(isShort),
    "Cron expressions mean whole seconds, so each process, also of the floor and of this package, has a clock of its own: " +
    "`Date` is behind by a fraction of a second, so that the due times of the processes are apart.",
    `Watched for ${seconds} s after 3 s of warm-up in each repetition (${SECONDS_VARIABLE} sets another length). A ` +
    "single task has so few runs that its p99 is its max.",
    "Due times: whole seconds of the clock for cron expressions, whole seconds after it was added for toad-scheduler and the " +
    "original's algorithm, and the known ones for this package and the timers.",
    "Where due times are not known, a start that is late by a second or more counts for a later one, and the one before it is " +
    "missed.",
    "Negative lateness is a start before its due time: Node's timers fire early if they were set late in a long turn of its " +
    "event loop. A task of 300 ms waits for a timer.",
    "Drift: how far starts have moved in a minute against whole seconds after the first one, by the medians of the first and " +
    "the last quarter of the starts, of the median task. Missed: due times without a run.",
    "Due at once: all tasks were added in one turn of the event loop; the later ones wait for the work of the earlier ones. " +
    "Spread: added evenly over a second, which cron expressions cannot express.",
    "The original's algorithm: a model of it on a store in memory, with minCycle 1 ms. This package: default store and " +
    "minCycle. Peers: as for idle cost.",
  ];
}

/** The medians of all repetitions by setting and candidate. */
type Found = ReadonlyMap<Setting, ReadonlyMap<CandidateName, Lateness>>;

function medianOf(all: readonly Lateness[]): Lateness {
  const parts = Object.keys(all[0]!.percentiles);
  return {
    percentiles: Object.fromEntries(parts.map((part) => [part, median(all.map((one) => one.percentiles[part]!))])),
    drift: median(all.map(({ drift }) => drift)),
    missed: median(all.map(({ missed }) => missed)),
  };
}

/** Measures the candidates of a batch at the same time. */
async function measureBatch(batch: Batch, seconds: number): Promise<Lateness[]> {
  const readyMs = Date.now() + START_MS + START_EACH_MS * batch.length;
  const beginMs = Math.ceil(readyMs / 1_000) * 1_000;
  const measure = ({ setting, name, phaseMs }: Measurement): Promise<Lateness> => {
    const { tasks, taskMs, spreadMs } = setting;
    const request: LatenessRequest = { name, tasks, taskMs, spreadMs, seconds, beginMs, phaseMs };
    return measureInNode<Lateness>(SCRIPT, [JSON.stringify(request)], { timeoutMs: seconds * 1_000 + MARGIN_MS });
  };
  return await Promise.all(batch.map(measure));
}

async function measureAll(
  settings: readonly Setting[],
  seconds: number,
  { isShort, repetitions }: PartOptions,
): Promise<Found> {
  const all = new Map(
    settings.map((setting) => [setting, new Map(setting.candidates.map((name) => [name, [] as Lateness[]]))]),
  );
  // bundled first, as all processes of a batch start at the same time
  await bundledScript(SCRIPT);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const batches = isShort
      ? singleBatch(settings, repetition)
      : batchesOf(settings, repetition, navigator.hardwareConcurrency);
    for (const [index, batch] of batches.entries()) {
      console.log(`  ${index + 1} of ${batches.length} batches, ${repetition + 1} of ${repetitions} repetitions`);
      const latenesses = await measureBatch(batch, seconds);
      for (const [place, lateness] of latenesses.entries()) {
        const { setting, name } = batch[place] as Measurement;
        all.get(setting)?.get(name)?.push(lateness);
      }
    }
  }
  return new Map(
    [...all].map((
      [setting, found],
    ) => [setting, new Map([...found].map(([name, latenesses]) => [name, medianOf(latenesses)]))]),
  );
}

function tableOf({ title }: Setting, found: ReadonlyMap<CandidateName, Lateness>): Table {
  const floor = found.get(FLOOR)!.percentiles["0.99"]!;
  const rows = [...found].map(([name, { percentiles, drift, missed }]) => {
    const [p50, p99, max] = ["0.5", "0.99", "1"].map((part) => percentiles[part]!) as [number, number, number];
    return [name, p50, p99, max, p99 / floor, drift, `${(missed * 100).toFixed(1)} %`];
  });
  const header = ["", "p50, ms", "p99, ms", "max, ms", "p99 to floor's", "drift, ms a minute", "missed"];
  return { caption: title, header, rows };
}

/** The smallest value on a chart, as its axis is logarithmic. */
const MIN_MS = 0.1;

function chartOf(setting: Setting, index: number, found: ReadonlyMap<CandidateName, Lateness>): Chart {
  const series = [...found].map(([name, { percentiles }]) => ({
    name,
    points: Object.entries(percentiles).map(([part, ms]) => ({ x: Number(part) * 100, y: Math.max(MIN_MS, ms) }))
      .sort((one, other) => one.x - other.x),
  }));
  return {
    file: `lateness_${index + 1}`,
    title: `Lateness, ${setting.title}`,
    kind: "lines",
    xLabel: "percentile of the runs",
    yLabel: "ms after the due time",
    yScale: "log",
    series,
  };
}

/** Whether tasks wait for each other. */
function isAtOnce({ tasks, spreadMs }: Setting): boolean {
  return tasks > 1 && spreadMs === 0;
}

function goalsOf(setting: Setting, found: ReadonlyMap<CandidateName, Lateness>): Goal[] {
  const { title } = setting;
  const p99Of = (name: CandidateName): number => found.get(name)!.percentiles["0.99"]!;
  const [floor, ours, drift] = [p99Of(FLOOR), p99Of(OURS), found.get(OURS)!.drift];
  const peers = [...found.keys()].filter((name) => name !== FLOOR && name !== OURS);
  const best = peers.reduce((one, other) => p99Of(other) < p99Of(one) ? other : one);
  return [
    {
      what: `p99, ${title}, beside the floor's ${floor.toFixed(2)} ms`,
      limit: `at most ${MAX_RATIO} x`,
      value: `${ours.toFixed(2)} ms`,
      isMet: ours <= MAX_RATIO * floor,
    },
    {
      what: `p99, ${title}, beside the peers'`,
      limit: `below ${p99Of(best).toFixed(2)} ms (${best})`,
      value: `${ours.toFixed(2)} ms`,
      isMet: ours < p99Of(best),
    },
    {
      what: `Drift, ${title}`,
      limit: `none: within ${MAX_DRIFT_MS} ms a minute`,
      value: `${drift.toFixed(1)} ms a minute`,
      isMet: Math.abs(drift) <= MAX_DRIFT_MS,
    },
    // with tasks due at once, the time of the earlier tasks varies by more
  ].slice(0, isAtOnce(setting) ? 2 : 3);
}

async function run(options: PartOptions): Promise<Section> {
  const { isShort } = options;
  const settings = isShort ? SHORT : SETTINGS;
  const seconds = isShort ? 3 : Number(Deno.env.get(SECONDS_VARIABLE) ?? SECONDS);
  console.log(`${TITLE}: ${seconds} s of each of ${CANDIDATES.length} candidates`);
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

/** Lateness and drift of runs, beside timers and the peers. */
export const part: Part = { id: "lateness", title: TITLE, run };
