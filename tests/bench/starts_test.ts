/**
 * What the comparison of latenesses makes of the starts that it has seen.
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Starts } from "../../scripts/bench/peers/node/starts.ts";
import { rotated } from "../../scripts/bench/peers/workshop.ts";

const COUNT = 40;

/** Slots at half past each second, seen from the tenth second on. */
function seen(
  slots: ConstructorParameters<typeof Starts>[0],
  startOf: (slotMs: number, index: number) => number,
): Starts {
  const starts = new Starts(slots, 500, 10_000, 10_000 + COUNT * 1_000);
  for (let index = 0; index < COUNT + 20; index++) {
    const slotMs = index * 1_000 + 500;
    starts.note(startOf(slotMs, index), slotMs);
  }
  return starts;
}

Deno.test("a start is as late as its slot says, and only slots of the span count", () => {
  const starts = seen("told", (slotMs) => slotMs + 7);
  assertEquals(starts.latenessesMs, new Array(COUNT).fill(7));
  assertEquals(starts.kept, COUNT);
});

Deno.test("where slots aren't told they are whole seconds, of the clock or since the task was added", () => {
  assertEquals(new Set(seen("whole seconds", (slotMs) => slotMs + 7).latenessesMs), new Set([507]));
  assertEquals(new Set(seen("after a period", (slotMs) => slotMs + 7).latenessesMs), new Set([7]));
  assertEquals(new Set(seen("from the start", (slotMs) => slotMs + 7).latenessesMs), new Set([7]));
});

Deno.test("a start that is a little early is for the slot to come", () => {
  assertEquals(new Set(seen("after a period", (slotMs) => slotMs - 3).latenessesMs), new Set([-3]));
});

Deno.test("a slot without a start is missed, and two starts keep one slot", () => {
  const starts = seen("after a period", (slotMs, index) => index % 4 === 1 ? slotMs + 1_001 : slotMs);
  assertEquals(starts.kept, COUNT * 3 / 4);
});

Deno.test("drift is told for a minute, however often starts have moved past a slot", () => {
  assertAlmostEquals(seen("after a period", (slotMs, index) => slotMs + index * 2).driftMs!, 120, 1);
  assertAlmostEquals(seen("from the start", (slotMs, index) => slotMs + index * 300).driftMs!, 60_000 * 300 / 1_300, 1);
});

Deno.test("neither jitter nor slots without a start are a drift", () => {
  const jitter = seen("told", (slotMs, index) => slotMs + index * 7 % 5);
  assertAlmostEquals(jitter.driftMs!, 0, 1);
  const starts = new Starts("told", 0, 0, 60_000);
  for (const second of [0, 1, 2, 5, 6, 9, 20, 30]) starts.note(second * 1_000 + 3, second * 1_000);
  assertEquals(starts.driftMs, 0);
});

Deno.test("one start tells no drift", () => {
  const starts = new Starts("told", 0, 0, 60_000);
  starts.note(3, 0);
  assertEquals(starts.driftMs, undefined);
});

Deno.test("each contestant is first in its turn, and all keep their order", () => {
  assertEquals([0, 1, 2, 3].map((repetition) => rotated(["a", "b", "c"], repetition).join("")), [
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
});
