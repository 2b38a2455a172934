// deno task ok
//
// The one gate: every check that a change must pass, in order of length. Stops at the first that fails.

import { checkDocs } from "./check_docs.ts";
import { checkSpelling } from "./check_spelling.ts";
import { checkCoverage } from "./coverage.ts";
import { denoOrThrow } from "./deno_command.ts";
import { typescriptFiles } from "./files.ts";
import { checkHouseRules } from "./house_rules.ts";
import { importArgs } from "./jsr.ts";
import { ENTRY_POINTS } from "./module_graph.ts";
import { publishDryRun } from "./publish_dry_run.ts";
import { checkSize } from "./size.ts";
import { runTests } from "./test.ts";

type Step = [name: string, check: () => Promise<unknown>];

/** The tests and the doc examples, with every source file named, so that one which no test loads is counted too. */
async function testAll(imports: string[], coverageFolder: string): Promise<void> {
  const sources = [...ENTRY_POINTS, ...typescriptFiles("src"), ...typescriptFiles("stores")];
  const coverage = [`--coverage=${coverageFolder}`, "--coverage-raw-data-only"];
  const code = await runTests(imports, [...coverage, "--doc", "tests", "scripts", "examples", ...new Set(sources)]);
  if (code !== 0) throw new Error(`Cannot go on as tests failed: current value of the exit code is ${code}`);
}

function steps(imports: string[], coverageFolder: string): Step[] {
  return [
    ["format", () => denoOrThrow(["fmt", "--check"])],
    ["lint", () => denoOrThrow(["lint"])],
    ["spelling", () => checkSpelling()],
    ["house rules", checkHouseRules],
    ["types", () => denoOrThrow(["check", "--quiet", ...imports])],
    ["pages of the documentation", () => checkDocs(imports)],
    ["documentation", () => denoOrThrow(["doc", "--lint", ...imports, ...ENTRY_POINTS])],
    ["size", checkSize],
    ["publishing", publishDryRun],
    ["tests and doc examples", () => testAll(imports, coverageFolder)],
    ["coverage", () => checkCoverage(coverageFolder)],
  ];
}

function line(name: string, startedMs: number): string {
  return `${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${name}`;
}

/** Runs the steps and returns a summary. Throws what the first one that fails throws. */
async function runSteps(all: Step[]): Promise<string[]> {
  const summary: string[] = [];
  for (const [name, check] of all) {
    console.log(`\n--- ${name}`);
    const startedMs = performance.now();
    try {
      await check();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      throw new Error(`FAILED at ${line(name, startedMs).trim()}`);
    }
    summary.push(line(name, startedMs));
  }
  return summary;
}

async function main(): Promise<number> {
  const startedMs = performance.now();
  const coverageFolder = await Deno.makeTempDir();
  try {
    const summary = await runSteps(steps(await importArgs(), coverageFolder));
    console.log(["", "All checks passed:", ...summary, line("in all", startedMs)].join("\n"));
    return 0;
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await Deno.remove(coverageFolder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
