/**
 * The arguments of `deno task bench:peers`.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { argumentsOf } from "../../scripts/bench/peers/arguments.ts";

const IDS = ["idle-cost", "lateness", "weight"];
const read = (...args: string[]) => argumentsOf(args, IDS);

Deno.test("without arguments all parts are measured five times and nothing is written", () => {
  assertEquals(read(), { isShort: false, isWritten: false, only: IDS, repetitions: 5 });
});

Deno.test("the short form measures once, unless told otherwise", () => {
  assertEquals(read("--short"), { isShort: true, isWritten: false, only: IDS, repetitions: 1 });
  assertEquals(read("--repetitions", "3", "--short").repetitions, 3);
});

Deno.test("some parts can be chosen, which are measured in the order of the page", () => {
  assertEquals(read("--only", "weight,idle-cost", "--write").only, ["idle-cost", "weight"]);
  assertEquals(read("--only", "idle_cost").only, ["idle-cost"]);
});

Deno.test("what makes no sense is refused with the reason", () => {
  assertThrows(() => read("--fast"), Error, '--write are all it knows: current value is "--fast"');
  assertThrows(
    () => read("--only", "weight,size"),
    Error,
    'idle-cost, lateness, weight: current value is "weight,size"',
  );
  assertThrows(() => read("--only"), Error, "the parts are");
  for (const times of ["0", "1.5", "many", ""]) assertThrows(() => read("--repetitions", times), Error, "whole number");
  assertThrows(() => read("--short", "--write"), Error, "mean too little to be written");
});
