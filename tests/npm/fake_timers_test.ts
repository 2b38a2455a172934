// The tests of tests/fake_time under the fake timers of each test framework, with the installed package. In each format it is imported
// twice: before time is faked, and while it is.

import { assert } from "@std/assert";
import { LENGTH } from "../fake_time/specification.ts";
import { Consumer, type Loading, LOADINGS } from "./consumer.ts";
import { isNode, packageTest, type Runtime, runtimes } from "./environment.ts";
import { assertSuitePasses } from "./programs.ts";

const VITEST = "vitest@5.1.1";
const JEST = "jest@30.5.2";

/** A second name of the package: a separate module, which can be imported while time is faked. */
const ALIAS = "twin";

/** Each test runs with the package imported before time is faked, and with it imported while it is. */
const TESTS = 2 * LENGTH;

/** The source of a module that imports or requires a package for the suites. */
const IMPORTED: Readonly<Record<Loading, (name: string) => string>> = {
  esm: (name) => `export { NeatPeriodicTaskScheduler } from "${name}";\n`,
  cjs: (name) => `
import { createRequire } from "node:module";
export const { NeatPeriodicTaskScheduler } = createRequire(import.meta.url)("${name}");
`,
};

/** A program that fails unless both imports are separate modules. */
const ASSERT_SEPARATE = `
import { NeatPeriodicTaskScheduler as before } from "./imported_before.mjs";
import { NeatPeriodicTaskScheduler as underFakes } from "./imported_under_fakes.mjs";
if (typeof before !== "function" || before === underFakes) throw new Error("Both are the same module");
`;

/** If a fake does not reach the package, a test waits for hours. */
const LIMIT_MS = 60_000;

const JEST_SUMMARY = new RegExp(`^Tests: +${TESTS} passed, ${TESTS} total$`, "m");
const VITEST_SUMMARY = new RegExp(`^ *Tests +${TESTS} passed \\(${TESTS}\\)$`, "m");

async function assertPrints(
  consumer: Consumer,
  { path }: Runtime,
  args: readonly string[],
  summary: RegExp,
): Promise<void> {
  const text = await consumer.runOrThrow(path, args, { limitMs: LIMIT_MS });
  assert(summary.test(text), text);
}

function jest(consumer: Consumer, testMatch: string): string[] {
  const program = consumer.packageFile("jest/bin/jest.js");
  return [program, "--runInBand", "--watchman=false", "--cacheDirectory=jest_cache", `--testMatch=${testMatch}`];
}

interface Framework {
  readonly name: string;
  readonly runsOn: (runtime: Runtime) => boolean;
  readonly check: (consumer: Consumer, runtime: Runtime) => Promise<void>;
}

const FRAMEWORKS: readonly Framework[] = [
  {
    name: "node:test",
    runsOn: isNode,
    check: (consumer, runtime) => assertSuitePasses(consumer, { runtime, file: "node_suite.mjs" }, TESTS),
  },
  {
    name: "bun:test",
    runsOn: (runtime) => runtime.name === "Bun",
    check: (consumer, runtime) => assertSuitePasses(consumer, { runtime, file: "bun.test.mjs" }, TESTS),
  },
  {
    name: VITEST,
    runsOn: isNode,
    check: (consumer, runtime) => {
      const program = consumer.packageFile("vitest/vitest.mjs");
      const args = [program, "run", "--globals", "--pool=threads", "suite.test.mjs"];
      return assertPrints(consumer, runtime, args, VITEST_SUMMARY);
    },
  },
  {
    name: `${JEST} with ES modules`,
    runsOn: isNode,
    check: (consumer, runtime) => {
      const args = ["--experimental-vm-modules", ...jest(consumer, "**/suite.test.mjs"), "--transform={}"];
      return assertPrints(consumer, runtime, args, JEST_SUMMARY);
    },
  },
];

async function createProject(loading: Loading): Promise<Consumer> {
  const consumer = await Consumer.create([VITEST, JEST], [ALIAS]);
  await consumer.bundle("tests/fake_time/node_suite.ts", "node_suite.mjs");
  await consumer.bundle("tests/fake_time/vitest_and_jest_suite.ts", "suite.test.mjs");
  await consumer.bundle("tests/npm/fake_timers/bun_suite.ts", "bun.test.mjs");
  await consumer.bundle("tests/npm/fake_timers/jest_cjs_suite.ts", "script.test.cjs");
  await consumer.write("assert_separate.mjs", ASSERT_SEPARATE);
  await consumer.write("imported_before.mjs", IMPORTED[loading]("@neat/periodic-task"));
  await consumer.write("imported_under_fakes.mjs", IMPORTED[loading](ALIAS));
  return consumer;
}

type Step = readonly [name: string, check: () => Promise<void>];

/** Returns a step for each framework on each runtime. */
function steps(consumer: Consumer, loading: Loading): Step[] {
  const how = loading === "esm" ? "imported" : "required";
  const inEach = runtimes().flatMap((runtime): Step[] => [
    [`${how} twice on ${runtime.name}: separate modules`, async () => {
      await consumer.runOrThrow(runtime.path, ["assert_separate.mjs"], { limitMs: LIMIT_MS });
    }],
    ...FRAMEWORKS.filter(({ runsOn }) => runsOn(runtime)).map(({ name, check }): Step => [
      `${how}, under ${name} on ${runtime.name}`,
      () => check(consumer, runtime),
    ]),
  ]);
  if (loading === "esm") return inEach;
  // without flags, Jest loads CommonJS alone
  const args = jest(consumer, "**/script.test.cjs");
  const withoutFlags = runtimes().filter(isNode).map((runtime): Step => [
    `required, under ${JEST} without flags on ${runtime.name}`,
    () => assertPrints(consumer, runtime, args, JEST_SUMMARY),
  ]);
  return [...inEach, ...withoutFlags];
}

for (const loading of LOADINGS) {
  packageTest(`the fake timers of test frameworks control the package, as ${loading}`, async (t) => {
    await using consumer = await createProject(loading);
    for (const [name, check] of steps(consumer, loading)) {
      // after a failure the rest is skipped, as each step might take until the limit
      if (!await t.step(name, check)) return;
    }
  });
}
