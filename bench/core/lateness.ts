import { printTable, printTitle, ratio } from "../report/print_table.ts";
import { measureInChild } from "./child_process.ts";
import type { Lateness } from "./due_times.ts";
import { BURST_MS, type Latenesses, QUIET, type Waker } from "./measure_lateness.ts";

const COUNT = 100_000;
const FIGURES = ["p50", "p99", "max"] as const;

function measure(waker: Waker): Promise<Latenesses> {
  return measureInChild<Latenesses>("measure_lateness.ts", [waker, String(COUNT)]);
}

function rows(bare: Lateness, schedulers: Lateness): string[][] {
  const row = (name: string, lateness: Lateness): string[] => {
    return [name, ...FIGURES.map((figure) => `${lateness[figure].toFixed(2)} ms`)];
  };
  return [
    row("bare setTimeout, to its callback", bare),
    row("idle scheduler, to the start of its task", schedulers),
  ];
}

/** Prints how late a scheduler wakes up, beside a bare timer. */
export async function benchLateness(): Promise<void> {
  const rest = COUNT - QUIET.count;
  printTitle(`Wake-up lateness: ${COUNT} idle schedulers, and in another process as many bare timers`);
  const { quiet, burst } = await measure("schedulers");
  const bare = await measure("timers");
  printTable([`${QUIET.count} due over ${QUIET.spreadMs / 1_000} s, the rest waiting`, ...FIGURES], [
    ...rows(bare.quiet, quiet),
    ["scheduler/bare", ...FIGURES.map((figure) => ratio(quiet[figure], bare.quiet[figure]))],
  ]);
  console.log();
  // no ratio: a bare timer has nothing to do here
  printTable([`then ${rest} due over ${BURST_MS / 1_000} s`, ...FIGURES], rows(bare.burst, burst));
  console.log("  So many runs, each with two writes of the record, may take one core longer than that:");
  console.log("  then the largest lateness shows how long they take.");
}
