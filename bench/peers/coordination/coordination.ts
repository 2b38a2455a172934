/**
 * The cost of coordination: commands that replicas send to their store, for each run and for each idle hour.
 *
 * @module
 */
import { HOURLY, type Implementation, simulateReplicas } from "../../../internal/simulation/simulate_replicas.ts";
import type { Part, PartOptions, Section } from "../../report/section.ts";
import { type BusyOutcome, type BusySetting, combined, measureBusy, POLL_MS, TASK_MS } from "./busy.ts";
import { awayFromFullHour, HOUR_MS, type IdleSetting, measureIdle } from "./idle.ts";
import { busyTable, goals, type IdleHours, idleTable, OURS, type SimulatedRow, simulatedTable } from "./tables.ts";
import { type Candidate, CANDIDATES, type CommandCount, Stores } from "../replicas/stores.ts";
import { installedPackage } from "../package.ts";
import { rotated } from "../rotated.ts";

const { kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda } = CANDIDATES;
const IDLE: readonly Candidate[] = [bullMq, pgBoss, graphileWorker, nodeCron, agenda];
const BUSY: readonly Candidate[] = [kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda];
/** It has no due times to check, so one measurement is enough. */
const ONCE: readonly Candidate[] = [agenda];

const REPLICAS = [1, 4, 100];
const PROCESSES = 4;
const SIMULATED_HOURS = 240;
const SEED = 1;
const ORIGINAL = "the original's algorithm";

const NOTES = [
  `${OURS}, and ${ORIGINAL}: ${SIMULATED_HOURS} hours of an hourly task, simulated, with its runs; a store call is one ` +
  `command (seed ${SEED}).`,
  "The others: real processes with one hourly task that is not due, on real servers, counted by Redis's command statistics " +
  "and pg_stat_statements and extrapolated to an hour, without the run itself. 100 replicas are 25 in each of 4 processes, " +
  "with pools of at most 3 connections.",
  `${nodeCron.name} sends nothing between runs; its figure is one SET of each replica for the run of an hour.`,
  "The others have their defaults: BullMQ waits for a job for 5 s at a time, pg-boss and graphile-worker poll every 2 s, " +
  "agenda every 5 s. With an hourly task they could poll less often, and runs would start later.",
  `Busy: a run of ${TASK_MS} ms every second. Polling is every ${POLL_MS} ms where it can be set, the minimum of pg-boss. ` +
  "BullMQ has a job scheduler for each task.",
  "pg-boss and graphile-worker have crons of minutes, so jobs insert the next one instead, with the task as key. pg-boss takes " +
  "all due jobs in one batch and so sends few commands; a batch ends with its slowest job.",
  "On PostgreSQL the store is the custom store of the documentation, with the database's clock.",
  "Cloud Storage allows one write to an object a second, so an interval of 1 s is too short for it; the server is a fake.",
  "A duplicate is a due time with two starts, a miss is one with none. agenda has no fixed due times: the next run is due an " +
  "interval after the last one started.",
];

function settings(isShort: boolean): { idle: Omit<IdleSetting, "replicas">; busy: BusySetting; replicas: number[] } {
  return isShort
    ? {
      idle: { windowMs: 6_000, settleMs: 1_000 },
      busy: { processes: 2, tasks: 5, windowMs: 6_000, settleMs: 1_000 },
      replicas: [4],
    }
    : {
      idle: { windowMs: 120_000, settleMs: 20_000 },
      busy: { processes: PROCESSES, tasks: 50, windowMs: 11_000, settleMs: 2_000 },
      replicas: REPLICAS,
    };
}

function add(hours: IdleHours, name: string, replicas: number, count: CommandCount): void {
  hours.set(name, (hours.get(name) ?? new Map<number, CommandCount>()).set(replicas, count));
}

/** Measures all at the same time: idle processes do not disturb each other. */
async function measureIdleHours(stores: Stores, isShort: boolean): Promise<IdleHours> {
  const { idle, replicas } = settings(isShort);
  const hours: IdleHours = new Map();
  await awayFromFullHour(60_000 + idle.settleMs + idle.windowMs);
  await Promise.all(IDLE.flatMap((candidate) =>
    replicas.map(async (number) => {
      const count = await measureIdle(stores, candidate, { ...idle, replicas: number });
      if (!count) return;
      const inRun = candidate === nodeCron ? number : 0;
      add(hours, candidate.name, number, { sent: count.sent + inRun, all: count.all + inRun });
    })
  ));
  return hours;
}

