// deno task test:sim [--runs N] [--from SEED] [--jobs J] [--first] [--kind K] [--without pause,kill] [--intervals N]
//
// Runs many simulations, with new seeds each time unless --from names the first one. A simulation in which a promise is broken is
// shrunk and shown, with the command that shows it again. With --first it ends with the first one.

import { PROMISES, shrinkSimulation } from "../src/simulator/mod.ts";
import { commandOf, parseOptions, readNumber, readSimulateOptions, SIMULATE_OPTION_NAMES } from "./sim/arguments.ts";
import type { Failure, Tally } from "./sim/tally.ts";
import { runSimulations } from "./sim/worker_pool.ts";

const DEFAULT_RUNS = 20_000;
const SHOWN_FAILURES = 3;
const SHOWN_LINES = 40;
const PROGRESS_MS = 15_000;

function table(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return rows.map(([name, count]) => `  ${name.padEnd(22)}${String(count).padStart(12)}`).join("\n");
}

function printReport(tally: Tally, seconds: number): void {
  const { simulations, runs, takeovers, writes, steps, kinds, faults, checked, checkedIn } = tally;
  console.log(`${simulations} simulations in ${seconds.toFixed(0)} s, ${(simulations / seconds).toFixed(1)} a second`);
  console.log(`${runs} runs of tasks, ${takeovers} takeovers, ${writes} records, ${steps} steps`);
  console.log(`Kinds of simulations:\n${table(kinds)}`);
  console.log(`Faults injected:\n${table(faults)}`);
  console.log("Promises checked, how often and in how many simulations:");
  for (const promise of Object.keys(PROMISES).filter((name) => name !== "own-check")) {
    const counts = [checked[promise] ?? 0, checkedIn[promise] ?? 0].map((count) => String(count).padStart(12));
    console.log(`  ${promise.padEnd(22)}${counts.join("")}${checkedIn[promise] ? "" : "  NEVER"}`);
  }
}

function printFailure({ seed, kind, promise, text }: Failure, indent: string): void {
  console.log(`${indent}BROKEN: ${promise}, seed ${seed}, ${kind}: ${text}`);
}

/** Prints new failures at once, and a line of progress now and then. */
function progressPrinter(): (tally: Tally) => void {
  let printedMs = performance.now();
  let printed = 0;
  return ({ simulations, failures }) => {
    for (const failure of failures.slice(printed)) printFailure(failure, "  ");
    printed = failures.length;
    if (performance.now() - printedMs < PROGRESS_MS) return;
    printedMs = performance.now();
    console.log(`  ${simulations} simulations, ${failures.length} with a broken promise`);
  };
}

/** Prints the smallest simulation in which the promise of a failure is broken. */
async function printShrunk(failure: Failure, given: ReturnType<typeof readSimulateOptions>): Promise<void> {
  console.log();
  printFailure(failure, "");
  const { options, result, tried } = await shrinkSimulation({ ...given, seed: failure.seed });
  const lines = result.timeline().split("\n");
  const shown = lines.length > SHOWN_LINES ? [...lines.slice(0, 3), "...", ...lines.slice(-SHOWN_LINES)] : lines;
  console.log(shown.join("\n"));
  console.log(`Shrunk in ${tried} simulations. To show it again:\n  ${commandOf(options)}`);
}

/** Prints the failures by promise, and the first of each promise. */
async function printFailures(all: readonly Failure[], given: ReturnType<typeof readSimulateOptions>): Promise<void> {
  const failures = all.toSorted((one, other) => one.seed - other.seed);
  const firsts = new Map<string, Failure>();
  const counts: Record<string, number> = {};
  for (const failure of failures) {
    if (!firsts.has(failure.promise)) firsts.set(failure.promise, failure);
    counts[failure.promise] = (counts[failure.promise] ?? 0) + 1;
  }
  console.log(`Simulations in which a promise was broken:\n${table(counts)}`);
  for (const failure of [...firsts.values()].slice(0, SHOWN_FAILURES)) await printShrunk(failure, given);
}

async function main(): Promise<number> {
  const parsed = parseOptions(Deno.args, [...SIMULATE_OPTION_NAMES, "from", "runs", "jobs"], ["first"]);
  const from = readNumber(parsed, "from") ?? Math.floor(2 ** 40 * Math.random());
  const runs = readNumber(parsed, "runs") ?? DEFAULT_RUNS;
  const jobs = readNumber(parsed, "jobs") ?? navigator.hardwareConcurrency;
  const given = readSimulateOptions(parsed);
  const names = SIMULATE_OPTION_NAMES.filter((name) => parsed[name] !== undefined);
  const args = names.flatMap((name) => [`--${name}`, String(parsed[name])]);
  console.log(`${runs} simulations from seed ${from} on, in ${jobs} processes: --runs ${runs} --from ${from}`);
  const startedMs = performance.now();
  const first = parsed.first === true;
  const tally = await runSimulations({ from, runs, jobs, args, first, onProgress: progressPrinter() });
  printReport(tally, (performance.now() - startedMs) / 1_000);
  const { failures, simulations } = tally;
  if (failures.length === 0) {
    console.log("No promise was broken");
    return 0;
  }
  await printFailures(failures, given);
  console.log(`\nIn ${failures.length} of ${simulations} simulations a promise was broken`);
  return 1;
}

if (import.meta.main) Deno.exit(await main());
