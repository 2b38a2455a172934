// The mutants of `deno task test:mutants` fit the core as it is, and its table tells who survives.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { MUTANTS } from "../scripts/mutants/all.ts";
import { chosen, optionsOf } from "../scripts/mutants/choice.ts";
import { misfit, type Mutant, mutate } from "../scripts/mutants/mutant.ts";
import { isKilled, table } from "../scripts/mutants/table.ts";
import { failedTest } from "../scripts/mutants/unit_tests.ts";

const MUTANT: Mutant = { name: "greedy", file: "src/a.ts", old: "take(1)", new: "take($&)", breaks: "2: it is greedy" };

Deno.test("each mutant replaces a text that its file holds once", () => {
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? Deno.readTextFileSync(new URL(`../${file}`, import.meta.url));
    texts.set(file, text);
    return text;
  };
  assertEquals(MUTANTS.flatMap((mutant) => misfit(mutant, textOf(mutant.file)) ?? []), []);
});

Deno.test("mutants have names of their own that the command line can tell apart, and are of the core alone", () => {
  assertEquals(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  for (const { name, file, breaks } of MUTANTS) {
    assert(!name.includes(",") && breaks.length > 10, name);
    assert(/^src\/\w+\.ts$/.test(file), file);
  }
});

Deno.test("a mutant that does not fit is named", () => {
  assertEquals(misfit(MUTANT, "take(1)"), undefined);
  assert(misfit(MUTANT, "take(2)")?.includes('"greedy" replaces a text of src/a.ts that is there 0 times'));
  assert(misfit(MUTANT, "take(1), take(1)")?.includes("there 2 times"));
  assert(misfit({ ...MUTANT, new: MUTANT.old }, "take(1)")?.includes("by itself"));
  assertThrows(() => mutate(MUTANT, ""), Error, "Cannot make the mutant");
  assertEquals(mutate(MUTANT, "do take(1);"), "do take($&);");
});

Deno.test("mutants are chosen by parts of their names, or drawn by a seed", () => {
  const options = optionsOf(["--only", "term not written,error not c", "--seed", "7", "--worlds", "9"]);
  assertEquals(options, { only: ["term not written", "error not c"], share: undefined, seed: 7, worlds: 9 });
  assertEquals(chosen(MUTANTS, options).map(({ name }) => name), ["term not written", "error not cut"]);
  const drawn = chosen(MUTANTS, optionsOf(["--share", "5", "--seed", "7"]));
  assertEquals(new Set(drawn).size, 5);
  assertEquals(drawn, chosen(MUTANTS, optionsOf(["--share", "5", "--seed", "7"])));
  assertEquals(chosen(MUTANTS, optionsOf([])), MUTANTS);
  assertThrows(() => chosen(MUTANTS, optionsOf(["--only", "no such fault"])), RangeError, '"no such fault"');
  for (const args of [["--share", "some"], ["--share"], ["--other", "1"], ["--only"]]) {
    assertThrows(() => optionsOf(args), TypeError, "Cannot use the arguments");
  }
});

Deno.test("the table calls a mutant killed that a test or the simulator has found, and no other", () => {
  const row = { mutant: MUTANT, test: undefined, hunt: undefined, seconds: 1 };
  const rows = [
    { ...row, test: "it takes one" },
    { ...row, hunt: { promise: "no-overlap", worlds: 3 } },
    { ...row, hunt: { worlds: 60 } },
    { ...row, test: "it takes one", trouble: "Deno fails" },
  ];
  assertEquals(rows.map(isKilled), [true, true, false, false]);
  const text = table(rows);
  assert(text.includes("SURVIVED: greedy (src/a.ts), which breaks 2: it is greedy"));
  assert(text.includes("TROUBLE: greedy: Deno fails"));
  assert(text.endsWith("4 mutants, 2 killed: 1 by a test, 1 by the simulator"));
});

Deno.test("the first test that fails is found in what `deno test` prints", () => {
  assertEquals(failedTest("running 2 tests\none ... ok (1ms)\ntwo ... more ... FAILED (2ms)\n"), "two ... more");
  assertEquals(
    failedTest("three ...\nUncaught error from ./tests/a_test.ts FAILED\nthree ... cancelled (0ms)\n"),
    "three (an error escaped)",
  );
  assertEquals(failedTest("error: Import 'file:///a.ts' failed, not found."), undefined);
});