async function simulate(name: string, implementation: Implementation, replicas: number): Promise<SimulatedRow> {
  const found = await simulateReplicas(implementation, replicas, HOURLY, SIMULATED_HOURS * HOUR_MS, SEED);
  const { runs, reads, writes, repeated: duplicates, missed: misses } = found;
  const callsPerHour = (reads + writes) / SIMULATED_HOURS;
  const readsPerReplica = reads / runs / replicas;
  return { name, replicas, runs, readsPerReplica, writes: writes / runs, callsPerHour, duplicates, misses };
}

async function measureBusyReplicas(
  stores: Stores,
  { isShort, repetitions }: PartOptions,
): Promise<Map<Candidate, BusyOutcome>> {
  const { busy } = settings(isShort);
  const found = new Map<Candidate, BusyOutcome[]>();
  const measure = async (candidate: Candidate): Promise<void> => {
    const outcome = await measureBusy(stores, candidate, busy);
    if (outcome) found.set(candidate, [...found.get(candidate) ?? [], outcome]);
  };
  if (isShort) await Promise.all(BUSY.map(measure));
  for (let repetition = 0; !isShort && repetition < repetitions; repetition++) {
    console.log(`  busy replicas, ${repetition + 1} of ${repetitions}`);
    const measured = BUSY.filter((candidate) => repetition === 0 || !ONCE.includes(candidate));
    for (const candidate of rotated(measured, repetition)) await measure(candidate);
  }
  return new Map(BUSY.flatMap((candidate): [Candidate, BusyOutcome][] => {
    const outcomes = found.get(candidate);
    return outcomes ? [[candidate, combined(outcomes)]] : [];
  }));
}

async function run(options: PartOptions): Promise<Section> {
  const { isShort } = options;
  const { busy } = settings(isShort);
  const rows: SimulatedRow[] = [];
  for (const replicas of REPLICAS) {
    rows.push(await simulate(OURS, "this package", replicas), await simulate(ORIGINAL, "original", replicas));
  }
  const { versions } = await installedPackage();
  await using stores = new Stores();
  console.log("  idle replicas");
  const measured = isShort
    ? await Promise.all([measureIdleHours(stores, true), measureBusyReplicas(stores, options)])
    : [
      await measureIdleHours(stores, false),
      await measureBusyReplicas(stores, options),
    ] as const;
  const [hours, found] = measured;
  const all: IdleHours = new Map();
  for (const { name, replicas, callsPerHour } of rows) {
    add(all, name, replicas, { sent: callsPerHour, all: callsPerHour });
  }
  for (const { name } of IDLE) if (hours.has(name)) all.set(name, hours.get(name)!);
  return {
    id: part.id,
    title: part.title,
    notes: [...NOTES, ...stores.missing],
    tables: [idleTable(all, REPLICAS), simulatedTable(rows), busyTable(found, busy)],
    charts: [{
      file: "coordination",
      title: "Store commands in an hour with one hourly task",
      kind: "lines",
      xLabel: "replicas",
      yLabel: "commands an hour",
      xScale: "log",
      yScale: "log",
      series: [...all].map(([name, counts]) => ({
        name,
        // a logarithmic axis has no zero
        points: [...counts].sort(([a], [b]) => a - b).map(([x, { all: y }]) => ({ x, y })).filter(({ y }) => y > 0),
      })),
    }],
    goals: goals(rows, found, { simulated: PROCESSES, busy: busy.processes }),
    versions: {
      ...stores.versions,
      ...Object.fromEntries(
        ["node", "bullmq", "pg-boss", "graphile-worker", "node-cron", "agenda", "pg", "ioredis", "@deno/kv"]
          .map((name) => [name, versions[name] ?? "unknown"]),
      ),
    },
  };
}

/** The cost of coordination. */
export const part: Part = { id: "coordination", title: "Cost of coordination", run };
