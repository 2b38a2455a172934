/**
 * What replicas do while their store is gone, and how soon they are back.
 *
 * @module
 */
import { median } from "../percentile.ts";
import type { Goal, Part, PartOptions, Section } from "../results/section.ts";
import type { Outage } from "./outage/gate.ts";
import { measureOutages, type Outcome, type Planned, type Setting } from "./outage/outages.ts";
import { type Contestant, CONTESTANTS, Stores } from "./replica/stores.ts";
import { openWorkshop } from "./workshop.ts";

const { gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron } = CONTESTANTS;
const ALL: readonly Contestant[] = [gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron];

const SETTING: Setting = {
  processes: 4,
  intervalMs: 4_000,
  taskMs: 1_000,
  timeoutMs: 8_000,
  backLimitMs: 90_000,
};
const SHORT_SETTING: Setting = { ...SETTING, processes: 2, intervalMs: 2_000, taskMs: 500, backLimitMs: 5_000 };
const OUTAGES: readonly Outage[] = ["silent", "refused"];
/** They take long. */
const MOST_LONG_ONES = 2;

const SECONDS = {
  run: SETTING.taskMs / 1_000,
  interval: SETTING.intervalMs / 1_000,
  timeout: SETTING.timeoutMs / 1_000,
};

const NOTES = [
  `One task with a run of ${SECONDS.run} s every ${SECONDS.interval} s, in ${SETTING.processes} processes, which reach their ` +
  "store through a gate of ours. All contestants are measured at the same time.",
  "Silent: connections stay, and nothing is answered until the end; then the server gets what was sent. Refused: all " +
  "connections break, and new ones do so at once.",
  "In a run: the outage begins while a run is going on, whose end can't be told to the store then. After an outage from which " +
  "nobody comes back there is no further one of its kind.",
  "An attempt is a new connection or something sent on one, counted at the gate, for one replica in a second.",
  "CPU is that of one process, in percent of one core. Blocked is by how much a timer of the process came late at the most.",
  "A crash is a process that ended by itself, or whose runner has ended and said so. Each has the listeners for errors that " +
  "its documentation asks for. Those that crashed are started anew afterwards.",
  `This package: timeout ${SECONDS.timeout} s, minCycle by default, which is half the interval. pg-boss: expireInSeconds ` +
  `${SECONDS.timeout}. All else is by default: pg-boss and graphile-worker poll every 2 s, BullMQ's lock is of 30 s.`,
  "node-cron skips a run whose lock can't be had. Deno KV is not measured: its file can't be gone.",
];

/** Outages in rows, each row with a store and processes of its own; rows in one list go on at the same time. */
function plan({ isShort, repetitions }: PartOptions): Planned[][][] {
  const both = (ms: number): Planned[] => OUTAGES.map((outage) => ({ outage, ms, moment: "between runs" }));
  const inRun = (outage: Outage, ms: number): Planned => ({ outage, ms, moment: "in a run" });
  if (isShort) return [[[{ outage: "silent", ms: 2_000, moment: "between runs" }, inRun("refused", 2_000)]]];
  const times = <Thing>(count: number, things: readonly Thing[]): Thing[] =>
    Array.from({ length: count }, () => things).flat();
  const longOnes = Math.min(repetitions, MOST_LONG_ONES);
  return [
    [[...times(repetitions, both(10_000)), ...times(longOnes, both(60_000))]],
    OUTAGES.map((outage) => times(repetitions, [inRun(outage, 10_000)])),
  ];
}

/** With whose replicas they were. */
interface Found {
  readonly contestant: Contestant;
  readonly outcomes: readonly Outcome[];
}

async function measureAll(stores: Stores, options: PartOptions): Promise<Found[]> {
  const setting = options.isShort ? SHORT_SETTING : SETTING;
  const found = new Map<Contestant, Outcome[]>();
  for (const list of plan(options)) {
    const ones = ALL.flatMap((contestant) => list.map((planned) => ({ contestant, planned })));
    await Promise.all(ones.map(async ({ contestant, planned }) => {
      const outcomes = await measureOutages(stores, contestant, setting, planned);
      if (outcomes) found.set(contestant, [...found.get(contestant) ?? [], ...outcomes]);
    }));
  }
  return ALL.flatMap((contestant) => {
    const outcomes = found.get(contestant);
    return outcomes ? [{ contestant, outcomes }] : [];
  });
}

