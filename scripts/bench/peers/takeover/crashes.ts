import type { Order, StartNote } from "../replica/order.ts";
import { ReplicaProcess, sleep, startAll } from "../replica/process.ts";
import type { Contestant, Stores } from "../replica/stores.ts";

/** Whose replicas crash, and under which lease. */
export interface Setting {
  readonly contestant: Contestant;
  /** What is told beside its name. */
  readonly how: string;
  readonly lease: NonNullable<Order["lease"]>;
  readonly clockToleranceMs?: number;
  readonly pollMs?: number;
  /** From what on the lease counts, as far as that can be seen from outside. */
  readonly sign: "last write" | "start" | "unseen";
}

/** How often replicas crash, of how many. */
export interface Plan {
  readonly processes: number;
  readonly crashes: number;
  readonly intervalMs: number;
  readonly taskMs: number;
  /** When in a run a replica crashes. */
  readonly killAfterMs: { readonly least: number; readonly most: number };
  /** Whether the very first run is spared: replicas that have just started all look at once. */
  readonly sparesFirst: boolean;
}

/** How long the others took. */
export interface Takeover {
  /** From the crash to the next start. */
  readonly sinceKillMs: number;
  /** From the last sign of life to the next start. */
  readonly sinceSignMs: number | undefined;
}

const POLL_MS = 10;
/** The shortest that all take who look for lost runs. */
const SUPERVISE_MS = 1_000;
/** Whoever hasn't begun until then has missed it. */
const LIMIT_MS = 90_000;

/** Kills replicas in the middle of runs, one after another, and measures when the next begins; nothing without a server. */
export async function measureTakeovers(
  stores: Stores,
  setting: Setting,
  plan: Plan,
): Promise<Takeover[] | undefined> {
  const opened = await stores.open(setting.contestant.store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const { lease, clockToleranceMs, pollMs } = setting;
  const order: Order = {
    contestant: setting.contestant.is,
    at: opened.at,
    replicas: 1,
    tasks: 1,
    intervalMs: plan.intervalMs,
    taskMs: plan.taskMs,
    lease,
    superviseMs: SUPERVISE_MS,
    ...(clockToleranceMs === undefined ? {} : { clockToleranceMs }),
    ...(pollMs === undefined ? {} : { pollMs }),
  };
  const all = await startAll(new Array<Order>(plan.processes).fill(order), scope);
  let afterMs = 0;
  if (plan.sparesFirst) afterMs = await endOf(await nextStart(all, 0, setting));
  const found: Takeover[] = [];
  for (let crash = 0; crash < plan.crashes; crash++) {
    const { process, start } = await nextStart(all, afterMs, setting);
    const { least, most } = plan.killAfterMs;
    const killMs = start.atMs + least + Math.random() * (most - least);
    await sleep(Math.max(0, killMs - Date.now()));
    const killedMs = Date.now();
    process.kill();
    all.splice(all.indexOf(process), 1);
    const next = await nextStart(all, killedMs, setting);
    const signMs = signOf(process, start, setting, killedMs);
    const nextMs = next.start.atMs;
    found.push({ sinceKillMs: nextMs - killedMs, sinceSignMs: signMs === undefined ? undefined : nextMs - signMs });
    if (crash === plan.crashes - 1) break;
    const fresh = scope.use(await ReplicaProcess.start(order));
    await fresh.ready();
    all.push(fresh);
    afterMs = await endOf(next);
  }
  return found;
}

/** The first run that begins after a moment. */
async function nextStart(
  all: readonly ReplicaProcess[],
  afterMs: number,
  { contestant, how }: Setting,
): Promise<{ process: ReplicaProcess; start: StartNote }> {
  const giveUpMs = Date.now() + LIMIT_MS;
  while (Date.now() < giveUpMs) {
    for (const process of all) {
      const start = process.notes.findLast((note) => note.what === "start");
      if (start?.what === "start" && start.atMs > afterMs) return { process, start };
    }
    await sleep(POLL_MS);
  }
  throw new Error(`Cannot see a run of ${contestant.name} (${how}) in time: current value is ${LIMIT_MS} ms`);
}

/** When a run has ended. */
async function endOf({ process, start }: { process: ReplicaProcess; start: StartNote }): Promise<number> {
  const giveUpMs = Date.now() + LIMIT_MS;
  while (Date.now() < giveUpMs) {
    const end = process.notes.findLast((note) => note.what === "end");
    if (end?.what === "end" && end.atMs >= start.atMs) return end.atMs;
    await sleep(POLL_MS);
  }
  throw new Error(`Cannot see a run end in time: current value is ${LIMIT_MS} ms`);
}

function signOf(
  { notes }: ReplicaProcess,
  { atMs }: StartNote,
  { sign }: Setting,
  killedMs: number,
): number | undefined {
  if (sign === "start") return atMs;
  if (sign === "unseen") return undefined;
  const written = notes.findLast((note) => note.what === "written" && note.atMs <= killedMs);
  return written?.what === "written" ? written.sentMs : undefined;
}
