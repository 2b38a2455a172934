// deno task ok [--tested COVERAGE_FOLDER]
//
// Runs every check that a change must pass, the shortest first, and stops at the first that fails. With --tested it does not run
// the tests: `deno task test --thorough` has run them before, and left their coverage in the folder.

import { denoOrThrow } from "../internal/processes/deno_command.ts";
import { checkArchitecture } from "./check_architecture.ts";
import { checkDocs } from "./check_docs.ts";
import { checkSpelling } from "./check_spelling.ts";
import { checkCoverage } from "./coverage.ts";
import { lintDocumentation } from "./doc_lint.ts";
import { importArgs } from "./jsr.ts";
import { publishDryRun } from "./publish_dry_run.ts";
import { checkSize } from "./size.ts";
import { runTestsThoroughly } from "./test.ts";

type Step = [name: string, check: () => Promise<unknown>];

async function testThoroughly(imports: string[], coverageFolder: string): Promise<void> {
  const code = await runTestsThoroughly(imports, coverageFolder);
  if (code !== 0) throw new Error(`Cannot continue as tests failed: current value of the exit code is ${code}`);
}

function steps(imports: string[], coverageFolder: string, isTested: boolean): Step[] {
  const tests: Step[] = [["tests and documentation examples", () => testThoroughly(imports, coverageFolder)]];
  return [
    ["format", () => denoOrThrow(["fmt", "--check"])],
    ["lint", () => denoOrThrow(["lint"])],
    ["spelling", () => checkSpelling()],
    ["architecture", checkArchitecture],
    ["types", () => denoOrThrow(["check", "--quiet", ...imports])],
    ["pages of the documentation", () => checkDocs(imports)],
    ["documentation", () => lintDocumentation(imports)],
    ["size", checkSize],
    ["publishing", publishDryRun],
    ...isTested ? [] : tests,
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

async function main(args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const tested = args[0] === "--tested" ? args[1] : undefined;
  if (args.length > 0 && (tested === undefined || args.length > 2)) {
    console.error(`Cannot run the checks as --tested takes one folder: current value is ${JSON.stringify(args)}`);
    return 2;
  }
  const coverageFolder = tested ?? await Deno.makeTempDir();
  try {
    const summary = await runSteps(steps(await importArgs(), coverageFolder, tested !== undefined));
    console.log(["", "All checks passed:", ...summary, line("total", startedMs)].join("\n"));
    return 0;
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    if (tested === undefined) await Deno.remove(coverageFolder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