/** Outages of the same kind. */
function row(name: string, kind: string, outcomes: readonly Outcome[]): (string | number)[] {
  const back = outcomes.flatMap(({ backMs }) => backMs ?? []);
  const shares = outcomes.flatMap(({ cpuShare }) => cpuShare ?? []);
  const blocked = outcomes.flatMap(({ blockedMs }) => blockedMs ?? []);
  const seconds = (values: readonly number[]): (string | number)[] =>
    values.length === 0 ? ["-", "-"] : [median([...values]) / 1_000, Math.max(...values) / 1_000];
  const never = outcomes.length - back.length;
  return [
    name,
    kind,
    outcomes.length,
    median(outcomes.map(({ attemptsPerSecond }) => attemptsPerSecond)),
    Math.max(...outcomes.map(({ attemptsPerSecond }) => attemptsPerSecond)),
    shares.length > 0 ? 100 * median(shares) : "-",
    blocked.length > 0 ? Math.max(...blocked) : "-",
    outcomes.reduce((sum, { deaths }) => sum + deaths.length, 0),
    ...seconds(back),
    ...(never > 0 ? [`${never} of ${outcomes.length}`] : [0]),
  ];
}

function kindsOf(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  return Map.groupBy(outcomes, ({ ms, outage, moment }) => `${ms / 1_000} s, ${outage}, ${moment}`);
}

function rows({ contestant, outcomes }: Found): (string | number)[][] {
  return [...kindsOf(outcomes)].map(([kind, ones]) => row(contestant.name, kind, ones));
}

function goals(found: readonly Found[], minCycleMs: number): Goal[] {
  return found.filter(({ contestant }) => contestant.is === "ours").flatMap(({ contestant: { name }, outcomes }) => {
    const crashes = outcomes.reduce((sum, { deaths }) => sum + deaths.length, 0);
    const attempts = Math.max(...outcomes.map(({ attemptsPerSecond }) => attemptsPerSecond));
    const back = [...kindsOf(outcomes).values()].map((ones) => median(ones.map(({ backMs }) => backMs ?? Infinity)));
    const slowest = Math.max(...back);
    return [
      { what: `${name}: crashes`, limit: "0", value: String(crashes), isMet: crashes === 0 },
      {
        what: `${name}: attempts a second and replica, the most of all outages`,
        limit: "at most 1",
        value: attempts.toFixed(2),
        isMet: attempts <= 1,
      },
      {
        what: `${name}: from the return to the first run, the median of the worst kind`,
        limit: `at most minCycle: ${minCycleMs / 1_000} s`,
        value: `${(slowest / 1_000).toFixed(2)} s`,
        isMet: slowest <= minCycleMs,
      },
    ];
  });
}

function causes(found: readonly Found[]): string[] {
  return found.flatMap(({ contestant: { name }, outcomes }) => {
    const [first] = outcomes.flatMap(({ deaths }) => deaths);
    const line = first?.split("\n").find((text) => /^\w*error\b/i.test(text)) ?? first;
    return line === undefined ? [] : [`${name} crashed with: ${line.slice(0, 200)}`];
  });
}

/** Measures, and tells. */
async function run(options: PartOptions): Promise<Section> {
  const { versions } = await openWorkshop();
  const setting = options.isShort ? SHORT_SETTING : SETTING;
  await using stores = new Stores();
  console.log("  outages");
  const found = await measureAll(stores, options);
  const header = ["", "outage", "times", "attempts a second, median", "most", "CPU, %", "blocked, ms", "crashes"];
  return {
    id: part.id,
    title: part.title,
    notes: [...NOTES, ...causes(found), ...stores.missing],
    tables: [{
      caption: "While the store is gone, and afterwards",
      header: [...header, "back after, median, s", "longest, s", `not back in ${setting.backLimitMs / 1_000} s`],
      rows: found.flatMap(rows),
    }],
    charts: [],
    goals: goals(found, setting.intervalMs / 2),
    versions: {
      ...stores.versions,
      ...Object.fromEntries(
        ["node", "bullmq", "pg-boss", "graphile-worker", "node-cron", "pg", "ioredis"]
          .map((name) => [name, versions[name] ?? "unknown"]),
      ),
    },
  };
}

/** What an outage of the store does. */
export const part: Part = { id: "outage", title: "Outage of the store", run };
