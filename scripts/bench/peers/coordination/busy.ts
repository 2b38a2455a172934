import { percentile } from "../../percentile.ts";
import type { Note, Order } from "../replica/order.ts";
import { type ReplicaProcess, sleep, startAll } from "../replica/process.ts";
import type { Contestant, Count, Stores } from "../replica/stores.ts";
import { type Judgement, judgeSlots, MARGIN_MS } from "./slots.ts";

/** How busy the replicas are, and for how long they are watched. */
export interface BusySetting {
  readonly processes: number;
  readonly tasks: number;
  readonly windowMs: number;
  readonly settleMs: number;
}

/** What was found. */
export interface BusyOutcome {
  readonly runs: number;
  readonly commands: Count;
  /** Only of ours: calls to the store. */
  readonly reads: number;
  readonly writes: number;
  /** Slots with two starts, and without any; absent where there are no slots. */
  readonly slots: Judgement | undefined;
  /** From a slot to its start, sorted. */
  readonly lateMs: readonly number[];
}

/** Of every task. */
const INTERVAL_MS = 1_000;
export const TASK_MS = 10;
/** How often those who ask for what is due ask: as often as pg-boss can. */
export const POLL_MS = 500;
/** Measures a contestant, if there is a server for it. */
export async function measureBusy(
  stores: Stores,
  { is, store }: Contestant,
  { processes, tasks, windowMs, settleMs }: BusySetting,
): Promise<BusyOutcome | undefined> {
  const opened = await stores.open(store);
  if (!opened) return undefined;
  await using scope = new AsyncDisposableStack();
  const order: Order = {
    contestant: is,
    at: opened.at,
    replicas: 1,
    tasks,
    intervalMs: INTERVAL_MS,
    taskMs: TASK_MS,
    pollMs: POLL_MS,
  };
  const all = await startAll(new Array<Order>(processes).fill(order), scope);
  await sleep(settleMs);
  const fromMs = Date.now();
  const commands = await opened.countFor(windowMs, () => notesOf(all));
  const toMs = fromMs + windowMs;
  await sleep(MARGIN_MS);
  const fallen = all.find(({ end }) => end);
  if (fallen) throw new Error(`Cannot measure as a replica has ended: current value of its errors is ${fallen.errors}`);
  const notes = notesOf(all);
  const within = notes.filter((note) => "atMs" in note && note.atMs >= fromMs && note.atMs < toMs);
  const starts = within.flatMap((note) => note.what === "start" ? [note] : []);
  const calls = (kind: "read" | "write"): number =>
    within.filter((note) => note.what === "call" && note.kind === kind).length;
  return {
    runs: starts.length,
    commands,
    reads: calls("read"),
    writes: calls("write"),
    slots: is === "agenda" ? undefined : judgeSlots(notes, { fromMs, toMs, tasks, intervalMs: INTERVAL_MS }),
    lateMs: starts.map(({ atMs, slotMs }) => atMs - slotMs).sort((a, b) => a - b),
  };
}

function notesOf(all: readonly ReplicaProcess[]): Note[] {
  return all.flatMap(({ notes }) => notes);
}

/** Several windows as one. */
export function together(outcomes: readonly BusyOutcome[]): BusyOutcome {
  const sum = (of: (outcome: BusyOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const hasSlots = outcomes.every(({ slots }) => slots);
  return {
    runs: sum(({ runs }) => runs),
    commands: { sent: sum(({ commands }) => commands.sent), all: sum(({ commands }) => commands.all) },
    reads: sum(({ reads }) => reads),
    writes: sum(({ writes }) => writes),
    slots: hasSlots
      ? {
        expected: sum(({ slots }) => slots!.expected),
        duplicates: sum(({ slots }) => slots!.duplicates),
        misses: sum(({ slots }) => slots!.misses),
      }
      : undefined,
    lateMs: outcomes.flatMap(({ lateMs }) => lateMs).sort((a, b) => a - b),
  };
}

/** How late starts were, or a dash where that can't be told. */
export function lateness({ lateMs, slots }: BusyOutcome, part: number): number | string {
  return slots && lateMs.length > 0 ? percentile(lateMs, part) : "-";
}
