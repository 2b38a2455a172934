import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "./arguments.ts";

const IDS = ["idle-cost", "lateness", "weight"];
const parse = (...args: string[]) => parseArguments(args, IDS);

Deno.test("parseArguments() measures all parts five times by default and writes nothing", () => {
  assertEquals(parse(), { isShort: false, isWritten: false, only: IDS, repetitions: 5 });
});

Deno.test("parseArguments() measures once in the short form by default", () => {
  assertEquals(parse("--short"), { isShort: true, isWritten: false, only: IDS, repetitions: 1 });
  assertEquals(parse("--repetitions", "3", "--short").repetitions, 3);
});

Deno.test("parseArguments() puts chosen parts into the order of the page", () => {
  assertEquals(parse("--only", "weight,idle-cost", "--write").only, ["idle-cost", "weight"]);
  assertEquals(parse("--only", "idle_cost").only, ["idle-cost"]);
});

Deno.test("parseArguments() throws on invalid arguments with the reason", () => {
  assertThrows(() => parse("--fast"), Error, '--write: current value is "--fast"');
  assertThrows(
    () => parse("--only", "weight,size"),
    Error,
    'idle-cost, lateness, weight: current value is "weight,size"',
  );
  assertThrows(() => parse("--only"), Error, "the parts are");
  for (const times of ["0", "1.5", "many", ""]) {
    assertThrows(() => parse("--repetitions", times), Error, "whole number");
  }
  assertThrows(() => parse("--short", "--write"), Error, "must not be written");
});
