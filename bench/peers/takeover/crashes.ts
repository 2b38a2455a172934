import type { ReplicaRequest, StartEvent } from "../replicas/protocol.ts";
import { ReplicaProcess, sleep, startAll } from "../replicas/replica_process.ts";
import type { Candidate, Stores } from "../replicas/stores.ts";

/** The candidate and its lease. */
export interface TakeoverSetting {
  readonly candidate: Candidate;
  /** Its options, as shown beside its name. */
  readonly options: string;
  readonly lease: NonNullable<ReplicaRequest["lease"]>;
  readonly clockToleranceMs?: number;
  readonly pollMs?: number;
  /** What renews the lease, as far as the events show it. */
  readonly sign: "last write" | "start" | "unknown";
}

/** The replicas and their crashes. */
export interface CrashPlan {
  readonly processes: number;
  readonly crashes: number;
  readonly intervalMs: number;
  readonly taskMs: number;
  /** When in a run a replica crashes. */
  readonly killAfterMs: { readonly min: number; readonly max: number };
  /** Whether the first run is spared: replicas that have just started all check at once. */
  readonly sparesFirst: boolean;
}

/** How long a takeover took. */
export interface Takeover {
  /** From the crash to the next start. */
  readonly sinceKillMs: number;
  /** From the last renewal of the lease to the next start. */
  readonly sinceSignMs: number | undefined;
}

const POLL_MS = 10;
/** The shortest interval that all candidates accept. */
const SUPERVISE_MS = 1_000;
/** How long a run is waited for. */
const TIMEOUT_MS = 90_000;

/** Kills replicas during runs, one after another, and measures when the next run starts. Returns nothing without a server. */
export async function measureTakeovers(
  stores: Stores,
  setting: TakeoverSetting,
  plan: CrashPlan,
): Promise<Takeover[] | undefined> {
  const opened = await stores.open(setting.candidate.store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const { lease, clockToleranceMs, pollMs } = setting;
  const request: ReplicaRequest = {
    kind: setting.candidate.kind,
    storeUrl: opened.url,
    replicas: 1,
    tasks: 1,
    intervalMs: plan.intervalMs,
    taskMs: plan.taskMs,
    lease,
    superviseMs: SUPERVISE_MS,
    ...(clockToleranceMs === undefined ? {} : { clockToleranceMs }),
    ...(pollMs === undefined ? {} : { pollMs }),
  };
  const all = await startAll(new Array<ReplicaRequest>(plan.processes).fill(request), scope);
  let afterMs = 0;
  if (plan.sparesFirst) afterMs = await endOf(await nextStart(all, 0, setting));
  const found: Takeover[] = [];
  for (let crash = 0; crash < plan.crashes; crash++) {
    const { process, start } = await nextStart(all, afterMs, setting);
    const { min, max } = plan.killAfterMs;
    const killMs = start.atMs + min + Math.random() * (max - min);
    await sleep(Math.max(0, killMs - Date.now()));
    const killedMs = Date.now();
    process.kill();
    all.splice(all.indexOf(process), 1);
    const next = await nextStart(all, killedMs, setting);
    const signMs = signOf(process, start, setting, killedMs);
    const nextMs = next.start.atMs;
    found.push({ sinceKillMs: nextMs - killedMs, sinceSignMs: signMs === undefined ? undefined : nextMs - signMs });
    if (crash === plan.crashes - 1) break;
    const replacement = scope.use(await ReplicaProcess.start(request));
    await replacement.ready();
    all.push(replacement);
    afterMs = await endOf(next);
  }
  return found;
}

/** Waits for the first run that starts after a moment. */
async function nextStart(
  all: readonly ReplicaProcess[],
  afterMs: number,
  { candidate, options }: TakeoverSetting,
): Promise<{ process: ReplicaProcess; start: StartEvent }> {
  const giveUpMs = Date.now() + TIMEOUT_MS;
  while (Date.now() < giveUpMs) {
    for (const process of all) {
      const start = process.events.findLast((event) => event.type === "start");
      if (start && start.atMs > afterMs) return { process, start };
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `Cannot measure as ${candidate.name} (${options}) does not start a run: current value of the timeout is ${TIMEOUT_MS} ms`,
  );
}

/** Waits for the end of a run. */
async function endOf({ process, start }: { process: ReplicaProcess; start: StartEvent }): Promise<number> {
  const giveUpMs = Date.now() + TIMEOUT_MS;
  while (Date.now() < giveUpMs) {
    const end = process.events.findLast((event) => event.type === "end");
    if (end && end.atMs >= start.atMs) return end.atMs;
    await sleep(POLL_MS);
  }
  throw new Error(`Cannot measure as a run does not end: current value of the timeout is ${TIMEOUT_MS} ms`);
}

function signOf(
  { events }: ReplicaProcess,
  { atMs }: StartEvent,
  { sign }: TakeoverSetting,
  killedMs: number,
): number | undefined {
  if (sign === "start") return atMs;
  if (sign === "unknown") return undefined;
  const written = events.findLast((event) => event.type === "written" && event.atMs <= killedMs);
  return written?.type === "written" ? written.sentMs : undefined;
}
