// The mutants of `deno task test:mutants` fit the core as it is, and its table shows which ones survive.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { MUTANTS } from "./all.ts";
import { chosen, optionsOf } from "./choice.ts";
import { Core } from "./core.ts";
import { type Broken, type Change, type Mutant, replace, wrapFunction, wrapGetter, wrapMethod } from "./mutant.ts";
import { isKilled, tableOf } from "./table.ts";
import { failedTest, testsFor } from "./unit_tests.ts";

const PROMISES: readonly Broken[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

const CORE = Core.of(
  new Map([[
    "src/count.ts",
    `export function half(n: number): number {
  return Math.round(
    n / 2, // rounded
  );
}
export class Counter {
  #count = 0;
  get count(): number { return this.#count; }
  add(n: number): void { this.#count += half(n); this.#log(n); }
  #log(n: number): void { Math.max(n, 7); Math.max(n); }
}
function hidden(): void {}
`,
  ]]),
);

function mutated(change: Change): Record<string, string> {
  return Object.fromEntries(CORE.mutate({ name: "greedy", breaks: 2, change }));
}

interface Counter {
  count: number;
  add(n: number): void;
}

/** The module that stands in for the one of a test, as it runs. */
async function wrapped(change: Change): Promise<{ half(n: number): number; Counter: new () => Counter }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(mutated(change))) {
      await Deno.writeTextFile(`${folder}/${path.split("/").at(-1)}`, text);
    }
    return await import(`file://${folder}/count.ts`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("each mutant fits the core", () => {
  const core = Core.read(ROOT);
  for (const mutant of MUTANTS) {
    const files = core.mutate(mutant);
    assertEquals(files.size, mutant.change.kind === "match" ? 1 : 2, mutant.name);
    assert(files.has(core.pathOf(mutant)), mutant.name);
  }
});

Deno.test("each promise has a mutant, and mutants have names that the command line can tell apart", () => {
  const broken = new Set(MUTANTS.map(({ breaks }) => breaks));
  assertEquals(PROMISES.filter((promise) => !broken.has(promise)), []);
  assertEquals(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  for (const { name } of MUTANTS) assert(!name.includes(","), name);
});

Deno.test("replace() finds a pattern whatever its formatting, and keeps the text of its nodes", () => {
  const { "src/count.ts": text = "" } = mutated(replace("half", "Math.round($N / 2)", "Math.floor($N)"));
  assert(text.includes("return Math.floor(n);"), text);
  const { "src/count.ts": all = "" } = mutated(replace("#log", "Math.max($$$ARGS, 7)", "void [$$$ARGS]"));
  assert(all.includes("void [n];"), all);
});

Deno.test("wrapFunction(), wrapMethod() and wrapGetter() change what a module exports", async () => {
  const half = await wrapped(wrapFunction<(n: number) => number>("half", (original, n) => original(n) + 100));
  assertEquals(half.half(4), 102);
  const { Counter: Doubled } = await wrapped(wrapMethod<Counter, "add">("Counter.add", (_, original, n) => {
    original(n);
    original(n);
  }));
  const doubled = new Doubled();
  doubled.add(4);
  assertEquals(doubled.count, 4);
  const { Counter: Negated } = await wrapped(wrapGetter<Counter, "count">("Counter.count", (_, count) => -count()));
  const negated = new Negated();
  negated.add(4);
  assertEquals(negated.count, -2);
});

Deno.test("a mutant that does not fit is named, with what is missing", () => {
  const misfits: [Change, string][] = [
    [replace("half", "Math.ceil($N)", "$N"), "its pattern must match once in half of src/count.ts: current value is 0"],
    [replace("#log", "Math.max($$$ARGS)", "{}"), "current value is 2"],
    [replace("half", "Math.round($N)", "Math.round($N, $OTHER)"), "its pattern has no such node"],
    [replace("half", "$N / 2", "$N / 2"), "it replaces a text by itself"],
    [replace("double", "$N", "1"), "the core must declare double once: current value is 0"],
    [wrapMethod<Counter, "add">("Box.add", () => {}), "the core must declare Box.add once"],
    [wrapMethod<Counter, "count">("Counter.count", () => undefined as never), "Counter.count must be a method"],
    [wrapGetter<Counter, "add">("Counter.add", (_, add) => add()), "Counter.add must be a getter"],
    [wrapFunction<() => void>("hidden", () => {}), "hidden must be exported"],
  ];
  for (const [change, message] of misfits) {
    const { message: thrown } = assertThrows(() => mutated(change), Error, 'Cannot make the mutant "greedy" as ');
    assert(thrown.includes(message), thrown);
  }
});

Deno.test("mutants are chosen by parts of their names, or drawn by a seed", () => {
  const options = optionsOf(["--only", "ids are equal,without a margin", "--seed", "7", "--runs", "9"]);
  assertEquals(options, { only: ["ids are equal", "without a margin"], share: undefined, seed: 7, runs: 9 });
  assertEquals(chosen(MUTANTS, options).map(({ name }) => name), [
    "all ids are equal",
    "a lease ends without a margin",
  ]);
  const drawn = chosen(MUTANTS, optionsOf(["--share", "5", "--seed", "7"]));
  assertEquals(new Set(drawn).size, 5);
  assertEquals(drawn, chosen(MUTANTS, optionsOf(["--share", "5", "--seed", "7"])));
  assertEquals(chosen(MUTANTS, optionsOf([])), MUTANTS);
  assertThrows(() => chosen(MUTANTS, optionsOf(["--only", "no such fault"])), RangeError, "no such fault");
  for (const args of [["--share", "some"], ["--share"], ["--other", "1"], ["--only"]]) {
    assertThrows(() => optionsOf(args), TypeError, "Cannot read the arguments");
  }
});

Deno.test("tableOf() calls a mutant killed that a test or the simulator has found, and no other", () => {
  const mutant: Mutant = { name: "greedy", breaks: 2, change: replace("take", "1", "2") };
  const row = { mutant, test: undefined, simulated: undefined, seconds: 1 };
  const rows = [
    { ...row, test: "take() takes one" },
    { ...row, simulated: { promise: "no-overlap", runs: 3 } },
    { ...row, simulated: { runs: 60 } },
    { ...row, test: "take() takes one", error: "Deno fails" },
  ];
  assertEquals(rows.map(isKilled), [true, true, false, false]);
  const text = tableOf(rows);
  assert(text.includes("SURVIVED: greedy (take), which breaks 2"));
  assert(text.includes("ERROR: greedy: Deno fails"));
  assert(text.endsWith("4 mutants, 2 killed: 1 by a test, 1 by the simulator"));
});

Deno.test("testsFor() begins with the tests that are named after the file of the fault", () => {
  const folder = new URL(".", ROOT).pathname.replace(/\/$/, "");
  const [near = [], rest = []] = testsFor(folder, "src/core/claim.ts");
  assertEquals(near, ["tests/core/claim_test.ts"]);
  assert(rest.includes("tests/core/stop_test.ts") && !rest.includes("tests/core/claim_test.ts"));
  assertEquals(testsFor(folder).flat().sort(), [...near, ...rest].sort());
});

Deno.test("failedTest() finds the first test that fails in what `deno test` prints", () => {
  assertEquals(failedTest("running 2 tests\none ... ok (1ms)\ntwo ... more ... FAILED (2ms)\n"), "two ... more");
  assertEquals(
    failedTest("three ...\nUncaught error from ./tests/a_test.ts FAILED\nthree ... cancelled (0ms)\n"),
    "three (an error escaped)",
  );
  assertEquals(failedTest("error: Import 'file:///a.ts' failed, not found."), undefined);
});
