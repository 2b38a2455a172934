import type { Note, Order } from "../replica/order.ts";
import { type ReplicaProcess, sleep, startAll } from "../replica/process.ts";
import type { Contestant, Count, Stores } from "../replica/stores.ts";

/** How long idle replicas are watched. */
export interface IdleSetting {
  readonly replicas: number;
  readonly windowMs: number;
  readonly settleMs: number;
}

/** Of their task. */
export const HOUR_MS = 3_600_000;
/** Nobody needs more, and so a hundred replicas are not a hundred processes. */
const MOST_PROCESSES = 4;
/** Enough for the idle; a server doesn't take all that a hundred replicas would have by default. */
const CONNECTIONS = 3;
/** So long before an hour is full nothing is measured: its run would be counted. */
const MOST_ROOM_MS = 5 * 60_000;

/** Waits, if need be, until the hour is full: all who have a cron run then. */
export async function awayFromFullHour(lengthMs: number): Promise<void> {
  const leftMs = HOUR_MS - Date.now() % HOUR_MS;
  if (leftMs < Math.min(lengthMs, MOST_ROOM_MS)) await sleep(leftMs + 5_000);
}

/** The commands of an hour without a run, by what was asked in the window, if there is a server for the contestant. */
export async function measureIdle(
  stores: Stores,
  { is, store }: Contestant,
  { replicas, windowMs, settleMs }: IdleSetting,
): Promise<Count | undefined> {
  const opened = await stores.open(store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const processes = Math.min(replicas, MOST_PROCESSES);
  const order: Order = {
    contestant: is,
    at: opened.at,
    replicas: replicas / processes,
    tasks: 1,
    intervalMs: HOUR_MS,
    taskMs: 0,
    connections: CONNECTIONS,
  };
  const all: ReplicaProcess[] = await startAll(new Array<Order>(processes).fill(order), scope);
  await sleep(settleMs);
  const notes = (): Note[] => all.flatMap((replica) => replica.notes);
  const before = notes().filter(({ what }) => what === "start").length;
  const { sent, all: withInner } = await opened.countFor(windowMs, notes);
  const runs = notes().filter(({ what }) => what === "start").length - before;
  const fallen = all.find(({ end }) => end);
  if (fallen || runs > 0) {
    const value = fallen ? `errors ${fallen.errors}` : `${runs} runs`;
    throw new Error(`Cannot measure idle replicas as they are not idle: current value is ${value}`);
  }
  const hours = windowMs / HOUR_MS;
  return { sent: sent / hours, all: withInner / hours };
}
