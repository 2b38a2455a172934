/**
 * How long the others take to begin a run anew when the replica that was at it is killed.
 *
 * @module
 */
import { median } from "../percentile.ts";
import type { Goal, Part, PartOptions, Section } from "../results/section.ts";
import { CONTESTANTS, Stores } from "./replica/stores.ts";
import { measureTakeovers, type Plan, type Setting, type Takeover } from "./takeover/crashes.ts";
import { openWorkshop } from "./workshop.ts";

const { kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda } = CONTESTANTS;

const LEASE_MS = 5_000;
const SHORT_LEASE_MS = 2_000;
/** The least that pg-boss takes. */
const PG_BOSS_HEARTBEAT_MS = 10_000;
const TOLERANCE_MS = 100;
const POLL_MS = 500;
const GOAL_MS = 1_000;

function byTimeout(ms: number): Setting[] {
  const lease = { ms, by: "timeout" } as const;
  return [
    { contestant: kv, how: "timeout", lease, sign: "last write" },
    {
      contestant: kv,
      how: "timeout, clockTolerance 100 ms",
      lease,
      sign: "last write",
      clockToleranceMs: TOLERANCE_MS,
    },
    { contestant: gcs, how: "timeout", lease, sign: "last write" },
    { contestant: postgres, how: "timeout", lease, sign: "last write" },
    { contestant: pgBoss, how: "expireInSeconds", lease, sign: "start", pollMs: POLL_MS },
  ];
}

function byHeartbeat(ms: number): Setting[] {
  const lease = { ms, by: "heartbeat" } as const;
  return [
    { contestant: kv, how: "heartbeatTimeout", lease, sign: "last write" },
    {
      contestant: kv,
      how: "heartbeatTimeout, clockTolerance 100 ms",
      lease,
      sign: "last write",
      clockToleranceMs: TOLERANCE_MS,
    },
    { contestant: gcs, how: "heartbeatTimeout", lease, sign: "last write" },
    { contestant: postgres, how: "heartbeatTimeout", lease, sign: "last write" },
    { contestant: bullMq, how: "lockDuration, stalledInterval 1 s", lease, sign: "unseen" },
    {
      contestant: pgBoss,
      how: "heartbeatSeconds",
      lease: { ms: Math.max(ms, PG_BOSS_HEARTBEAT_MS), by: "heartbeat" },
      sign: "unseen",
      pollMs: POLL_MS,
    },
  ];
}

const NOTES = [
  "One task, 4 processes. In the middle of each run, but the first, its process gets SIGKILL at a random moment; a new one " +
  "takes its place once another replica has begun. All contestants are measured at the same time: they are idle mostly.",
  "By timeout: the lease counts from the start of the run, which takes 4 s and is killed 1 to 3 s after its start. By " +
  "heartbeat: from the last sign of life; the run takes 12 s and is killed 6 to 10 s after its start.",
  "The floor is the lease: nobody may begin sooner after the last sign of life. From the crash it may be less, by the age of " +
  "that sign.",
  "BullMQ renews its lock each half of it, and looks for lost ones each second here (by default: 30 s each). pg-boss supervises " +
  "each second here (by default each minute), and takes no heartbeat below 10 s.",
  "This package: replicas that did not run last look for the first time 5 to 10 s after the due time here, each at a moment of " +
  "its own. A lease by timeout is over then or soon, and the first of these looks takes over.",
  "Deno KV has no clock of its own, so clockTolerance (5 s by default) is waited for besides, unless the same record was seen " +
  "for the whole lease; processes on one machine have one clock and can have it shorter. Cloud Storage tells whole seconds.",
  `${graphileWorker.name} takes a job back 4 hours after it was locked, which can't be set: not measured.`,
  `${nodeCron.name} and ${agenda.name} begin no crashed run anew: the next one is that of the next interval.`,
];

/** With the setting that it was measured with. */
interface Found {
  readonly setting: Setting;
  readonly takeovers: readonly Takeover[];
}

