// deno task test [arguments of `deno test`]
//
// Runs the tests, with or without JSR, several files at a time, and closes with a line that counts them.

import { deno } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";

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

/** Runs `deno test` and returns its exit code, which is not 0 either if no test ran. */
export async function runTests(imports: readonly string[], args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const report = `${folder}/junit.xml`;
    let { code } = await deno(["test", "-A", `--junit-path=${report}`, ...imports, ...args]);
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

if (import.meta.main) Deno.exit(await runTests(await importArgs(), ["--parallel", ...Deno.args]));
