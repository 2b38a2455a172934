// deno task fleet [--replicas N --tasks N --interval SECONDS] [--balance]
//
// Prints what fleets cost: calls to the store, by a simulation, and money by list prices. Without arguments it prints the table of
// docs/scaling.md. --balance prints how the runs of 100 tasks are shared out among replicas.

import { parseArgs } from "node:util";
import { balanceOf } from "./fleet/balance.ts";
import { callsOfRun, type Fleet } from "./fleet/calls.ts";
import { HEADINGS, markdownTable, rowOf } from "./fleet/table.ts";

const MINUTE = 60_000;

/** The fleets of docs/scaling.md. */
export const FLEETS: readonly Fleet[] = [
  { replicas: 3, tasks: 10, intervalMs: MINUTE },
  { replicas: 3, tasks: 10, intervalMs: 60 * MINUTE },
  { replicas: 100, tasks: 100, intervalMs: MINUTE },
  { replicas: 100, tasks: 100, intervalMs: 60 * MINUTE },
  { replicas: 1_000, tasks: 1_000, intervalMs: MINUTE },
  { replicas: 10_000, tasks: 1_000, intervalMs: MINUTE },
  // each task on three replicas
  { replicas: 3, tasks: 100_000, intervalMs: 60 * MINUTE },
];

const BALANCED = [3, 10, 100];

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      replicas: { type: "string" },
      tasks: { type: "string" },
      interval: { type: "string" },
      balance: { type: "boolean" },
    },
  });
  if (values.balance) {
    const rows = await Promise.all(BALANCED.map(async (replicas) => {
      const { afterStart, afterRollingRestart } = await balanceOf(replicas);
      return [`${replicas}`, percent(afterStart), percent(afterRollingRestart), percent(1 / replicas)];
    }));
    console.log(markdownTable(["replicas", "after the start", "after a rolling restart", "if shared evenly"], rows));
    return;
  }
  const given = values.replicas ?? values.tasks ?? values.interval;
  const fleets = given === undefined ? FLEETS : [{
    replicas: count(values.replicas, "replicas", 3),
    tasks: count(values.tasks, "tasks", 1),
    intervalMs: 1_000 * count(values.interval, "interval", 60),
  }];
  const rows: string[][] = [];
  for (const fleet of fleets) rows.push(rowOf({ ...fleet, calls: await callsOfRun(fleet) }));
  console.log(markdownTable(HEADINGS, rows));
}

function count(text: string | undefined, name: string, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot reckon as --${name} must be a whole number from 1 on: current value is ${text}`);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

if (import.meta.main) await main();
