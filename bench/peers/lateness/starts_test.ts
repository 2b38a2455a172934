import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Starts } from "./starts.ts";

const COUNT = 40;

/** Starts for due times at half past each second, within a span from the tenth second on. */
function startsWith(
  dueTimes: ConstructorParameters<typeof Starts>[0],
  startOf: (dueMs: number, index: number) => number,
): Starts {
  const starts = new Starts(dueTimes, 500, 10_000, 10_000 + COUNT * 1_000);
  for (let index = 0; index < COUNT + 20; index++) {
    const dueMs = index * 1_000 + 500;
    starts.add(startOf(dueMs, index), dueMs);
  }
  return starts;
}

Deno.test("Starts: lateness counts from the due time, and only within the span", () => {
  const starts = startsWith("known", (dueMs) => dueMs + 7);
  assertEquals(starts.latenessesMs, new Array(COUNT).fill(7));
  assertEquals(starts.met, COUNT);
});

Deno.test("Starts: unknown due times are whole seconds of the clock or since the task was added", () => {
  assertEquals(new Set(startsWith("whole seconds", (dueMs) => dueMs + 7).latenessesMs), new Set([507]));
  assertEquals(new Set(startsWith("since added", (dueMs) => dueMs + 7).latenessesMs), new Set([7]));
  assertEquals(new Set(startsWith("since added", (dueMs) => dueMs + 7).latenessesMs), new Set([7]));
});

Deno.test("Starts: a start that is a little early is for the next due time", () => {
  assertEquals(new Set(startsWith("since added", (dueMs) => dueMs - 3).latenessesMs), new Set([-3]));
});

Deno.test("Starts.met counts each due time with a start once", () => {
  const starts = startsWith("since added", (dueMs, index) => index % 4 === 1 ? dueMs + 1_001 : dueMs);
  assertEquals(starts.met, COUNT * 3 / 4);
});

Deno.test("Starts.driftMs is the drift in a minute, even past due times", () => {
  assertAlmostEquals(startsWith("since added", (dueMs, index) => dueMs + index * 2).driftMs!, 120, 1);
  assertAlmostEquals(
    startsWith("since added", (dueMs, index) => dueMs + index * 300).driftMs!,
    60_000 * 300 / 1_300,
    1,
  );
});

Deno.test("Starts.driftMs ignores jitter and due times without a start", () => {
  const jitter = startsWith("known", (dueMs, index) => dueMs + index * 7 % 5);
  assertAlmostEquals(jitter.driftMs!, 0, 1);
  const starts = new Starts("known", 0, 0, 60_000);
  for (const second of [0, 1, 2, 5, 6, 9, 20, 30]) starts.add(second * 1_000 + 3, second * 1_000);
  assertEquals(starts.driftMs, 0);
});

Deno.test("Starts.driftMs is undefined for one start", () => {
  const starts = new Starts("known", 0, 0, 60_000);
  starts.add(3, 0);
  assertEquals(starts.driftMs, undefined);
});
