import { percentile } from "../../percentile.ts";
import type { ReplicaEvent, ReplicaRequest } from "../replicas/protocol.ts";
import { type ReplicaProcess, sleep, startAll } from "../replicas/replica_process.ts";
import type { Candidate, CommandCount, Stores } from "../replicas/stores.ts";
import { checkDueTimes, type DueTimeCounts, MARGIN_MS } from "./due_times.ts";

/** How busy the replicas are, and how long they are watched. */
export interface BusySetting {
  readonly processes: number;
  readonly tasks: number;
  readonly windowMs: number;
  readonly settleMs: number;
}

/** The runs and commands of busy replicas. */
export interface BusyOutcome {
  readonly runs: number;
  readonly commands: CommandCount;
  /** Store calls, of this package only. */
  readonly reads: number;
  readonly writes: number;
  /** Absent if the candidate has no fixed due times. */
  readonly dueTimes: DueTimeCounts | undefined;
  /** From the due time to the start, sorted. */
  readonly lateMs: readonly number[];
}

/** The interval of every task. */
const INTERVAL_MS = 1_000;
/** The length of every run. */
export const TASK_MS = 10;
/** The polling interval of schedulers that poll: the minimum of pg-boss. */
export const POLL_MS = 500;

/** Measures a candidate if there is a server for it. */
export async function measureBusy(
  stores: Stores,
  { kind, store }: Candidate,
  { processes, tasks, windowMs, settleMs }: BusySetting,
): Promise<BusyOutcome | undefined> {
  const opened = await stores.open(store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const request: ReplicaRequest = {
    kind,
    storeUrl: opened.url,
    replicas: 1,
    tasks,
    intervalMs: INTERVAL_MS,
    taskMs: TASK_MS,
    pollMs: POLL_MS,
  };
  const all = await startAll(new Array<ReplicaRequest>(processes).fill(request), scope);
  await sleep(settleMs);
  const fromMs = Date.now();
  const commands = await opened.countFor(windowMs, () => eventsOf(all));
  const toMs = fromMs + windowMs;
  await sleep(MARGIN_MS);
  const crashed = all.find(({ exit }) => exit);
  if (crashed) {
    throw new Error(`Cannot measure as a replica has exited: current value of its errors is ${crashed.errors}`);
  }
  const events = eventsOf(all);
  const within = events.filter((event) => "atMs" in event && event.atMs >= fromMs && event.atMs < toMs);
  const starts = within.flatMap((event) => event.type === "start" ? [event] : []);
  const calls = (kind: "read" | "write"): number =>
    within.filter((event) => event.type === "call" && event.kind === kind).length;
  return {
    runs: starts.length,
    commands,
    reads: calls("read"),
    writes: calls("write"),
    dueTimes: kind === "agenda" ? undefined : checkDueTimes(events, { fromMs, toMs, tasks, intervalMs: INTERVAL_MS }),
    lateMs: starts.map(({ atMs, dueMs }) => atMs - dueMs).sort((a, b) => a - b),
  };
}

function eventsOf(all: readonly ReplicaProcess[]): ReplicaEvent[] {
  return all.flatMap(({ events }) => events);
}

/** Combines several windows into one. */
export function combined(outcomes: readonly BusyOutcome[]): BusyOutcome {
  const sum = (of: (outcome: BusyOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const dueTimes = outcomes.flatMap(({ dueTimes }) => dueTimes ?? []);
  const sumOf = (field: keyof DueTimeCounts): number => dueTimes.reduce((total, counts) => total + counts[field], 0);
  return {
    runs: sum(({ runs }) => runs),
    commands: { sent: sum(({ commands }) => commands.sent), all: sum(({ commands }) => commands.all) },
    reads: sum(({ reads }) => reads),
    writes: sum(({ writes }) => writes),
    dueTimes: dueTimes.length < outcomes.length
      ? undefined
      : { expected: sumOf("expected"), duplicates: sumOf("duplicates"), misses: sumOf("misses") },
    lateMs: outcomes.flatMap(({ lateMs }) => lateMs).sort((a, b) => a - b),
  };
}

/** Returns a percentile of the lateness of starts, or a dash without fixed due times. */
export function lateness({ lateMs, dueTimes }: BusyOutcome, share: number): number | string {
  return dueTimes && lateMs.length > 0 ? percentile(lateMs, share) : "-";
}
