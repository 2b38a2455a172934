import type { Goal, Table } from "../../report/section.ts";
import type { Candidate, CommandCount } from "../replicas/stores.ts";
import { type BusyOutcome, type BusySetting, lateness } from "./busy.ts";

/** The name of this package where the store makes no difference. */
export const OURS = "this package, any store";

/** Commands in an idle hour by candidate and number of replicas. */
export type IdleHours = Map<string, Map<number, CommandCount>>;

/** A row of the table of simulated replicas. */
export interface SimulatedRow {
  readonly name: string;
  readonly replicas: number;
  readonly runs: number;
  readonly readsPerReplica: number;
  readonly writes: number;
  readonly callsPerHour: number;
  readonly duplicates: number;
  readonly misses: number;
}

/** Makes the table of idle replicas. */
export function idleTable(hours: IdleHours, columns: readonly number[]): Table {
  return {
    caption: "Commands to a store in an hour with one hourly task; in brackets with those inside scripts",
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

/** Makes the table of simulated replicas. */
export function simulatedTable(rows: readonly SimulatedRow[]): Table {
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

/** Makes the table of busy replicas. */
export function busyTable(found: ReadonlyMap<Candidate, BusyOutcome>, { processes, tasks }: BusySetting): Table {
  const header = [
    "",
    "runs",
    "commands a run",
    "with those inside scripts",
    "reads a run",
    "writes a run",
    "due times",
  ];
  return {
    caption: `${tasks} tasks of 1 s, ${processes} processes`,
    header: [...header, "duplicates", "misses", "start after due time, median, ms", "p99, ms"],
    rows: [...found].map(([{ name, kind }, outcome]) => {
      const { runs, commands, reads, writes, dueTimes } = outcome;
      const calls = kind === "periodic-task" ? [reads / runs, writes / runs] : ["-", "-"];
      const counts = dueTimes ? [dueTimes.expected, dueTimes.duplicates, dueTimes.misses] : ["-", "-", "-"];
      const late = [lateness(outcome, 0.5), lateness(outcome, 0.99)];
      return [name, runs, commands.sent / runs, commands.all / runs, ...calls, ...counts, ...late];
    }),
  };
}

/** Compares the figures of this package with the goals. `numbers` are those of replicas. */
export function goals(
  rows: readonly SimulatedRow[],
  found: ReadonlyMap<Candidate, BusyOutcome>,
  numbers: { readonly simulated: number; readonly busy: number },
): Goal[] {
  const own = rows.filter(({ name }) => name === OURS);
  const busy = [...found].filter(([{ kind }]) => kind === "periodic-task").map(([, outcome]) => outcome);
  const callsPerHour = own.find(({ replicas }) => replicas === numbers.simulated)?.callsPerHour ?? NaN;
  const reads = Math.max(...own.map((row) => row.readsPerReplica));
  const writes = Math.max(...own.map((row) => row.writes), ...busy.map((one) => one.writes / one.runs));
  const busyReads = Math.max(...busy.map((one) => one.reads / one.runs / numbers.busy));
  const sum = (field: "duplicates" | "misses"): number =>
    busy.reduce((total, { dueTimes }) => total + (dueTimes?.[field] ?? NaN), 0);
  const duplicates = sum("duplicates") + own.reduce((total, row) => total + row.duplicates, 0);
  const misses = sum("misses") + own.reduce((total, row) => total + Math.abs(row.misses), 0);
  const commands = Math.max(...busy.map((one) => one.commands.sent / one.runs));
  const goal = (what: string, max: number, value: number): Goal => {
    return { what, limit: `at most ${max}`, value: value.toFixed(2), isMet: value <= max };
  };
  return [
    goal("reads a run and replica, hourly", 1.2, reads),
    goal("reads a run and replica, busy", 1.2, busyReads),
    goal("writes a run", 2.05, writes),
    goal(`calls in an hour, ${numbers.simulated} replicas`, 7, callsPerHour),
    goal("commands a run, busy", 7, commands),
    goal("due times with two starts", 0, duplicates),
    goal("due times without a start", 0, misses),
  ];
}
