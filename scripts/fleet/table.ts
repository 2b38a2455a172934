/**
 * What fleets cost, as a table of docs/scaling.md.
 *
 * @module
 */
import type { CallsOfRun, Fleet } from "./calls.ts";
import { CALL_PRICES } from "./prices.ts";

const SECONDS_A_MONTH = 30 * 86_400;

/** A fleet with the calls of its runs. */
export interface MeasuredFleet extends Fleet {
  readonly calls: CallsOfRun;
}

/** The headings of the table. */
export const HEADINGS: readonly string[] = [
  "replicas",
  "tasks",
  "interval",
  "reads a run",
  "writes a run",
  "calls a second",
  ...CALL_PRICES.map(({ store }) => `${store}, a month`),
];

/** Returns a row of the table. */
export function rowOf({ replicas, tasks, intervalMs, calls }: MeasuredFleet): string[] {
  const runsASecond = tasks / (intervalMs / 1_000);
  const money = CALL_PRICES.map(({ read, write }) => {
    const millions = runsASecond * SECONDS_A_MONTH / 1e6;
    return dollars(millions * (calls.reads * read + calls.writes * write));
  });
  return [
    number(replicas),
    number(tasks),
    intervalText(intervalMs),
    calls.reads.toFixed(1),
    calls.writes.toFixed(2),
    number(runsASecond * (calls.reads + calls.writes)),
    ...money,
  ];
}

/** Returns a table in Markdown. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "--:")), ...rows.map(line)].join("\n");
}

function intervalText(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}

function dollars(amount: number): string {
  return `$${number(amount)}`;
}

/** Two digits that count, so that small changes of a simulation do not show. */
function number(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return Number(value.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 3 });
}
