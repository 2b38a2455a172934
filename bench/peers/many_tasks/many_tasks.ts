/**
 * Many tasks of one process that are due within one second: statements, time and CPU.
 *
 * @module
 */
import type { Goal, Part, PartOptions, Section } from "../../report/section.ts";
import { median } from "../../percentile.ts";
import { measureInNode } from "../node_scripts.ts";
import { installedPackage } from "../package.ts";
import { type Candidate, CANDIDATES, Stores } from "../replicas/stores.ts";
import { rotated } from "../rotated.ts";
import { type BurstFigures, type BurstKind, type BurstRequest, QUIET_MS } from "./burst.ts";

const SCRIPT = new URL("measure_burst.ts", import.meta.url);
const { postgres, pgBoss, graphileWorker, bullMq } = CANDIDATES;
const MEASURED: readonly Candidate[] = [postgres, pgBoss, graphileWorker, bullMq];

/** The most statements that a run of this package may take. */
const MAX_STATEMENTS = 0.05;

/** Counting begins when all is prepared. */
const COUNTED_BEFORE_MS = QUIET_MS / 2;

interface Setting {
  readonly tasks: number;
  /** How long the tasks are prepared, and how long they are watched after the first due time. */
  readonly preparedMs: number;
  readonly watchedMs: number;
}

const FULL: Setting = { tasks: 10_000, preparedMs: 90_000, watchedMs: 20_000 };
const SHORT: Setting = { tasks: 200, preparedMs: 12_000, watchedMs: 3_000 };

/** What was measured of a candidate. */
interface Found extends BurstFigures {
  /** Statements or commands sent to the server, with those that found nothing to do. */
  readonly sent: number;
}

const NOTES = [
  "Each task runs once an hour, at a moment of its own within the same second, and does nothing. A run counts when its outcome and " +
  "its next due time are in the store. One process on Node and one server on the same machine.",
  `${postgres.name}: a scheduler for each task with a pool of 10 connections; two writes a run, which share statements.`,
  "pg-boss fetches, completes and inserts up to 1,000 jobs at a time, fetches again at once after a full batch, and otherwise polls every " +
  "0.5 s, its minimum. graphile-worker has a " +
  "local queue of 500 jobs, completes jobs in batches, and 100 jobs at a time. BullMQ works on 1,000 delayed jobs at a time. All three " +
  "add the next jobs in batches of 500 or 1,000; a crash before that would lose them.",
  "A statement of this package is a conditional write of up to 100 records, and none of them is lost in a crash. Commands of Redis are " +
  "no statements of PostgreSQL; those inside scripts don't count.",
];

async function measure(stores: Stores, { kind, store }: Candidate, setting: Setting): Promise<Found | undefined> {
  const opened = await stores.open(store);
  if (!opened) return undefined;
  const { tasks, preparedMs, watchedMs } = setting;
  const beginMs = Date.now() + preparedMs;
  const endMs = beginMs + watchedMs;
  const request: BurstRequest = { kind: kind as BurstKind, storeUrl: opened.url, tasks, beginMs, endMs };
  const timeoutMs = preparedMs + watchedMs + 60_000;
  const measuring = measureInNode<BurstFigures>(SCRIPT, [JSON.stringify(request)], { timeoutMs });
  const counting = async (): Promise<number> => {
    const fromMs = beginMs - COUNTED_BEFORE_MS;
    await new Promise((resolve) => setTimeout(resolve, fromMs - Date.now()));
    return (await opened.countFor(endMs - Date.now() - 200, () => [])).sent;
  };
  const [figures, sent] = await Promise.all([measuring, counting()]);
  return { ...figures, sent };
}

function combined(all: readonly Found[]): Found {
  const of = (figure: keyof Found): number => median(all.map((one) => one[figure]));
  return { runs: of("runs"), wallMs: of("wallMs"), cpuMs: of("cpuMs"), sent: of("sent") };
}

function goals(found: ReadonlyMap<Candidate, Found>, tasks: number): Goal[] {
  const ours = found.get(postgres);
  if (!ours) return [];
  const statements = ours.sent / ours.runs;
  return [
    {
      what: `statements a run with ${tasks.toLocaleString("en")} tasks due in one second`,
      limit: `at most ${MAX_STATEMENTS}`,
      value: statements.toFixed(3),
      isMet: statements <= MAX_STATEMENTS,
    },
    { what: "all tasks have run once", limit: String(tasks), value: String(ours.runs), isMet: ours.runs === tasks },
  ];
}

async function run({ isShort, repetitions }: PartOptions): Promise<Section> {
  const setting = isShort ? SHORT : FULL;
  const { tasks } = setting;
  // the time of the installation is none of the preparation
  const { versions } = await installedPackage();
  await using stores = new Stores();
  const all = new Map<Candidate, Found[]>();
  const measureOnce = async (candidate: Candidate): Promise<void> => {
    console.log(`  ${candidate.name}`);
    const found = await measure(stores, candidate, setting);
    if (found) all.set(candidate, [...all.get(candidate) ?? [], found]);
  };
  // at the same time they disturb each other
  if (isShort) await Promise.all(MEASURED.map(measureOnce));
  for (let repetition = 0; !isShort && repetition < repetitions; repetition++) {
    for (const candidate of rotated(MEASURED, repetition)) await measureOnce(candidate);
  }
  const found = new Map([...all].map(([candidate, measured]) => [candidate, combined(measured)]));
  return {
    id: part.id,
    title: part.title,
    notes: [...NOTES, ...stores.missing],
    tables: [{
      caption: `${tasks.toLocaleString("en")} tasks of one process, due within one second`,
      header: ["", "runs", "statements a run", "last run done after, ms", "CPU ms of the process"],
      rows: MEASURED.flatMap((candidate) => {
        const figures = found.get(candidate);
        if (!figures) return [];
        const { runs, sent, wallMs, cpuMs } = figures;
        return [[candidate.name, String(runs), runs > 0 ? sent / runs : "-", wallMs, cpuMs]];
      }),
    }],
    charts: [],
    goals: goals(found, tasks),
    versions: {
      ...stores.versions,
      ...Object.fromEntries(
        ["node", "bullmq", "pg-boss", "graphile-worker", "pg"].map((name) => [name, versions[name] ?? "unknown"]),
      ),
    },
  };
}

/** Many tasks that are due within one second. */
export const part: Part = { id: "many-tasks", title: "Many tasks due within one second", run };
