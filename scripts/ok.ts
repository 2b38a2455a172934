// deno task ok
//
// Runs every check that a change must pass, the shortest first, and stops at the first that fails.

import config from "../deno.json" with { type: "json" };
import { denoOrThrow } from "../internal/processes/deno_command.ts";
import { checkArchitecture } from "./check_architecture.ts";
import { checkDocs } from "./check_docs.ts";
import { checkSpelling } from "./check_spelling.ts";
import { checkCoverage } from "./coverage.ts";
import { typescriptFiles } from "./files.ts";
import { importArgs } from "./jsr.ts";
import { ENTRY_POINTS } from "./module_graph.ts";
import { publishDryRun } from "./publish_dry_run.ts";
import { checkSize } from "./size.ts";
import { runTests } from "./test.ts";

/** The folders with tests, as `deno test` finds them by deno.json. */
const TEST_FOLDERS = [...config.test.include, "bench"];

type Step = [name: string, check: () => Promise<unknown>];

/** Runs the tests with all cases, and the documentation examples. Coverage includes source files that no test loads. */
async function testAll(imports: string[], coverageFolder: string): Promise<void> {
  const sources = [...ENTRY_POINTS, ...typescriptFiles("src"), ...typescriptFiles("stores")];
  Deno.env.set("NEAT_TEST_THOROUGH", "1");
  const coverage = [`--coverage=${coverageFolder}`, "--coverage-raw-data-only"];
  const code = await runTests(imports, ["--parallel", ...coverage, "--doc", ...TEST_FOLDERS, ...new Set(sources)]);
  if (code !== 0) throw new Error(`Cannot continue as tests failed: current value of the exit code is ${code}`);
}

function steps(imports: string[], coverageFolder: string): Step[] {
  return [
    ["format", () => denoOrThrow(["fmt", "--check"])],
    ["lint", () => denoOrThrow(["lint"])],
    ["spelling", () => checkSpelling()],
    ["architecture", checkArchitecture],
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

/** Runs the steps and returns a summary. Throws an error that names the first step that fails. */
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
    console.log(["", "All checks passed:", ...summary, line("total", startedMs)].join("\n"));
    return 0;
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await Deno.remove(coverageFolder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
