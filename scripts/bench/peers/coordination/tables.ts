import type { Goal, Table } from "../../results/section.ts";
import type { Contestant, Count } from "../replica/stores.ts";
import { type BusyOutcome, type BusySetting, lateness } from "./busy.ts";

/** What this package is called where it doesn't matter what its store is. */
export const OURS = "this package, any store";

/** Commands in an idle hour, by contestant and number of replicas. */
export type IdleHours = Map<string, Map<number, Count>>;

/** A row of the table of simulated replicas. */
export interface Simulated {
  readonly name: string;
  readonly replicas: number;
  readonly runs: number;
  readonly readsPerReplica: number;
  readonly writes: number;
  readonly callsPerHour: number;
  readonly duplicates: number;
  readonly misses: number;
}

/** What idle replicas cost. */
export function idleTable(hours: IdleHours, columns: readonly number[]): Table {
  return {
    caption:
      "Commands that a store is asked in an hour with one task of an hour; in brackets with those inside scripts",
    header: ["", ...columns.map((replicas) => replicas === 1 ? "1 replica" : `${replicas} replicas`)],
    rows: [...hours].map(([name, counts]) => [
      name,
      ...columns.map((replicas) => {
        const count = counts.get(replicas);
        const [sent = "", all = ""] = count ? [count.sent, count.all].map((value) => Math.round(value).toString()) : [];
        return !count ? "-" : sent === all ? count.sent : `${sent} (${all})`;
      }),
    ]),
  };
}

/** What was simulated. */
export function simulatedTable(rows: readonly Simulated[]): Table {
  return {
    caption: "An hourly task, simulated",
    header: [
      "",
      "replicas",
      "runs",
      "reads a run and replica",
      "writes a run",
      "calls an hour",
      "duplicates",
      "misses",
    ],
    rows: rows.map((row) => [
      ...[row.name, row.replicas, row.runs, row.readsPerReplica, row.writes, row.callsPerHour],
      ...[row.duplicates, row.misses],
    ]),
  };
}

/** What busy replicas cost, and whether each slot had its run. */
export function busyTable(found: ReadonlyMap<Contestant, BusyOutcome>, { processes, tasks }: BusySetting): Table {
  const header = ["", "runs", "commands a run", "with those inside scripts", "reads a run", "writes a run", "slots"];
  return {
    caption: `${tasks} tasks of 1 s, ${processes} processes`,
    header: [...header, "duplicates", "misses", "start after slot, median, ms", "p99, ms"],
    rows: [...found].map(([{ name, is }, outcome]) => {
      const { runs, commands, reads, writes, slots } = outcome;
      const calls = is === "ours" ? [reads / runs, writes / runs] : ["-", "-"];
      const judged = slots ? [slots.expected, slots.duplicates, slots.misses] : ["-", "-", "-"];
      const late = [lateness(outcome, 0.5), lateness(outcome, 0.99)];
      return [name, runs, commands.sent / runs, commands.all / runs, ...calls, ...judged, ...late];
    }),
  };
}

/** Where the figures of this package must stand. The numbers are those of replicas. */
export function goals(
  rows: readonly Simulated[],
  found: ReadonlyMap<Contestant, BusyOutcome>,
  numbers: { readonly simulated: number; readonly busy: number },
): Goal[] {
  const own = rows.filter(({ name }) => name === OURS);
  const busy = [...found].filter(([{ is }]) => is === "ours").map(([, outcome]) => outcome);
  const four = own.find(({ replicas }) => replicas === numbers.simulated)!;
  const reads = Math.max(...own.map((row) => row.readsPerReplica));
  const writes = Math.max(...own.map((row) => row.writes), ...busy.map((one) => one.writes / one.runs));
  const busyReads = Math.max(...busy.map((one) => one.reads / one.runs / numbers.busy));
  const sum = (of: (slots: NonNullable<BusyOutcome["slots"]>) => number): number =>
    busy.reduce((total, { slots }) => total + of(slots!), 0);
  const duplicates = sum((slots) => slots.duplicates) + own.reduce((total, row) => total + row.duplicates, 0);
  const misses = sum((slots) => slots.misses) + own.reduce((total, row) => total + Math.abs(row.misses), 0);
  const commands = Math.max(...busy.map((one) => one.commands.sent / one.runs));
  const goal = (what: string, most: number, value: number): Goal => {
    return { what, limit: `at most ${most}`, value: value.toFixed(2), isMet: value <= most };
  };
  return [
    goal("reads a run and replica, hourly", 1.2, reads),
    goal("reads a run and replica, busy", 1.2, busyReads),
    goal("writes a run", 2.05, writes),
    goal(`calls in an hour, ${numbers.simulated} replicas`, 7, four.callsPerHour),
    goal("commands a run, busy", 7, commands),
    goal("slots with two starts", 0, duplicates),
    goal("slots without a start", 0, misses),
  ];
}
