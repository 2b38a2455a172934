import { assertEquals } from "@std/assert";
import { judgeSlots, MARGIN_MS } from "../../scripts/bench/peers/coordination/slots.ts";
import type { Note } from "../../scripts/bench/peers/replica/order.ts";

const INTERVAL_MS = 1_000;
const SLOTS = 10;
const WINDOW = { fromMs: 0, toMs: 2 * MARGIN_MS + SLOTS * INTERVAL_MS, tasks: 2, intervalMs: INTERVAL_MS };

/** A start at each slot of the window, and of some time before it. */
function starts(task: string, offsetMs: number): Note[] {
  const slots = WINDOW.toMs / INTERVAL_MS + 5;
  return Array.from({ length: slots }, (_, slot): Note => {
    const slotMs = offsetMs + (slot - 5) * INTERVAL_MS;
    return { what: "start", task, slotMs, atMs: slotMs + 7 };
  });
}

const ALL = [...starts("a", 0), ...starts("b", 321)];

/** The slot of a start in the middle of the window. */
const MIDDLE_MS = MARGIN_MS + 3 * INTERVAL_MS;

Deno.test("slots with one start each are neither duplicates nor misses, wherever a task's grid lies", () => {
  assertEquals(judgeSlots(ALL, WINDOW), { expected: 20, duplicates: 0, misses: 0 });
});

Deno.test("a slot with two starts is one duplicate, and so is one with more", () => {
  const again: Note = { what: "start", task: "a", slotMs: MIDDLE_MS, atMs: MIDDLE_MS + 900 };
  assertEquals(judgeSlots([...ALL, again], WINDOW), { expected: 20, duplicates: 1, misses: 0 });
  assertEquals(judgeSlots([...ALL, again, again], WINDOW), { expected: 20, duplicates: 1, misses: 0 });
});

Deno.test("a slot without a start is a miss", () => {
  const without = ALL.filter((note) => !(note.what === "start" && note.task === "a" && note.slotMs === MIDDLE_MS));
  assertEquals(judgeSlots(without, WINDOW), { expected: 20, duplicates: 0, misses: 1 });
});

Deno.test("all slots of a task that never ran are misses", () => {
  assertEquals(judgeSlots(starts("a", 0), WINDOW), { expected: 20, duplicates: 0, misses: 10 });
});

Deno.test("what is about to begin when the window opens or closes is no miss", () => {
  const inner = ALL.filter(({ what, ...note }) =>
    what === "start" && "slotMs" in note && note.slotMs >= MARGIN_MS && note.slotMs < WINDOW.toMs - MARGIN_MS
  );
  assertEquals(judgeSlots(inner, WINDOW), { expected: 20, duplicates: 0, misses: 0 });
});
