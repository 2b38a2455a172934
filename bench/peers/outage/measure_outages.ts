import type { ReplicaEvent, ReplicaKind, ReplicaRequest } from "../replicas/protocol.ts";
import { ReplicaProcess, sleep, startAll } from "../replicas/replica_process.ts";
import type { Candidate, Stores } from "../replicas/stores.ts";
import { type Outage, TcpGate } from "./tcp_gate.ts";

/** When an outage starts. */
export type Moment = "between runs" | "in a run";

/** An outage to simulate. */
export interface PlannedOutage {
  readonly outage: Outage;
  readonly ms: number;
  readonly moment: Moment;
}

/** The effects of an outage. */
export interface OutageOutcome extends PlannedOutage {
  /** The attempts of one replica. */
  readonly attemptsPerSecond: number;
  /** The share of a core that one process used; absent, as `blockedMs`, if all have crashed. */
  readonly cpuShare?: number;
  /** The longest delay of a timer in a process. */
  readonly blockedMs?: number;
  /** The errors of processes that exited or stopped working. */
  readonly crashes: readonly string[];
  /** From the end of the outage to the first run; absent if there was none in time. */
  readonly recoveryMs: number | undefined;
}

/** The settings of the replicas. */
export interface OutageSetting {
  readonly processes: number;
  readonly intervalMs: number;
  readonly taskMs: number;
  readonly timeoutMs: number;
  /** How long after an outage the first run is waited for. */
  readonly recoveryTimeoutMs: number;
}

/** Candidates with an option for the length of a run. */
const TIMED: readonly ReplicaKind[] = ["periodic-task", "pg-boss"];
const PULSE_MS = 250;
const POLL_MS = 5;
/** The distance of an outage between runs from these runs. */
const MARGIN_MS = 200;

/**
 * Simulates outages of a candidate's store one after another, until one without recovery. Returns nothing if there is no
 * server.
 */
export async function measureOutages(
  stores: Stores,
  candidate: Candidate,
  setting: OutageSetting,
  planned: readonly PlannedOutage[],
): Promise<OutageOutcome[] | undefined> {
  const opened = await stores.open(candidate.store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  if (opened.port === undefined) {
    throw new Error(`Cannot simulate an outage without a port: current value is ${opened.url}`);
  }
  const gate = scope.use(new TcpGate(opened.port));
  const url = new URL(opened.url);
  url.port = String(await gate.listen());
  const request: ReplicaRequest = {
    kind: candidate.kind,
    // without the slash that URL adds
    storeUrl: url.href.replace(/\/$/, ""),
    replicas: 1,
    tasks: 1,
    intervalMs: setting.intervalMs,
    taskMs: setting.taskMs,
    pulseMs: PULSE_MS,
    ...(TIMED.includes(candidate.kind) ? { lease: { ms: setting.timeoutMs, by: "timeout" } as const } : {}),
  };
  const all = await startAll(new Array<ReplicaRequest>(setting.processes).fill(request), scope);
  const found: OutageOutcome[] = [];
  for (const next of planned) {
    await waitForMoment(all, next.moment, setting);
    const outcome = await simulateOutage(gate, all, next, setting);
    found.push(outcome);
    if (outcome.recoveryMs === undefined) break;
    for (const crashed of all.filter(hasCrashed)) {
      crashed.kill();
      const replacement = all[all.indexOf(crashed)] = scope.use(await ReplicaProcess.start(request));
      await replacement.ready();
    }
  }
  return found;
}

function hasCrashed({ exit, events }: ReplicaProcess): boolean {
  return exit !== undefined || events.some(({ type }) => type === "stopped");
}

/** Waits for a random moment in a run or between two runs. */
async function waitForMoment(all: readonly ReplicaProcess[], moment: Moment, setting: OutageSetting): Promise<void> {
  const { intervalMs, taskMs } = setting;
  await firstStart(all, Date.now(), setting);
  const spareMs = intervalMs - taskMs - 2 * MARGIN_MS;
  await sleep(moment === "in a run" ? taskMs * Math.random() / 2 : taskMs + MARGIN_MS + spareMs * Math.random());
}

async function simulateOutage(
  gate: TcpGate,
  all: readonly ReplicaProcess[],
  { outage, ms, moment }: PlannedOutage,
  setting: OutageSetting,
): Promise<OutageOutcome> {
  const fromMs = Date.now();
  gate.startOutage(outage);
  await sleep(ms);
  const { attempts } = gate;
  gate.endOutage();
  const toMs = Date.now();
  const pulses = all.filter(({ exit }) => !exit).map(({ events }) => pulsesIn(events, fromMs, toMs));
  const recoveryMs = await firstStart(all, toMs, setting);
  const crashes = all.filter(hasCrashed).map((replica) => {
    const stopped = replica.events.find((event) => event.type === "stopped");
    return stopped?.text ?? (replica.errors || `exit code ${replica.exit?.code}`);
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
    crashes,
    recoveryMs,
  };
}

type Pulse = Extract<ReplicaEvent, { type: "pulse" }>;

function pulsesIn(events: readonly ReplicaEvent[], fromMs: number, toMs: number): Pulse[] {
  return events.flatMap((event) => event.type === "pulse" && event.atMs >= fromMs && event.atMs <= toMs ? [event] : []);
}

function cpuShareOf(pulses: readonly Pulse[]): number {
  const [first, last] = [pulses[0], pulses.at(-1)];
  if (!first || !last) return NaN;
  return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs);
}

function blockedMsOf(pulses: readonly Pulse[]): number {
  return Math.max(...pulses.slice(1).map(({ atMs }, index) => atMs - (pulses[index]?.atMs ?? atMs) - PULSE_MS));
}

/** Waits for the first run after a moment and returns the time between them; nothing if none starts in time. */
async function firstStart(
  all: readonly ReplicaProcess[],
  afterMs: number,
  { recoveryTimeoutMs }: OutageSetting,
): Promise<number | undefined> {
  while (Date.now() < afterMs + recoveryTimeoutMs && !all.every(hasCrashed)) {
    const starts = all.flatMap(({ events }) =>
      events.find((event) => event.type === "start" && event.atMs >= afterMs) ?? []
    );
    const times = starts.flatMap((event) => event.type === "start" ? event.atMs - afterMs : []);
    if (times.length > 0) return Math.min(...times);
    await sleep(POLL_MS);
  }
  return undefined;
}
