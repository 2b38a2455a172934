// deno task test [--thorough COVERAGE_FOLDER | arguments of `deno test`]
//
// Runs the tests, with or without JSR, several files at a time, and closes with a line that counts them. With --thorough it runs
// all cases of property tests and the documentation examples too, and leaves the coverage in a folder, for `deno task ok`.

import config from "../deno.json" with { type: "json" };
import { deno } from "../internal/processes/deno_command.ts";
import { typescriptFiles } from "./files.ts";
import { importArgs } from "./jsr.ts";
import { ENTRY_POINTS } from "./module_graph.ts";

/** The folders with tests, as `deno test` finds them by deno.json, and the benchmarks' own. */
const TEST_FOLDERS = [...config.test.include, "bench"];

interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts the tests and test steps of a JUnit report. The report is missing if nothing could be run. */
function countTests(reportPath: string): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let report = "";
  try {
    report = Deno.readTextFileSync(reportPath);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const [, body = ""] of report.matchAll(/<testcase\b[^>]*>(.*?)<\/testcase>/gs)) {
    if (body.includes("<skipped")) counts.skipped++;
    else if (/<(failure|error)\b/.test(body)) counts.failed++;
    else counts.passed++;
  }
  return counts;
}

/** One more than there are cores, as tests of processes and servers mostly wait. */
const JOBS = Deno.env.get("DENO_JOBS") ?? String(navigator.hardwareConcurrency + 1);

/** Runs `deno test` and returns its exit code, which is not 0 either if no test ran. */
export async function runTests(imports: readonly string[], args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const report = `${folder}/junit.xml`;
    let { code } = await deno(["test", "-A", `--junit-path=${report}`, ...imports, ...args], {
      env: { DENO_JOBS: JOBS },
    });
    const { passed, failed, skipped } = countTests(report);
    // a file that cannot be loaded fails without a test
    const failures = code !== 0 && failed === 0 ? 1 : failed;
    if (passed + failures === 0) {
      console.error(`Cannot succeed as no test ran: current value of the arguments is ${JSON.stringify(args)}`);
      code = 1;
    }
    console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs all tests with all cases, and the documentation examples. Coverage includes source files that no test loads. */
export async function runTestsThoroughly(imports: readonly string[], coverageFolder: string): Promise<number> {
  const sources = [...ENTRY_POINTS, ...typescriptFiles("src"), ...typescriptFiles("stores")];
  Deno.env.set("NEAT_TEST_THOROUGH", "1");
  const coverage = [`--coverage=${coverageFolder}`, "--coverage-raw-data-only"];
  return await runTests(imports, ["--parallel", ...coverage, "--doc", ...TEST_FOLDERS, ...new Set(sources)]);
}

async function main([first, folder, ...others]: readonly string[]): Promise<number> {
  const imports = await importArgs();
  if (first !== "--thorough") return await runTests(imports, ["--parallel", ...Deno.args]);
  if (folder !== undefined && others.length === 0) return await runTestsThoroughly(imports, folder);
  console.error(`Cannot run the tests as --thorough takes one folder: current value is ${JSON.stringify(Deno.args)}`);
  return 2;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
