import type { ContestantName, Note, Order } from "../replica/order.ts";
import { ReplicaProcess, sleep, startAll } from "../replica/process.ts";
import type { Contestant, Stores } from "../replica/stores.ts";
import { Gate, type Outage } from "./gate.ts";

/** When an outage begins. */
export type Moment = "between runs" | "in a run";

/** An outage that is to be. */
export interface Planned {
  readonly outage: Outage;
  readonly ms: number;
  readonly moment: Moment;
}

/** What came of an outage. */
export interface Outcome extends Planned {
  /** Of one replica. */
  readonly attemptsPerSecond: number;
  /** The part of a processor's time that one process used; absent, as the next one, if none was left. */
  readonly cpuShare?: number;
  /** By how much a timer of a process was late at the most. */
  readonly blockedMs?: number;
  /** Processes that ended by themselves, or ended to work. */
  readonly deaths: readonly string[];
  /** From the return to the first run; absent if there was none in time. */
  readonly backMs: number | undefined;
}

/** How replicas are set up. */
export interface Setting {
  readonly processes: number;
  readonly intervalMs: number;
  readonly taskMs: number;
  readonly timeoutMs: number;
  /** Whoever is not back so long after an outage is waited for no longer. */
  readonly backLimitMs: number;
}

/** Those whose users say how long a run may take. */
const TIMED: readonly ContestantName[] = ["ours", "pg-boss"];
const PULSE_MS = 250;
const POLL_MS = 5;
/** How near to a run an outage between runs may begin. */
const NEAR_MS = 200;

/**
 * Puts a contestant's replicas through outages of their store, one after another, until one from which they don't come back.
 * Answers with nothing if there is no server.
 */
export async function measureOutages(
  stores: Stores,
  contestant: Contestant,
  setting: Setting,
  planned: readonly Planned[],
): Promise<Outcome[] | undefined> {
  const opened = await stores.open(contestant.store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const gate = scope.use(new Gate(opened.port!));
  const url = new URL(opened.at);
  url.port = String(await gate.listen());
  const order: Order = {
    contestant: contestant.is,
    // without the slash that a URL gets
    at: url.href.replace(/\/$/, ""),
    replicas: 1,
    tasks: 1,
    intervalMs: setting.intervalMs,
    taskMs: setting.taskMs,
    pulseMs: PULSE_MS,
    ...(TIMED.includes(contestant.is) ? { lease: { ms: setting.timeoutMs, by: "timeout" } as const } : {}),
  };
  const all = await startAll(new Array<Order>(setting.processes).fill(order), scope);
  const found: Outcome[] = [];
  for (const next of planned) {
    await untilItIsTime(all, next.moment, setting);
    const outcome = await goThrough(gate, all, next, setting);
    found.push(outcome);
    if (outcome.backMs === undefined) break;
    for (const fallen of all.filter(hasFallen)) {
      fallen.kill();
      const fresh = all[all.indexOf(fallen)] = scope.use(await ReplicaProcess.start(order));
      await fresh.ready();
    }
  }
  return found;
}

function hasFallen({ end, notes }: ReplicaProcess): boolean {
  return end !== undefined || notes.some(({ what }) => what === "over");
}

/** Waits for a run, and for a moment in it or after it: not always at the same one. */
async function untilItIsTime(all: readonly ReplicaProcess[], moment: Moment, setting: Setting): Promise<void> {
  const { intervalMs, taskMs } = setting;
  await firstStart(all, Date.now(), setting);
  const roomMs = intervalMs - taskMs - 2 * NEAR_MS;
  await sleep(moment === "in a run" ? taskMs * Math.random() / 2 : taskMs + NEAR_MS + roomMs * Math.random());
}

async function goThrough(
  gate: Gate,
  all: readonly ReplicaProcess[],
  { outage, ms, moment }: Planned,
  setting: Setting,
): Promise<Outcome> {
  const fromMs = Date.now();
  gate.shut(outage);
  await sleep(ms);
  const { attempts } = gate;
  gate.open();
  const toMs = Date.now();
  const pulses = all.filter(({ end }) => !end).map(({ notes }) => pulsesIn(notes, fromMs, toMs));
  const backMs = await firstStart(all, toMs, setting);
  const deaths = all.filter(hasFallen).map((replica) => {
    const over = replica.notes.find((note) => note.what === "over");
    return over?.what === "over" ? over.text : replica.errors || `exit code ${replica.end?.code}`;
  });
  return {
    outage,
    ms,
    moment,
    attemptsPerSecond: attempts / all.length / ((toMs - fromMs) / 1_000),
    ...(pulses.length === 0 ? {} : {
      cpuShare: pulses.reduce((sum, own) => sum + cpuShareOf(own), 0) / pulses.length,
      blockedMs: Math.max(...pulses.map(blockedMsOf)),
    }),
    deaths,
    backMs,
  };
}

type Pulse = Extract<Note, { what: "pulse" }>;

function pulsesIn(notes: readonly Note[], fromMs: number, toMs: number): Pulse[] {
  return notes.flatMap((note) => note.what === "pulse" && note.atMs >= fromMs && note.atMs <= toMs ? [note] : []);
}

function cpuShareOf(pulses: readonly Pulse[]): number {
  const [first, last] = [pulses[0]!, pulses.at(-1)!];
  return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs);
}

function blockedMsOf(pulses: readonly Pulse[]): number {
  return Math.max(...pulses.slice(1).map(({ atMs }, index) => atMs - pulses[index]!.atMs - PULSE_MS));
}

/** How long after a moment the first run begins; nothing if none does in time. */
async function firstStart(
  all: readonly ReplicaProcess[],
  afterMs: number,
  { backLimitMs }: Setting,
): Promise<number | undefined> {
  while (Date.now() < afterMs + backLimitMs && !all.every(hasFallen)) {
    const starts = all.flatMap(({ notes }) =>
      notes.find((note) => note.what === "start" && note.atMs >= afterMs) ?? []
    );
    const times = starts.flatMap((note) => note.what === "start" ? note.atMs - afterMs : []);
    if (times.length > 0) return Math.min(...times);
    await sleep(POLL_MS);
  }
  return undefined;
}
