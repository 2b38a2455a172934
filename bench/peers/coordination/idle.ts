import type { ReplicaEvent, ReplicaRequest } from "../replicas/protocol.ts";
import { type ReplicaProcess, sleep, startAll } from "../replicas/replica_process.ts";
import type { Candidate, CommandCount, Stores } from "../replicas/stores.ts";

/** How long idle replicas are watched. */
export interface IdleSetting {
  readonly replicas: number;
  readonly windowMs: number;
  readonly settleMs: number;
}

/** The interval of the task. */
export const HOUR_MS = 3_600_000;
/** A hundred replicas share a few processes. */
const MAX_PROCESSES = 4;
/** The connections of a replica: a server does not accept the default number of a hundred replicas. */
const CONNECTIONS = 3;
/** Nothing is measured shortly before a full hour, as its run would count. */
const MAX_MARGIN_MS = 5 * 60_000;

/** Waits for the full hour, when hourly crons run, if a measurement of some length would contain it. */
export async function awayFromFullHour(lengthMs: number): Promise<void> {
  const leftMs = HOUR_MS - Date.now() % HOUR_MS;
  if (leftMs < Math.min(lengthMs, MAX_MARGIN_MS)) await sleep(leftMs + 5_000);
}

/** Extrapolates the commands of an hour without a run from those in the window, if there is a server for the candidate. */
export async function measureIdle(
  stores: Stores,
  { kind, store }: Candidate,
  { replicas, windowMs, settleMs }: IdleSetting,
): Promise<CommandCount | undefined> {
  const opened = await stores.open(store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const processes = Math.min(replicas, MAX_PROCESSES);
  const request: ReplicaRequest = {
    kind,
    storeUrl: opened.url,
    replicas: replicas / processes,
    tasks: 1,
    intervalMs: HOUR_MS,
    taskMs: 0,
    connections: CONNECTIONS,
  };
  const all: ReplicaProcess[] = await startAll(new Array<ReplicaRequest>(processes).fill(request), scope);
  await sleep(settleMs);
  const events = (): ReplicaEvent[] => all.flatMap((replica) => replica.events);
  const starts = (): number => events().filter(({ type }) => type === "start").length;
  const before = starts();
  const { sent, all: withInner } = await opened.countFor(windowMs, events);
  const runs = starts() - before;
  const crashed = all.find(({ exit }) => exit);
  if (crashed || runs > 0) {
    const value = crashed ? `errors ${crashed.errors}` : `${runs} runs`;
    throw new Error(`Cannot measure idle replicas as they are not idle: current value is ${value}`);
  }
  const hours = windowMs / HOUR_MS;
  return { sent: sent / hours, all: withInner / hours };
}
