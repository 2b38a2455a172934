import { ended } from "./child.ts";
import type { Mutant } from "./mutant.ts";

/** The tests that are likely to find a fault in a file, and that take a second together. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  "src/attempt.ts": ["claim", "unanswered_write", "stop", "run"],
  "src/backoff.ts": ["backoff", "economy"],
  "src/body.ts": ["wrap_run"],
  "src/claim.ts": ["claim", "unanswered_write", "run", "stop"],
  "src/clock.ts": ["clock", "clock_jump"],
  "src/decision.ts": ["decision", "decision_running", "decision_clocks", "decision_line"],
  "src/events.ts": ["harm"],
  "src/heartbeat.ts": ["heartbeat", "run", "stop", "clock_jump"],
  "src/ids.ts": ["ids"],
  "src/log.ts": ["logging", "harm"],
  "src/loop.ts": [
    "loop",
    "run",
    "trigger",
    "trigger_alone",
    "trigger_answer",
    "stop",
    "stop_store",
    "explain",
    "economy",
  ],
  "src/memory_store.ts": ["run", "loop"],
  "src/outcome.ts": ["outcome", "run", "stop", "stop_store"],
  "src/replica.ts": ["replica", "store_call", "economy", "explain", "replicas", "run", "loop"],
  "src/run.ts": ["run", "stop", "trigger", "heartbeat", "harm"],
  "src/scheduler.ts": ["stop"],
  "src/status.ts": ["status", "status_fields", "status_serialise"],
  "src/store_call.ts": ["store_call", "stop", "outage"],
  "src/store_time.ts": ["store_time"],
};

/** They say nothing of the core, or the same as others but slowly. */
const LEFT_OUT = ["demo_report", "mutants", "record_property", "virtual_time", "without_jsr"];

/** The tests in the order in which they are run: those near a file, then all others of the core. */
export function testsFor(folder: string, file?: string): string[][] {
  const all = [...Deno.readDirSync(`${folder}/tests`)]
    .flatMap(({ name }) => name.endsWith("_test.ts") ? [name.slice(0, -"_test.ts".length)] : [])
    .filter((name) => !LEFT_OUT.includes(name))
    .sort();
  const near = (file ? NEAR[file] ?? [] : []).filter((name) => all.includes(name));
  const rest = all.filter((name) => !near.includes(name));
  return [near, rest].filter((names) => names.length).map((names) => names.map((name) => `tests/${name}_test.ts`));
}

/** The first test that fails in a run of `deno test`, by its output. */
export function failedTest(output: string): string | undefined {
  // what escapes from a test is told on a line of its own
  const [, name, escaped] = output.match(/^(.+?) \.\.\.\s(Uncaught error from \S+ )?FAILED/m) ?? [];
  return name && (escaped ? `${name} (an error escaped)` : name);
}

/**
 * Runs the tests on a copy of the project.
 *
 * @param folder The copy.
 * @param imports The arguments that resolve the imports.
 * @param limitMs How long each of the two runs may take: a fault may make the tests go on for ever.
 * @param mutant The fault in the copy, if there is one.
 * @returns The first test that fails, if one does.
 * @throws If the tests could not be run, which is no merit of theirs.
 */
export async function killingTest(
  folder: string,
  imports: readonly string[],
  limitMs: number,
  mutant?: Mutant,
): Promise<string | undefined> {
  for (const tests of testsFor(folder, mutant?.file)) {
    const args = ["test", "-A", "--no-check", "--fail-fast", ...imports, ...tests];
    const { code, isLate, output } = await ended(folder, args, limitMs);
    if (isLate) return `${lastBegun(output)} (did not end)`;
    if (code === 0) continue;
    const test = failedTest(output);
    if (!test) throw new Error(`Cannot run the tests as Deno fails: current value of its output is\n${output}`);
    return test;
  }
  return undefined;
}

function lastBegun(output: string): string {
  return output.trimEnd().split("\n").findLast((line) => line.endsWith("..."))?.slice(0, -4) ?? "a test";
}
