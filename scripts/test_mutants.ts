// deno task test:mutants [--only NAME,...] [--share N] [--seed N] [--worlds N]
//
// Puts one deliberate fault after another into a copy of the core, and fails if neither the tests nor the simulator find it.

import { ROOT } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";
import { MUTANTS } from "./mutants/all.ts";
import { chosen, optionsOf } from "./mutants/choice.ts";
import { misfit, type Mutant } from "./mutants/mutant.ts";
import { hasSimulator, type Hunt, killingPromise } from "./mutants/simulator.ts";
import { isKilled, line, type Row, table } from "./mutants/table.ts";
import { checkTypes } from "./mutants/types.ts";
import { killingTest } from "./mutants/unit_tests.ts";
import { Workspace } from "./mutants/workspace.ts";

/** The machines that this has to be quick on have two cores. */
const WORKERS = 2;

/** The tests and the simulator may take so long on each mutant, and thrice as long as on the core where that is longer. */
const LEAST_LIMIT_MS = 45_000;

interface Means {
  readonly imports: readonly string[];
  readonly seed: number;
  /** How many worlds the simulator tries on each; none if there is no simulator. */
  readonly worlds: number;
  readonly limitMs: number;
}

/** What finds a fault. */
async function judge(mutant: Mutant, { folder }: Workspace, means: Means): Promise<Row> {
  const { imports, limitMs, seed, worlds } = means;
  const startedMs = performance.now();
  let test: string | undefined;
  let hunt: Hunt | undefined;
  let trouble: string | undefined;
  try {
    test = await killingTest(folder, imports, limitMs, mutant);
    hunt = worlds ? await killingPromise(folder, imports, seed, worlds, limitMs) : undefined;
  } catch (error) {
    trouble = String(error);
  }
  return { mutant, test, hunt, trouble, seconds: (performance.now() - startedMs) / 1_000 };
}

/** Sees that neither the tests nor the simulator find anything in the core as it is; returns how long that takes. */
async function judgeCore({ folder }: Workspace, means: Means): Promise<number> {
  const startedMs = performance.now();
  const test = await killingTest(folder, means.imports, means.limitMs);
  const { seed, worlds, imports, limitMs } = means;
  const hunt = worlds ? await killingPromise(folder, imports, seed, worlds, limitMs) : undefined;
  const found = test ?? hunt?.promise;
  if (found) throw new Error(`Cannot judge the mutants as the core itself fails: current value is ${found}`);
  return performance.now() - startedMs;
}

async function judgeAll(mutants: readonly Mutant[], means: Means): Promise<Row[]> {
  await using workspaces = new AsyncDisposableStack();
  const first = workspaces.use(await Workspace.make());
  await checkTypes(first.folder, means.imports, mutants);
  const coreMs = await judgeCore(first, { ...means, limitMs: 10 * LEAST_LIMIT_MS });
  console.log(`the core itself passes in ${(coreMs / 1_000).toFixed(1)} s`);
  const all = [first];
  while (all.length < WORKERS) all.push(workspaces.use(await Workspace.make()));
  const limited = { ...means, limitMs: Math.max(LEAST_LIMIT_MS, 3 * coreMs) };
  const rows: Row[] = [];
  const left = [...mutants];
  await Promise.all(all.map(async (workspace) => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const next = mutant;
      const row = await workspace.with(next, () => judge(next, workspace, limited));
      rows.push(row);
      console.log(`${String(rows.length).padStart(4)}/${mutants.length}  ${line(row)}`);
    }
  }));
  return rows.sort((a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant));
}

async function main(): Promise<number> {
  const startedMs = performance.now();
  const options = optionsOf(Deno.args);
  const misfits = MUTANTS.flatMap((mutant) => misfit(mutant, Deno.readTextFileSync(new URL(mutant.file, ROOT))) ?? []);
  if (misfits.length) throw new Error(`Cannot use the mutants as the core has changed:\n  ${misfits.join("\n  ")}`);
  const mutants = chosen(MUTANTS, options);
  console.log(`${mutants.length} of ${MUTANTS.length} mutants, seed ${options.seed}`);
  if (!hasSimulator()) console.log("There is no simulator: the tests are alone.");
  const rows = await judgeAll(mutants, {
    imports: await importArgs(),
    seed: options.seed,
    worlds: hasSimulator() ? options.worlds : 0,
    limitMs: LEAST_LIMIT_MS,
  });
  console.log(`\n${table(rows)} in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  return rows.every(isKilled) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
