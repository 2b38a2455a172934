import type { Goal, Part, PartOptions, Section, Table } from "../../report/section.ts";
import { installedPackage } from "../package.ts";
import { type ImportTimes, importTimes, type Runtime } from "./import_time.ts";
import { type BundleSize, bundleSize, entryPoints, type InstalledSize, installedSize } from "./size.ts";
import { installPackages, OURS, type WeighedPackage } from "./installed_packages.ts";

const TITLE = "Weight: import time, size and dependencies";
const RUNTIMES = ["Node", "Bun", "Deno"] as const;
/** The budget of the core. */
const MAX_BYTES = 14_000;
const RIVAL = "croner";

/** Import times are measured this many times as often as other figures, as they are short and vary. */
const TIMES = 8;

const NOTES = [
  "Import time: from the call of import() to its answer, each time in a new process, with the files in the cache of the system; " +
  "medians of processes that took turns. Most of it is the compiling of the code, which this package has more of than croner.",
  "With Deno this package is imported from its source of some 60 files, as JSR serves it; everything else as npm installs it.",
  "Bundle: all exports of the entry point, bundled by esbuild for Node with all dependencies, minified; gzip at its best level.",
  "Installed: the bytes of the files that `npm install` leaves in an empty folder, with dependencies and without their " +
  "install scripts; packages includes the package itself.",
  "bullmq includes ioredis, and agenda includes its backend for PostgreSQL, without which they do not work.",
];

interface Weight {
  readonly weighedPackage: WeighedPackage;
  readonly bundle: BundleSize;
  readonly installed: InstalledSize;
}

/** Import times by runtime. */
type Times = Readonly<Record<Runtime, ImportTimes>>;

async function weigh(weighedPackage: WeighedPackage): Promise<Weight> {
  const { folder, specifiers } = weighedPackage;
  return {
    weighedPackage,
    bundle: await bundleSize(folder, specifiers),
    installed: await installedSize(weighedPackage),
  };
}

function importMs(times: ImportTimes, name: string): number {
  return times.get(name) ?? NaN;
}

function weightTable(weights: readonly Weight[]): Table {
  return {
    caption: "Size",
    header: ["", "minified, kB", "gzip, kB", "installed, kB", "packages"],
    rows: weights.map(({ weighedPackage, bundle: { minified, gzip }, installed: { bytes, packages } }) => {
      return [weighedPackage.name, minified / 1e3, gzip / 1e3, bytes / 1e3, packages];
    }),
  };
}

async function entryPointTable(weighedPackage: WeighedPackage): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const specifier of await entryPoints(weighedPackage)) {
    const { minified, gzip } = await bundleSize(weighedPackage.folder, [specifier]);
    rows.push([specifier, minified / 1e3, gzip / 1e3]);
  }
  return { caption: "Entry points of this package, each alone", header: ["", "minified, kB", "gzip, kB"], rows };
}

function importTable(times: Times, packages: readonly WeighedPackage[]): Table {
  const rows = packages.map(({ name }) => {
    return [name, ...RUNTIMES.map((runtime) => importMs(times[runtime], name))];
  });
  return { caption: "Import time, ms", header: ["", ...RUNTIMES], rows };
}

function goals(weights: readonly Weight[], times: Times): Goal[] {
  const core = weights.find(({ weighedPackage }) => weighedPackage.name === OURS)?.bundle.gzip ?? NaN;
  const size: Goal = {
    what: "Core, minified and with gzip",
    limit: `at most ${MAX_BYTES} bytes`,
    value: `${core} bytes`,
    isMet: core <= MAX_BYTES,
  };
  const imports = RUNTIMES.map((runtime): Goal => {
    const [ours, rival] = [OURS, RIVAL].map((name) => importMs(times[runtime], name)) as [number, number];
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
  const packages = await installPackages(isShort);
  const weights: Weight[] = [];
  for (const weighedPackage of packages) weights.push(await weigh(weighedPackage));
  const measure = async (runtime: Runtime): Promise<ImportTimes> => {
    console.log(`  import time with ${runtime}`);
    return await importTimes(runtime, packages, isShort ? 2 : TIMES * repetitions);
  };
  const times: Times = { Node: await measure("Node"), Bun: await measure("Bun"), Deno: await measure("Deno") };
  const { versions } = await installedPackage();
  const peers = packages.filter(({ name }) => name !== OURS).flatMap(({ specifiers }) => specifiers);
  const named = ["node", "bun", "deno", "esbuild", ...peers];
  return {
    id: part.id,
    title: TITLE,
    notes: NOTES,
    tables: [
      weightTable(weights),
      ...await Promise.all(packages.slice(0, 1).map(entryPointTable)),
      importTable(times, packages),
    ],
    charts: [{
      file: "weight",
      title: "Minified and compressed, with all dependencies",
      kind: "bars",
      xLabel: "",
      yLabel: "kB",
      yScale: "log",
      series: [{
        name: "gzip",
        points: weights.map(({ weighedPackage, bundle }) => ({ x: weighedPackage.name, y: bundle.gzip / 1e3 })),
      }],
    }],
    goals: goals(weights, times),
    versions: Object.fromEntries(named.map((name) => [name, versions[name]!])),
  };
}

/** Import time, size and dependencies, beside the peers. */
export const part: Part = { id: "weight", title: TITLE, run };
