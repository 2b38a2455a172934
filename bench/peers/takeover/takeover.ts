/**
 * The time until another replica repeats a run whose process was killed.
 *
 * @module
 */
import { median } from "../../percentile.ts";
import type { Goal, Part, PartOptions, Section } from "../../report/section.ts";
import { CANDIDATES, Stores } from "../replicas/stores.ts";
import { type CrashPlan, measureTakeovers, type Takeover, type TakeoverSetting } from "./crashes.ts";
import { installedPackage } from "../package.ts";

const { kv, gcs, postgres, bullMq, pgBoss, graphileWorker, nodeCron, agenda } = CANDIDATES;

const LEASE_MS = 5_000;
const SHORT_LEASE_MS = 2_000;
/** The minimum of pg-boss. */
const PG_BOSS_HEARTBEAT_MS = 10_000;
const TOLERANCE_MS = 100;
const POLL_MS = 500;
const GOAL_MS = 1_000;

function byTimeout(ms: number): TakeoverSetting[] {
  const lease = { ms, by: "timeout" } as const;
  return [
    { candidate: kv, options: "timeout", lease, sign: "last write" },
    {
      candidate: kv,
      options: "timeout, clockTolerance 100 ms",
      lease,
      sign: "last write",
      clockToleranceMs: TOLERANCE_MS,
    },
    { candidate: gcs, options: "timeout", lease, sign: "last write" },
    { candidate: postgres, options: "timeout", lease, sign: "last write" },
    { candidate: pgBoss, options: "expireInSeconds", lease, sign: "start", pollMs: POLL_MS },
  ];
}

function byHeartbeat(ms: number): TakeoverSetting[] {
  const lease = { ms, by: "heartbeat" } as const;
  return [
    { candidate: kv, options: "heartbeatTimeout", lease, sign: "last write" },
    {
      candidate: kv,
      options: "heartbeatTimeout, clockTolerance 100 ms",
      lease,
      sign: "last write",
      clockToleranceMs: TOLERANCE_MS,
    },
    { candidate: gcs, options: "heartbeatTimeout", lease, sign: "last write" },
    { candidate: postgres, options: "heartbeatTimeout", lease, sign: "last write" },
    { candidate: bullMq, options: "lockDuration, stalledInterval 1 s", lease, sign: "unknown" },
    {
      candidate: pgBoss,
      options: "heartbeatSeconds",
      lease: { ms: Math.max(ms, PG_BOSS_HEARTBEAT_MS), by: "heartbeat" },
      sign: "unknown",
      pollMs: POLL_MS,
    },
  ];
}

const NOTES = [
  "One task, 4 processes. In each run but the first, its process gets SIGKILL at a random moment; a new one replaces it once " +
  "another replica has started. All candidates are measured at the same time: they are mostly idle.",
  "By timeout: the lease counts from the start of the run, which takes 4 s and is killed 1 to 3 s after its start. By " +
  "heartbeat: from the last heartbeat; the run takes 12 s and is killed 6 to 10 s after its start.",
  "The floor is the lease after the last heartbeat or start. The time from the crash may be shorter, by the age of that.",
  "BullMQ renews its lock after half its length and searches for lost ones every second here (both 30 s by default). pg-boss " +
  "supervises every second here (by default every minute) and accepts no heartbeat below 10 s.",
  "This package: a standby first checks 5 to 10 s after the due time here, each at a random moment. A lease by timeout is " +
  "over then or soon, and the first of these checks takes over.",
  "Deno KV has no clock, so clockTolerance (5 s by default) is added, unless a replica has seen the same record for the whole " +
  "lease: standbys check 1.25 to 2.5 s after the due time to see it soon. Processes on one machine share a clock and can have " +
  "a shorter tolerance. Cloud Storage's clock has whole seconds.",
  `${graphileWorker.name} repeats a job 4 hours after it was locked, which cannot be changed: not measured.`,
  `${nodeCron.name} and ${agenda.name} do not repeat a crashed run: the next one is that of the next interval.`,
];

/** The takeovers of a setting. */
interface Found {
  readonly setting: TakeoverSetting;
  readonly takeovers: readonly Takeover[];
}

async function measureAll(stores: Stores, { isShort, repetitions }: PartOptions): Promise<Found[]> {
  const killedIn = (min: number, max: number): CrashPlan["killAfterMs"] => ({ min, max });
  const long = { processes: 4, crashes: 2 * repetitions, sparesFirst: true };
  const short: CrashPlan = {
    ...{ processes: 2, crashes: 1, sparesFirst: false },
    ...{ intervalMs: 60_000, taskMs: 1_900, killAfterMs: killedIn(300, 600) },
  };
  const planned: (readonly [TakeoverSetting, CrashPlan])[] = isShort
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
  const { candidate, options, lease } = setting;
  const kills = takeovers.map(({ sinceKillMs }) => sinceKillMs);
  const signs = takeovers.flatMap(({ sinceSignMs }) => sinceSignMs ?? []);
  const seconds = (values: readonly number[]): (string | number)[] =>
    values.length > 0 ? [median([...values]), Math.max(...values)].map((ms) => ms / 1_000) : ["-", "-"];
  return [candidate.name, options, lease.ms / 1_000, takeovers.length, ...seconds(kills), ...seconds(signs)];
}

function goalOf({ setting, takeovers }: Found): Goal {
  const { candidate, options, lease } = setting;
  const value = median(takeovers.map(({ sinceKillMs }) => sinceKillMs));
  return {
    what: `${candidate.name}, ${options}: from the crash to the next start, median`,
    limit: `at most the lease + 1 s: ${(lease.ms + GOAL_MS) / 1_000} s`,
    value: `${(value / 1_000).toFixed(2)} s`,
    isMet: value <= lease.ms + GOAL_MS,
  };
}

async function run(options: PartOptions): Promise<Section> {
  const { versions } = await installedPackage();
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
      header: [...header, "last heartbeat or start to next start, median, s", "longest, s"],
      rows: [
        ...found.map(row),
        [graphileWorker.name, "fixed", 4 * 3_600, "-", "-", "-", "-", "-"],
        ...[nodeCron, agenda].map(({ name }) => [name, "none", "-", "-", "-", "-", "-", "-"]),
      ],
    }],
    charts: [],
    goals: found.filter(({ setting }) => setting.candidate.kind === "periodic-task").map(goalOf),
    versions: {
      ...stores.versions,
      ...Object.fromEntries(
        ["node", "bullmq", "pg-boss", "graphile-worker", "pg", "ioredis", "@deno/kv"]
          .map((name) => [name, versions[name] ?? "unknown"]),
      ),
    },
  };
}

/** Takeover after a crash. */
export const part: Part = { id: "takeover", title: "Takeover after a crash", run };
