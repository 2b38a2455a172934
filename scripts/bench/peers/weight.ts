import type { Goal, Part, PartOptions, Section, Table } from "../results/section.ts";
import { openWorkshop } from "./workshop.ts";
import { BARE, type ImportTimes, importTimes, type Runtime } from "./weight/import_time.ts";
import { type BundleSize, bundleSize, entryPoints, type InstalledSize, installedSize } from "./weight/size.ts";
import { installSubjects, OURS, type Subject } from "./weight/subjects.ts";

const TITLE = "Weight: import time, size and dependencies";
const RUNTIMES = ["Node", "Bun", "Deno"] as const;
const MOST_BYTES = 8_192;
const RIVAL = "croner";

/** How many times as often as other figures: the times are short and few of them scatter. */
const TIMES = 8;

const NOTES = [
  "Import time: the time of a process that imports the package less that of one that imports nothing, medians of " +
  "processes that took turns; a figure near zero may come out negative.",
  "With Deno this package is imported from its source, as JSR serves it; everything else as npm installs it.",
  "Bundle: all that the entry point exports, bundled by esbuild for Node with all dependencies, minified; gzip at its " +
  "best level.",
  "Installed: the bytes of the files that `npm install` leaves in an empty folder, with dependencies and without their " +
  "install scripts; packages counts the package itself too.",
  "bullmq is weighed with ioredis, and agenda with its backend for PostgreSQL, without which they don't work.",
];

interface Weight {
  readonly subject: Subject;
  readonly bundle: BundleSize;
  readonly installed: InstalledSize;
}

/** Times by runtime. */
type Times = ReadonlyMap<Runtime, ImportTimes>;

async function weigh(subject: Subject): Promise<Weight> {
  const { folder, specifiers } = subject;
  return { subject, bundle: await bundleSize(folder, specifiers), installed: await installedSize(subject) };
}

function overBareMs(times: ImportTimes, name: string): number {
  return times.get(name)! - times.get(BARE)!;
}

function weightTable(weights: readonly Weight[]): Table {
  return {
    caption: "Size",
    header: ["", "minified, kB", "gzip, kB", "installed, kB", "packages"],
    rows: weights.map(({ subject, bundle: { minified, gzip }, installed: { bytes, packages } }) => {
      return [subject.name, minified / 1e3, gzip / 1e3, bytes / 1e3, packages];
    }),
  };
}

async function entryPointTable(subject: Subject): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const specifier of await entryPoints(subject)) {
    const { minified, gzip } = await bundleSize(subject.folder, [specifier]);
    rows.push([specifier, minified / 1e3, gzip / 1e3]);
  }
  return { caption: "Entry points of this package, each alone", header: ["", "minified, kB", "gzip, kB"], rows };
}

function importTable(times: Times, subjects: readonly Subject[]): Table {
  const bare = ["process that imports nothing", ...RUNTIMES.map((runtime) => times.get(runtime)!.get(BARE)!)];
  const rows = subjects.map(({ name }) => {
    return [name, ...RUNTIMES.map((runtime) => overBareMs(times.get(runtime)!, name))];
  });
  return { caption: "Import time, ms", header: ["", ...RUNTIMES], rows: [bare, ...rows] };
}

function goals(weights: readonly Weight[], times: Times): Goal[] {
  const core = weights.find(({ subject }) => subject.name === OURS)!.bundle.gzip;
  const size: Goal = {
    what: "Core, minified and with gzip",
    limit: `at most ${MOST_BYTES} bytes`,
    value: `${core} bytes`,
    isMet: core <= MOST_BYTES,
  };
  const imports = RUNTIMES.map((runtime): Goal => {
    const [ours, rival] = [OURS, RIVAL].map((name) => overBareMs(times.get(runtime)!, name)) as [number, number];
    return {
      what: `Import with ${runtime}`,
      limit: `no slower than ${RIVAL}'s ${rival.toFixed(1)} ms`,
      value: `${ours.toFixed(1)} ms`,
      isMet: ours <= rival,
    };
  });
  return [size, ...imports];
}

async function run({ isShort, repetitions }: PartOptions): Promise<Section> {
  console.log(TITLE);
  const subjects = await installSubjects(isShort);
  const weights: Weight[] = [];
  for (const subject of subjects) weights.push(await weigh(subject));
  const times = new Map<Runtime, ImportTimes>();
  for (const runtime of RUNTIMES) {
    console.log(`  import time with ${runtime}`);
    times.set(runtime, await importTimes(runtime, subjects, isShort ? 2 : TIMES * repetitions));
  }
  const { versions } = await openWorkshop();
  const peers = subjects.filter(({ name }) => name !== OURS).flatMap(({ specifiers }) => specifiers);
  const named = ["node", "bun", "deno", "esbuild", ...peers];
  return {
    id: part.id,
    title: TITLE,
    notes: NOTES,
    tables: [weightTable(weights), await entryPointTable(subjects[0]!), importTable(times, subjects)],
    charts: [{
      file: "weight",
      title: "Minified and compressed, with all dependencies",
      kind: "bars",
      xLabel: "",
      yLabel: "kB",
      yScale: "log",
      series: [{
        name: "gzip",
        points: weights.map(({ subject, bundle }) => ({ x: subject.name, y: bundle.gzip / 1e3 })),
      }],
    }],
    goals: goals(weights, times),
    versions: Object.fromEntries(named.map((name) => [name, versions[name]!])),
  };
}

/** What this package adds to a program, beside what the peers do. */
export const part: Part = { id: "weight", title: TITLE, run };
