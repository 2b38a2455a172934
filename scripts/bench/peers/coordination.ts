/**
 * What it costs replicas to share tasks: commands that their store is asked, for each run and for each idle hour. Of this package
 * and of those that a user would pick instead.
 *
 * @module
 */
import { HOURLY } from "../coordination.ts";
import { type Maker, simulate } from "../fleet.ts";
import type { Part, PartOptions, Section } from "../results/section.ts";
import { type BusyOutcome, type BusySetting, measureBusy, POLL_MS, TASK_MS, together } from "./coordination/busy.ts";
import { awayFromFullHour, HOUR_MS, type IdleSetting, measureIdle } from "./coordination/idle.ts";
import {
  busyTable,
  goals,
  type IdleHours,
  idleTable,
  OURS,
  type Simulated,
  simulatedTable,
} from "./coordination/tables.ts";
import { type Contestant, CONTESTANTS, type Count, Stores } from "./replica/stores.ts";
import { openWorkshop, rotated } from "./workshop.ts";

const { kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda } = CONTESTANTS;
const IDLE: readonly Contestant[] = [bullMq, pgBoss, graphileWorker, nodeCron, agenda];
const BUSY: readonly Contestant[] = [kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda];
/** It has no slots to be judged, so once is enough. */
const ONCE: readonly Contestant[] = [agenda];

const REPLICAS = [1, 4, 100];
const PROCESSES = 4;
const SIMULATED_HOURS = 240;
const SEED = 1;
const ORIGINAL = "the original's algorithm";

const NOTES = [
  `${OURS}, and ${ORIGINAL}: ${SIMULATED_HOURS} hours of an hourly task, simulated, with its runs; a call to a store is one ` +
  `command (seed ${SEED}).`,
  "The others: real processes with one task an hour that is not due, on real servers, counted by Redis's command statistics " +
  "and pg_stat_statements and extrapolated to an hour, without the run itself. 100 replicas are 25 in each of 4 processes, " +
  "with pools of at most 3 connections.",
  `${nodeCron.name} asks nothing between runs; what is told is a SET of each replica for the run of an hour.`,
  "They have their own defaults there: BullMQ waits for a job for 5 s at a time, pg-boss and graphile-worker poll every 2 s, " +
  "agenda every 5 s. Who has an hourly task may poll less often, at the price of runs that begin later.",
  `Busy: a run every second, of ${TASK_MS} ms. Polling is every ${POLL_MS} ms where it can be chosen, the shortest that ` +
  "pg-boss takes. BullMQ has a job scheduler for each task.",
  "pg-boss and graphile-worker have crons of minutes: jobs that put the next one into the queue, with the task as key, stand " +
  "in for them. pg-boss takes all that is due in one batch, which is why it asks so little; a batch ends with its slowest job.",
  "PostgreSQL has no store in this package: measured is README's store of one's own, with the database's clock.",
  "On Cloud Storage an object takes one write a second: an interval of 1 s is beyond what it is for, and the server is a " +
  "fake of our own.",
  "A duplicate is a slot with two starts, a miss is a slot with none, by what the processes noted. agenda has no slots: the " +
  "next run is due an interval after the last one began.",
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

function add(hours: IdleHours, name: string, replicas: number, count: Count): void {
  hours.set(name, (hours.get(name) ?? new Map<number, Count>()).set(replicas, count));
}

/** All at the same time: idle as they are, they don't disturb each other. */
async function measureIdleHours(stores: Stores, isShort: boolean): Promise<IdleHours> {
  const { idle, replicas } = settings(isShort);
  const hours: IdleHours = new Map();
  await awayFromFullHour(60_000 + idle.settleMs + idle.windowMs);
  await Promise.all(IDLE.flatMap((contestant) =>
    replicas.map(async (number) => {
      const count = await measureIdle(stores, contestant, { ...idle, replicas: number });
      if (!count) return;
      const inRun = contestant === nodeCron ? number : 0;
      add(hours, contestant.name, number, { sent: count.sent + inRun, all: count.all + inRun });
    })
  ));
  return hours;
}

async function simulated(name: string, maker: Maker, replicas: number): Promise<Simulated> {
  const found = await simulate(maker, replicas, HOURLY, SIMULATED_HOURS * HOUR_MS, SEED);
  const { runs, reads, writes, repeated: duplicates, missed: misses } = found;
  const callsPerHour = (reads + writes) / SIMULATED_HOURS;
  const readsPerReplica = reads / runs / replicas;
  return { name, replicas, runs, readsPerReplica, writes: writes / runs, callsPerHour, duplicates, misses };
}

async function measureBusyOnes(
  stores: Stores,
  { isShort, repetitions }: PartOptions,
): Promise<Map<Contestant, BusyOutcome>> {
  const { busy } = settings(isShort);
  const found = new Map<Contestant, BusyOutcome[]>();
  const measure = async (contestant: Contestant): Promise<void> => {
    const outcome = await measureBusy(stores, contestant, busy);
    if (outcome) found.set(contestant, [...found.get(contestant) ?? [], outcome]);
  };
  if (isShort) await Promise.all(BUSY.map(measure));
  for (let repetition = 0; !isShort && repetition < repetitions; repetition++) {
    console.log(`  busy replicas, ${repetition + 1} of ${repetitions}`);
    const taking = BUSY.filter((contestant) => repetition === 0 || !ONCE.includes(contestant));
    for (const contestant of rotated(taking, repetition)) await measure(contestant);
  }
  return new Map(BUSY.flatMap((contestant): [Contestant, BusyOutcome][] => {
    const outcomes = found.get(contestant);
    return outcomes ? [[contestant, together(outcomes)]] : [];
  }));
}

/** Measures, and tells. */
async function run(options: PartOptions): Promise<Section> {
  const { isShort } = options;
  const { busy } = settings(isShort);
  const rows: Simulated[] = [];
  for (const replicas of REPLICAS) {
    rows.push(await simulated(OURS, "this package", replicas), await simulated(ORIGINAL, "original", replicas));
  }
  const { versions } = await openWorkshop();
  await using stores = new Stores();
  console.log("  idle replicas");
  const measured = isShort ? await Promise.all([measureIdleHours(stores, true), measureBusyOnes(stores, options)]) : [
    await measureIdleHours(stores, false),
    await measureBusyOnes(stores, options),
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
        // nothing at all has no place on such an axis
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
