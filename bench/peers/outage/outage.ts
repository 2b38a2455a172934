/**
 * Outages of the store: attempts, CPU, crashes, and the time until replicas run again.
 *
 * @module
 */
import { median } from "../../percentile.ts";
import type { Goal, Part, PartOptions, Section } from "../../report/section.ts";
import type { Outage } from "./tcp_gate.ts";
import { measureOutages, type OutageOutcome, type OutageSetting, type PlannedOutage } from "./measure_outages.ts";
import { type Candidate, CANDIDATES, Stores } from "../replicas/stores.ts";
import { installedPackage } from "../package.ts";

const { gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron } = CANDIDATES;
const ALL: readonly Candidate[] = [gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron];

const SETTING: OutageSetting = {
  processes: 4,
  intervalMs: 4_000,
  taskMs: 1_000,
  timeoutMs: 8_000,
  recoveryTimeoutMs: 90_000,
};
const SHORT_SETTING: OutageSetting = {
  ...SETTING,
  processes: 2,
  intervalMs: 2_000,
  taskMs: 500,
  recoveryTimeoutMs: 5_000,
};
const OUTAGES: readonly Outage[] = ["silent", "refused"];
/** Long outages are repeated less often. */
const MAX_LONG_OUTAGES = 2;

const SECONDS = {
  run: SETTING.taskMs / 1_000,
  interval: SETTING.intervalMs / 1_000,
  timeout: SETTING.timeoutMs / 1_000,
};

const NOTES = [
  `One task with a run of ${SECONDS.run} s every ${SECONDS.interval} s, in ${SETTING.processes} processes that reach their ` +
  "store through a TCP proxy. All candidates are measured at the same time.",
  "Silent: connections stay open without answers until the end; then the server gets what was sent. Refused: all connections " +
  "break, and new ones do so at once.",
  "In a run: the outage starts during a run, whose end cannot be recorded then. After an outage without recovery there is no " +
  "further one of its kind.",
  "An attempt is a new connection or something sent on one, counted at the proxy, for one replica in a second.",
  "CPU is that of one process, in percent of one core. Blocked is the longest delay of a timer in the process.",
  "A crash is a process that exited by itself, or whose runner has stopped. Each candidate has the error listeners that its " +
  "documentation asks for. Crashed replicas are started again afterwards.",
  `This package: timeout ${SECONDS.timeout} s, minCycle by default, which is half the interval. pg-boss: expireInSeconds ` +
  `${SECONDS.timeout}. The rest are defaults: pg-boss and graphile-worker poll every 2 s, BullMQ's lock is of 30 s.`,
  "node-cron skips a run if it cannot get the lock. Deno KV is not measured: its file has no outages.",
];

/** Plans sequences of outages, each with a store and processes of its own. The sequences of one list run at the same time. */
function planOutages({ isShort, repetitions }: PartOptions): PlannedOutage[][][] {
  const both = (ms: number): PlannedOutage[] => OUTAGES.map((outage) => ({ outage, ms, moment: "between runs" }));
  const inRun = (outage: Outage, ms: number): PlannedOutage => ({ outage, ms, moment: "in a run" });
  if (isShort) return [[[{ outage: "silent", ms: 2_000, moment: "between runs" }, inRun("refused", 2_000)]]];
  const times = <Thing>(count: number, things: readonly Thing[]): Thing[] =>
    Array.from({ length: count }, () => things).flat();
  const longOutages = Math.min(repetitions, MAX_LONG_OUTAGES);
  return [
    [[...times(repetitions, both(10_000)), ...times(longOutages, both(60_000))]],
    OUTAGES.map((outage) => times(repetitions, [inRun(outage, 10_000)])),
  ];
}

/** The outages of a candidate. */
interface Found {
  readonly candidate: Candidate;
  readonly outcomes: readonly OutageOutcome[];
}

async function measureAll(stores: Stores, options: PartOptions): Promise<Found[]> {
  const setting = options.isShort ? SHORT_SETTING : SETTING;
  const found = new Map<Candidate, OutageOutcome[]>();
  for (const list of planOutages(options)) {
    const sequences = ALL.flatMap((candidate) => list.map((planned) => ({ candidate, planned })));
    await Promise.all(sequences.map(async ({ candidate, planned }) => {
      const outcomes = await measureOutages(stores, candidate, setting, planned);
      if (outcomes) found.set(candidate, [...found.get(candidate) ?? [], ...outcomes]);
    }));
  }
  return ALL.flatMap((candidate) => {
    const outcomes = found.get(candidate);
    return outcomes ? [{ candidate, outcomes }] : [];
  });
}

/** Makes a row of outages of the same kind. */
function row(name: string, kind: string, outcomes: readonly OutageOutcome[]): (string | number)[] {
  const back = outcomes.flatMap(({ recoveryMs }) => recoveryMs ?? []);
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
    outcomes.reduce((sum, { crashes }) => sum + crashes.length, 0),
    ...seconds(back),
    ...(never > 0 ? [`${never} of ${outcomes.length}`] : [0]),
  ];
}

function kindsOf(outcomes: readonly OutageOutcome[]): Map<string, OutageOutcome[]> {
  return Map.groupBy(outcomes, ({ ms, outage, moment }) => `${ms / 1_000} s, ${outage}, ${moment}`);
}

function rows({ candidate, outcomes }: Found): (string | number)[][] {
  return [...kindsOf(outcomes)].map(([kind, same]) => row(candidate.name, kind, same));
}

function goals(found: readonly Found[], minCycleMs: number): Goal[] {
  return found.filter(({ candidate }) => candidate.kind === "periodic-task").flatMap(
    ({ candidate: { name }, outcomes }) => {
      const crashes = outcomes.reduce((sum, { crashes }) => sum + crashes.length, 0);
      const attempts = Math.max(...outcomes.map(({ attemptsPerSecond }) => attemptsPerSecond));
      const back = [...kindsOf(outcomes).values()].map((same) =>
        median(same.map(({ recoveryMs }) => recoveryMs ?? Infinity))
      );
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
    },
  );
}

function causes(found: readonly Found[]): string[] {
  return found.flatMap(({ candidate: { name }, outcomes }) => {
    const [first] = outcomes.flatMap(({ crashes }) => crashes);
    const line = first?.split("\n").find((text) => /^\w*error\b/i.test(text)) ?? first;
    return line === undefined ? [] : [`${name} crashed with: ${line.slice(0, 200)}`];
  });
}

async function run(options: PartOptions): Promise<Section> {
  const { versions } = await installedPackage();
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
      header: [...header, "recovery, median, s", "longest, s", `no recovery in ${setting.recoveryTimeoutMs / 1_000} s`],
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

/** Outages of the store. */
export const part: Part = { id: "outage", title: "Outage of the store", run };
