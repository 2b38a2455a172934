// deno task test:sim [--worlds N] [--from SEED] [--jobs J] [--first] [--kind K] [--without pause,kill] [--intervals N]
//
// Lets many simulated worlds run, with seeds that are new each time unless --from names the first. A world in which a promise
// breaks is made smaller and shown, with the command that shows it again. With --first it ends with the first of them.

import { PROMISES, shrinkSimulation } from "../src/testing/mod.ts";
import { commandOf, numberOf, valuesOf, WORLD_NAMES, worldOf } from "./sim/arguments.ts";
import { runWorlds } from "./sim/crew.ts";
import type { Failure, Tally } from "./sim/tally.ts";

const WORLDS = 20_000;
const SHOWN_FAILURES = 3;
const SHOWN_LINES = 40;
const PROGRESS_MS = 15_000;

function table(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return rows.map(([name, count]) => `  ${name.padEnd(22)}${String(count).padStart(12)}`).join("\n");
}

function report(tally: Tally, seconds: number): void {
  const { worlds, runs, takeovers, writes, steps, kinds, faults, checked, worldsChecked } = tally;
  console.log(`${worlds} worlds in ${seconds.toFixed(0)} s, ${(worlds / seconds).toFixed(1)} a second`);
  console.log(`${runs} runs, ${takeovers} takeovers, ${writes} records, ${steps} steps`);
  console.log(`Kinds of worlds:\n${table(kinds)}`);
  console.log(`Faults injected:\n${table(faults)}`);
  console.log("Promises checked, how often and in how many worlds:");
  for (const promise of Object.keys(PROMISES).filter((name) => name !== "own-check")) {
    const [times, inWorlds] = [checked[promise] ?? 0, worldsChecked[promise] ?? 0].map((count) =>
      String(count).padStart(12)
    );
    console.log(`  ${promise.padEnd(22)}${times}${inWorlds}${worldsChecked[promise] ? "" : "  NEVER"}`);
  }
}

async function show({ seed, kind, promise, text }: Failure, args: Readonly<Record<string, unknown>>): Promise<void> {
  console.log(`\nBROKEN: ${promise}, in the ${kind} world of seed ${seed}: ${text}`);
  const { options, result, tried } = await shrinkSimulation({ ...args, seed });
  const lines = result.timeline().split("\n");
  console.log(
    lines.length > SHOWN_LINES
      ? [...lines.slice(0, 3), "...", ...lines.slice(-SHOWN_LINES)].join("\n")
      : lines.join("\n"),
  );
  console.log(`Made smaller in ${tried} worlds. To see it again:\n  ${commandOf(options)}`);
}

async function main(): Promise<number> {
  const values = valuesOf(Deno.args, [...WORLD_NAMES, "from", "worlds", "jobs"], ["first"]);
  const from = numberOf(values, "from") ?? Math.floor(2 ** 40 * Math.random());
  const worlds = numberOf(values, "worlds") ?? WORLDS;
  const jobs = numberOf(values, "jobs") ?? navigator.hardwareConcurrency;
  const world = worldOf(values);
  const args = WORLD_NAMES.flatMap((name) => values[name] === undefined ? [] : [`--${name}`, String(values[name])]);
  console.log(`${worlds} worlds from seed ${from} on, in ${jobs} processes: --worlds ${worlds} --from ${from}`);
  const startedMs = performance.now();
  let toldMs = startedMs;
  let told = 0;
  const progress = (tally: Tally): void => {
    for (; told < tally.failures.length; told++) {
      const { promise, kind, seed, text } = tally.failures[told]!;
      console.log(`  BROKEN: ${promise}, in the ${kind} world of seed ${seed}: ${text}`);
    }
    if (performance.now() - toldMs < PROGRESS_MS) return;
    toldMs = performance.now();
    console.log(`  ${tally.worlds} worlds, ${tally.failures.length} broken`);
  };
  const tally = await runWorlds({ from, worlds, jobs, args, first: values.first === true, progress });
  report(tally, (performance.now() - startedMs) / 1_000);
  const failures = tally.failures.sort((one, other) => one.seed - other.seed);
  const byPromise: Record<string, number> = {};
  for (const { promise } of failures) byPromise[promise] = (byPromise[promise] ?? 0) + 1;
  if (failures.length) console.log(`Worlds in which a promise broke:\n${table(byPromise)}`);
  const shown = Object.keys(byPromise).map((promise) => failures.find((failure) => failure.promise === promise)!);
  for (const failure of shown.slice(0, SHOWN_FAILURES)) await show(failure, world);
  console.log(
    failures.length ? `\n${failures.length} of ${tally.worlds} worlds broke a promise` : "No promise was broken",
  );
  return failures.length ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
