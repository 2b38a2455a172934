// deno task test:mutants [--only NAME,...] [--share N] [--seed N] [--runs N]
//
// Puts one deliberate fault after another into a copy of the core, and fails if neither the tests nor the simulator find it.

import { ROOT } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";
import { MUTANTS } from "./mutants/all.ts";
import { chosen, optionsOf } from "./mutants/choice.ts";
import { Core } from "./mutants/core.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { killingPromise, type SimulatorResult } from "./mutants/simulator.ts";
import { isKilled, lineOf, type Row, tableOf } from "./mutants/table.ts";
import { checkTypes } from "./mutants/types.ts";
import { killingTest } from "./mutants/unit_tests.ts";
import { Workspace } from "./mutants/workspace.ts";

/** The machines that this has to be fast on have two cores. */
const WORKERS = 2;

/** The tests and the simulator may take so long for each mutant, or three times as long as for the core if that is longer. */
const MIN_LIMIT_MS = 45_000;

interface Search {
  readonly core: Core;
  readonly imports: readonly string[];
  readonly seed: number;
  /** How many simulated runs there are for each mutant. */
  readonly runs: number;
  readonly limitMs: number;
}

/** Looks for a test and for a promise that find a mutant. */
async function judge(mutant: Mutant, { folder }: Workspace, search: Search): Promise<Row> {
  const { core, imports, limitMs, seed, runs } = search;
  const startedMs = performance.now();
  let test: string | undefined;
  let simulated: SimulatorResult | undefined;
  let error: string | undefined;
  try {
    test = await killingTest(folder, imports, limitMs, core.pathOf(mutant));
    simulated = runs > 0 ? await killingPromise(folder, imports, seed, runs, limitMs) : undefined;
  } catch (caught) {
    error = String(caught);
  }
  return { mutant, test, simulated, error, seconds: (performance.now() - startedMs) / 1_000 };
}

/** Checks that neither the tests nor the simulator find anything in the core as it is. Returns how long that takes. */
async function checkCore({ folder }: Workspace, { imports, limitMs, seed, runs }: Search): Promise<number> {
  const startedMs = performance.now();
  const test = await killingTest(folder, imports, limitMs);
  const simulated = runs > 0 ? await killingPromise(folder, imports, seed, runs, limitMs) : undefined;
  const found = test ?? simulated?.promise;
  if (found) throw new Error(`Cannot judge the mutants as the core itself fails: current value is ${found}`);
  return performance.now() - startedMs;
}

async function judgeAll(mutants: readonly Mutant[], search: Search): Promise<Row[]> {
  await using workspaces = new AsyncDisposableStack();
  const first = workspaces.use(await Workspace.create());
  await checkTypes(first, search.core, search.imports, mutants);
  const coreMs = await checkCore(first, { ...search, limitMs: 10 * MIN_LIMIT_MS });
  console.log(`the core itself passes in ${(coreMs / 1_000).toFixed(1)} s`);
  const all = [first];
  while (all.length < WORKERS) all.push(workspaces.use(await Workspace.create()));
  const limited = { ...search, limitMs: Math.max(MIN_LIMIT_MS, 3 * coreMs) };
  const rows: Row[] = [];
  const left = [...mutants];
  await Promise.all(all.map(async (workspace) => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const next = mutant;
      const row = await workspace.with(search.core.mutate(next), () => judge(next, workspace, limited));
      rows.push(row);
      console.log(`${String(rows.length).padStart(4)}/${mutants.length}  ${lineOf(row)}`);
    }
  }));
  return rows.sort((a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant));
}

async function main(): Promise<number> {
  const startedMs = performance.now();
  const options = optionsOf(Deno.args);
  const core = Core.read(ROOT);
  // a mutant that does not fit is an error, whether it was asked for or not
  for (const mutant of MUTANTS) core.mutate(mutant);
  const mutants = chosen(MUTANTS, options);
  console.log(`${mutants.length} of ${MUTANTS.length} mutants, seed ${options.seed}`);
  const { seed, runs } = options;
  const rows = await judgeAll(mutants, { core, imports: await importArgs(), seed, runs, limitMs: MIN_LIMIT_MS });
  console.log(`\n${tableOf(rows)} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  return rows.every(isKilled) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
