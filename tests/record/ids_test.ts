// Random names as long as the original's slug ids, and of the same alphabet.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { newId } from "../../src/record/ids.ts";

const IDS: readonly string[] = Array.from({ length: 2_000 }, newId);

Deno.test("an id has 22 characters that are safe in URLs and file names", () => {
  for (const id of IDS) assertMatch(id, /^[0-9a-f]{22}$/);
});

Deno.test("each id is another, and at least 80 of their bits are random", () => {
  assertEquals(new Set(IDS).size, IDS.length);
  const numbers = IDS.map((id) => BigInt(`0x${id}`));
  const varying = numbers.reduce((bits, number) => bits | (number ^ numbers[0]!), 0n);
  const count = varying.toString(2).replaceAll("0", "").length;
  assert(count >= 80, `${count} bits`);
});

Deno.test("an id is never the one that stands for no replica", () => {
  assert(!IDS.includes("-"));
});
