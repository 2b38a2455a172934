import { assertEquals } from "@std/assert";
import { checkDueTimes, MARGIN_MS } from "./due_times.ts";
import type { ReplicaEvent } from "../replicas/protocol.ts";

const INTERVAL_MS = 1_000;
const DUE_TIMES = 10;
const WINDOW = { fromMs: 0, toMs: 2 * MARGIN_MS + DUE_TIMES * INTERVAL_MS, tasks: 2, intervalMs: INTERVAL_MS };

/** A start at each due time of the window and of some time before. */
function starts(task: string, offsetMs: number): ReplicaEvent[] {
  const count = WINDOW.toMs / INTERVAL_MS + 5;
  return Array.from({ length: count }, (_, index): ReplicaEvent => {
    const dueMs = offsetMs + (index - 5) * INTERVAL_MS;
    return { type: "start", task, dueMs, atMs: dueMs + 7 };
  });
}

const ALL = [...starts("a", 0), ...starts("b", 321)];

/** The due time of a start in the middle of the window. */
const MIDDLE_MS = MARGIN_MS + 3 * INTERVAL_MS;

Deno.test("checkDueTimes() accepts one start each on any grid", () => {
  assertEquals(checkDueTimes(ALL, WINDOW), { expected: 20, duplicates: 0, misses: 0 });
});

Deno.test("checkDueTimes() counts a due time with several starts as one duplicate", () => {
  const again: ReplicaEvent = { type: "start", task: "a", dueMs: MIDDLE_MS, atMs: MIDDLE_MS + 900 };
  assertEquals(checkDueTimes([...ALL, again], WINDOW), { expected: 20, duplicates: 1, misses: 0 });
  assertEquals(checkDueTimes([...ALL, again, again], WINDOW), { expected: 20, duplicates: 1, misses: 0 });
});

Deno.test("checkDueTimes() counts a due time without a start as a miss", () => {
  const without = ALL.filter((event) => !(event.type === "start" && event.task === "a" && event.dueMs === MIDDLE_MS));
  assertEquals(checkDueTimes(without, WINDOW), { expected: 20, duplicates: 0, misses: 1 });
});

Deno.test("checkDueTimes() counts all due times of a task without starts as misses", () => {
  assertEquals(checkDueTimes(starts("a", 0), WINDOW), { expected: 20, duplicates: 0, misses: 10 });
});

Deno.test("checkDueTimes() ignores due times near the ends of the window", () => {
  const inner = ALL.filter(({ type, ...event }) =>
    type === "start" && "dueMs" in event && event.dueMs >= MARGIN_MS && event.dueMs < WINDOW.toMs - MARGIN_MS
  );
  assertEquals(checkDueTimes(inner, WINDOW), { expected: 20, duplicates: 0, misses: 0 });
});
