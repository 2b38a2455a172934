/** Modules of the tests as programs of a project that has installed the package: on each runtime, in each module format. */
import { assertEquals } from "@std/assert";
import { type Runtime, runtimes } from "../../scripts/npm/runtimes.ts";
import type { Consumer, Loading } from "./consumer.ts";

/** A program, and what runs it. */
export interface Program {
  readonly runtime: Runtime;
  readonly loading: Loading;
  /** Relative to the project's folder. */
  readonly file: string;
}

/** The module formats in which the package was built. */
export async function loadings(consumer: Consumer): Promise<Loading[]> {
  const formats: readonly Loading[] = ["esm", "cjs"];
  const offered = await Promise.all(formats.map((loading) => consumer.offers(loading)));
  return formats.filter((_, index) => offered[index]);
}

/**
 * Uses a program on one runtime after the other, in each module format that the package has, each as a step of a test.
 *
 * @param programs Makes the program in a module format, and answers with its file.
 */
export async function onEach(
  t: Deno.TestContext,
  consumer: Consumer,
  programs: (loading: Loading) => Promise<string>,
  use: (program: Program) => Promise<void>,
): Promise<void> {
  for (const loading of await loadings(consumer)) {
    const file = await programs(loading);
    for (const runtime of await runtimes()) {
      const format = loading === "esm" ? "ES module" : "CommonJS";
      await t.step(`${runtime.name} ${runtime.version}, ${format}`, () => use({ runtime, loading, file }));
    }
  }
}

/** Bundles a module of tests/npm, such as "core_suite", and answers with the file. */
export async function bundled(consumer: Consumer, name: string, loading: Loading): Promise<string> {
  const file = `${name}.${loading === "esm" ? "mjs" : "cjs"}`;
  await consumer.bundle(`tests/npm/${name}.ts`, file);
  return file;
}

/** What a suite has come to. */
interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Bun's own limit of a test is 5 seconds. */
const BUN_ARGS = ["test", "--timeout=60000"];
const NODE_ARGS = ["--test-reporter=tap"];

/** Runs a suite written with `node:test`: so many tests must pass, and none fail. Others may be skipped. */
export async function mustPass(
  consumer: Consumer,
  { runtime, file }: Omit<Program, "loading">,
  passed: number,
): Promise<void> {
  const args = runtime.name === "Bun" ? BUN_ARGS : NODE_ARGS;
  const { code, text } = await consumer.run(runtime.path, [...args, `./${file}`]);
  const expected: Tally = { passed, failed: 0 };
  assertEquals([code, tallyOf(text)], [0, expected], text);
}

/** Reads the summary that Node, in the form of TAP, or Bun has printed. */
function tallyOf(text: string): Tally {
  const count = (name: string): number =>
    Number(
      text.match(new RegExp(`^(?:# ${name} (\\d+)| *(\\d+) ${name})$`, "m"))
        ?.slice(1).find((digits) => digits) ?? NaN,
    );
  return { passed: count("pass"), failed: count("fail") };
}
