import { runDeno } from "./command.ts";

/** Folders with tests of the core, and `tests` itself without its other folders. */
const FOLDERS = [
  "tests/core",
  "tests/record",
  "tests/schedule",
  "tests/store",
  "tests/time",
  "tests/integration",
  "tests",
];

/** Tests that find the same as others, but slowly. */
const LEFT_OUT = ["record_property"];

/**
 * The tests in the order in which they are run: those named after the file that holds the fault, then all others.
 *
 * @param folder A copy of the project.
 * @param file The file that holds the fault, if there is one.
 */
export function testsFor(folder: string, file?: string): string[][] {
  const all = FOLDERS.flatMap((name) => testsIn(folder, name));
  const near = file?.replace(/^src/, "tests").replace(/\.ts$/, "_");
  const isNear = (path: string): boolean => near !== undefined && path.startsWith(near);
  return [all.filter(isNear), all.filter((path) => !isNear(path))].filter((paths) => paths.length > 0);
}

function testsIn(folder: string, name: string): string[] {
  return [...Deno.readDirSync(`${folder}/${name}`)]
    .flatMap((file) => file.name.endsWith("_test.ts") ? [file.name.slice(0, -"_test.ts".length)] : [])
    .filter((file) => !LEFT_OUT.includes(file))
    .sort()
    .map((file) => `${name}/${file}_test.ts`);
}

/** The first test that fails in a run of `deno test`, by its output. */
export function failedTest(output: string): string | undefined {
  // an error that escapes from a test has a line of its own
  const [, name, escaped] = output.match(/^(.+?) \.\.\.\s(Uncaught error from \S+ )?FAILED/m) ?? [];
  return name && (escaped ? `${name} (an error escaped)` : name);
}

/**
 * Runs the tests on a copy of the project.
 *
 * @param folder The copy.
 * @param imports The arguments that resolve the imports.
 * @param limitMs How long each of the two runs may take: a fault may make the tests go on without end.
 * @param file The file that holds the fault, if there is one.
 * @returns The first test that fails, if one does.
 * @throws {Error} If the tests could not be run.
 */
export async function killingTest(
  folder: string,
  imports: readonly string[],
  limitMs: number,
  file?: string,
): Promise<string | undefined> {
  for (const tests of testsFor(folder, file)) {
    const args = ["test", "-A", "--no-check", "--fail-fast", ...imports, ...tests];
    const { code, isTimedOut, output } = await runDeno(folder, args, limitMs);
    if (isTimedOut) return `${lastStarted(output)} (did not end)`;
    if (code === 0) continue;
    const test = failedTest(output);
    if (!test) throw new Error(`Cannot run the tests as Deno fails: current value of its output is\n${output}`);
    return test;
  }
  return undefined;
}

function lastStarted(output: string): string {
  return output.trimEnd().split("\n").findLast((line) => line.endsWith("..."))?.slice(0, -4) ?? "a test";
}
