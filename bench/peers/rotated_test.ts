import { assertEquals } from "@std/assert";
import { rotated } from "./rotated.ts";

Deno.test("rotated() puts each item first in its turn and keeps the order", () => {
  assertEquals([0, 1, 2, 3].map((repetition) => rotated(["a", "b", "c"], repetition).join("")), [
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
});