async function measureAll(stores: Stores, { isShort, repetitions }: PartOptions): Promise<Found[]> {
  const killedIn = (least: number, most: number): Plan["killAfterMs"] => ({ least, most });
  const long = { processes: 4, crashes: 2 * repetitions, sparesFirst: true };
  const short: Plan = {
    ...{ processes: 2, crashes: 1, sparesFirst: false },
    ...{ intervalMs: 60_000, taskMs: 1_900, killAfterMs: killedIn(300, 600) },
  };
  const planned: (readonly [Setting, Plan])[] = isShort
    ? [...byTimeout(SHORT_LEASE_MS), ...byHeartbeat(SHORT_LEASE_MS)]
      .filter(({ lease, clockToleranceMs }) => lease.ms === SHORT_LEASE_MS && clockToleranceMs === undefined)
      .map((setting) => [setting, short] as const)
    : [
      ...byTimeout(LEASE_MS).map((setting) =>
        [setting, { ...long, intervalMs: 20_000, taskMs: 4_000, killAfterMs: killedIn(1_000, 3_000) }] as const
      ),
      ...byHeartbeat(LEASE_MS).map((setting) =>
        [setting, { ...long, intervalMs: 30_000, taskMs: 12_000, killAfterMs: killedIn(6_000, 10_000) }] as const
      ),
    ];
  const found = await Promise.all(planned.map(async ([setting, plan]): Promise<Found[]> => {
    const takeovers = await measureTakeovers(stores, setting, plan);
    return takeovers ? [{ setting, takeovers }] : [];
  }));
  return found.flat();
}

function row({ setting, takeovers }: Found): (string | number)[] {
  const { contestant, how, lease } = setting;
  const kills = takeovers.map(({ sinceKillMs }) => sinceKillMs);
  const signs = takeovers.flatMap(({ sinceSignMs }) => sinceSignMs ?? []);
  const seconds = (values: readonly number[]): (string | number)[] =>
    values.length > 0 ? [median([...values]), Math.max(...values)].map((ms) => ms / 1_000) : ["-", "-"];
  return [contestant.name, how, lease.ms / 1_000, takeovers.length, ...seconds(kills), ...seconds(signs)];
}

function goalOf({ setting, takeovers }: Found): Goal {
  const { contestant, how, lease } = setting;
  const value = median(takeovers.map(({ sinceKillMs }) => sinceKillMs));
  return {
    what: `${contestant.name}, ${how}: from the crash to the next start, median`,
    limit: `at most the lease + 1 s: ${(lease.ms + GOAL_MS) / 1_000} s`,
    value: `${(value / 1_000).toFixed(2)} s`,
    isMet: value <= lease.ms + GOAL_MS,
  };
}

/** Measures, and tells. */
async function run(options: PartOptions): Promise<Section> {
  const { versions } = await openWorkshop();
  await using stores = new Stores();
  console.log("  crashes in the middle of runs");
  const found = await measureAll(stores, options);
  const header = ["", "lease by", "lease, s", "crashes", "crash to next start, median, s", "longest, s"];
  return {
    id: part.id,
    title: part.title,
    notes: [...NOTES, ...stores.missing],
    tables: [{
      caption: "From SIGKILL in the middle of a run to the next start",
      header: [...header, "last sign of life to next start, median, s", "longest, s"],
      rows: [
        ...found.map(row),
        [graphileWorker.name, "fixed", 4 * 3_600, "-", "-", "-", "-", "-"],
        ...[nodeCron, agenda].map(({ name }) => [name, "none", "-", "-", "-", "-", "-", "-"]),
      ],
    }],
    charts: [],
    goals: found.filter(({ setting }) => setting.contestant.is === "ours").map(goalOf),
    versions: {
      ...stores.versions,
      ...Object.fromEntries(
        ["node", "bullmq", "pg-boss", "graphile-worker", "pg", "ioredis", "@deno/kv"]
          .map((name) => [name, versions[name] ?? "unknown"]),
      ),
    },
  };
}

/** How soon a crashed replica is replaced. */
export const part: Part = { id: "takeover", title: "Takeover after a crash", run };
