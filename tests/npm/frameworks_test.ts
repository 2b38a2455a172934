// The specification of tests/fake_time under the fake timers of each test framework, with the package as it is installed.

import { assert } from "@std/assert";
import { type Runtime, runtimes } from "../../scripts/npm/runtimes.ts";
import { LENGTH } from "../fake_time/specification.ts";
import { Consumer, type Loading, SKIPPED, TARBALL } from "./consumer.ts";
import { loadings, mustPass } from "./programs.ts";

const VITEST = "vitest@5.1.1";
const JEST = "jest@30.5.2";

/** The package once more, under another name: a module of its own, that can be imported later. */
const TWIN = "twin";

/** Every sentence is tested with the package imported before time is faked, and while it is. */
const TESTS = 2 * LENGTH;

/** A module that has what the suites need of a package, which it imports or requires. */
const IMPORTED: Readonly<Record<Loading, (name: string) => string>> = {
  esm: (name) => `export { NeatPeriodicTaskScheduler } from "${name}";\n`,
  cjs: (name) => `
import { createRequire } from "node:module";
export const { NeatPeriodicTaskScheduler } = createRequire(import.meta.url)("${name}");
`,
};

const ARE_TWO = `
import { NeatPeriodicTaskScheduler as before } from "./imported_before.mjs";
import { NeatPeriodicTaskScheduler as underFakes } from "./imported_under_fakes.mjs";
if (typeof before !== "function" || before === underFakes) throw new Error("They are one and the same");
`;

/** A fake that does not reach the package leaves it waiting for hours. */
const LIMIT_MS = 60_000;

const JEST_ARGS = ["node_modules/jest/bin/jest.js", "--runInBand", "--watchman=false", "--cacheDirectory=jest_cache"];
const JEST_SUMMARY = new RegExp(`^Tests: +${TESTS} passed, ${TESTS} total$`, "m");

interface Framework {
  readonly name: string;
  readonly runsOn: (runtime: Runtime) => boolean;
  readonly check: (consumer: Consumer, runtime: Runtime) => Promise<void>;
}

function isNode({ name }: Runtime): boolean {
  return name.startsWith("Node");
}

async function mustPrint(consumer: Consumer, { path }: Runtime, args: string[], summary: RegExp): Promise<void> {
  const text = await consumer.mustRun(path, args, LIMIT_MS);
  assert(summary.test(text), text);
}

const FRAMEWORKS: readonly Framework[] = [
  {
    name: "node:test",
    runsOn: isNode,
    check: (consumer, runtime) => mustPass(consumer, { runtime, file: "node_suite.mjs" }, TESTS),
  },
  {
    name: "bun:test",
    runsOn: ({ name }) => name === "Bun",
    check: (consumer, runtime) => mustPass(consumer, { runtime, file: "bun.test.mjs" }, TESTS),
  },
  {
    name: VITEST,
    runsOn: isNode,
    check: (consumer, runtime) => {
      const args = ["node_modules/vitest/vitest.mjs", "run", "--globals", "--pool=threads", "suite.test.mjs"];
      return mustPrint(consumer, runtime, args, new RegExp(`^ *Tests +${TESTS} passed \\(${TESTS}\\)$`, "m"));
    },
  },
  {
    name: `${JEST} with ES modules`,
    runsOn: isNode,
    check: (consumer, runtime) => {
      const args = ["--experimental-vm-modules", ...JEST_ARGS, "--transform={}", "--testMatch=**/suite.test.mjs"];
      return mustPrint(consumer, runtime, args, JEST_SUMMARY);
    },
  },
];

async function createProject(): Promise<Consumer> {
  const consumer = await Consumer.create([`${TWIN}@file:${TARBALL}`, VITEST, JEST]);
  await consumer.bundle("tests/fake_time/node_suite.ts", "node_suite.mjs");
  await consumer.bundle("tests/fake_time/vitest_and_jest_suite.ts", "suite.test.mjs");
  await consumer.bundle("tests/npm/frameworks/bun_suite.ts", "bun.test.mjs");
  await consumer.bundle("tests/npm/frameworks/jest_script_suite.ts", "script.test.cjs");
  await consumer.write("are_two.mjs", ARE_TWO);
  return consumer;
}

/** Calls for each framework, with a sentence, in each runtime. */
async function* cases(consumer: Consumer): AsyncGenerator<readonly [sentence: string, check: () => Promise<void>]> {
  const all = await runtimes();
  const offered = await loadings(consumer);
  for (const loading of offered) {
    await consumer.write("imported_before.mjs", IMPORTED[loading]("@neat/periodic-task"));
    await consumer.write("imported_under_fakes.mjs", IMPORTED[loading](TWIN));
    const how = loading === "esm" ? "imported" : "required";
    for (const runtime of all) {
      yield [`${how} twice, in ${runtime.name}: two modules`, async () => {
        await consumer.mustRun(runtime.path, ["are_two.mjs"], LIMIT_MS);
      }];
      for (const { name, check } of FRAMEWORKS.filter(({ runsOn }) => runsOn(runtime))) {
        yield [`${how}, under ${name} in ${runtime.name}`, () => check(consumer, runtime)];
      }
    }
  }
  // without flags, Jest takes no ES modules from packages
  if (!offered.includes("cjs")) return;
  const args = [...JEST_ARGS, "--testMatch=**/script.test.cjs"];
  for (const runtime of all.filter(isNode)) {
    const check = (): Promise<void> => mustPrint(consumer, runtime, args, JEST_SUMMARY);
    yield [`required, under ${JEST} without flags in ${runtime.name}`, check];
  }
}

Deno.test({
  name: `a scheduler of the installed package keeps time under the fakes of test frameworks${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await createProject();
    for await (const [sentence, check] of cases(consumer)) {
      // after one that waits for hours, the others are not waited for as well
      if (!await t.step(sentence, check)) return;
    }
  },
});
