/** Programs of a project, which run on each runtime in each module format. */
import { assertEquals } from "@std/assert";
import { type Consumer, type Loading, LOADINGS, type RunOptions } from "./consumer.ts";
import { type Runtime, runtimes } from "./environment.ts";

/** A program and its runtime. */
export interface Program {
  readonly runtime: Runtime;
  readonly loading: Loading;
  /** Relative to the project's folder. */
  readonly file: string;
}

/** How many programs run at the same time: most of them wait for timers most of the time. */
const CONCURRENCY = 5;

/** Calls a function with each item, with some calls at the same time. Rejects with the first error when all calls have settled. */
export async function forEachConcurrently<Item>(
  items: readonly Item[],
  concurrency: number,
  use: (item: Item) => Promise<unknown>,
): Promise<void> {
  const remaining = [...items];
  const work = async (): Promise<void> => {
    for (let item = remaining.shift(); item !== undefined; item = remaining.shift()) await use(item);
  };
  const results = await Promise.allSettled(Array.from({ length: concurrency }, work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/**
 * Runs a program on each runtime in each module format, each as a step of a test.
 *
 * @param write Writes the program in a module format into the project, and returns its file.
 * @param check Runs the program.
 */
export async function forEachProgram(
  t: Deno.TestContext,
  write: (loading: Loading) => Promise<string>,
  check: (program: Program) => Promise<void>,
): Promise<void> {
  const programs: Program[] = [];
  for (const loading of LOADINGS) {
    const file = await write(loading);
    for (const runtime of runtimes()) programs.push({ runtime, loading, file });
  }
  await forEachConcurrently(programs, CONCURRENCY, (program) => {
    const { runtime: { name, version }, loading } = program;
    return t.step({
      name: `${name} (${version}), ${loading === "esm" ? "ES module" : "CommonJS"}`,
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
      fn: () => check(program),
    });
  });
}

/** Bundles a module of tests/npm into a project, such as "core_suite", and returns the file. */
export async function bundleSuite(consumer: Consumer, name: string, loading: Loading): Promise<string> {
  const file = `${name}.${loading === "esm" ? "mjs" : "cjs"}`;
  await consumer.bundle(`tests/npm/${name}.ts`, file);
  return file;
}

/** Bun limits a test to 5 seconds by default. */
const BUN_ARGS = ["test", "--timeout=60000"];
const NODE_ARGS = ["--test-reporter=tap"];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads the summary that Node, in the TAP format, or Bun has printed. */
function countsIn(text: string): Counts {
  const count = (name: string): number => {
    const match = new RegExp(`^(?:# ${name} (\\d+)| *(\\d+) ${name})$`, "m").exec(text);
    return Number(match?.[1] ?? match?.[2] ?? NaN);
  };
  return { passed: count("pass"), failed: count("fail") };
}

/** Runs a suite for `node:test`, and asserts that so many tests pass and none fails. Tests may be skipped. */
export async function assertSuitePasses(
  consumer: Consumer,
  { runtime, file }: Pick<Program, "runtime" | "file">,
  passed: number,
  options?: RunOptions,
): Promise<void> {
  const args = runtime.name === "Bun" ? BUN_ARGS : NODE_ARGS;
  const { code, text } = await consumer.run(runtime.path, [...args, `./${file}`], options);
  assertEquals([code, countsIn(text)], [0, { passed, failed: 0 }], text);
}
