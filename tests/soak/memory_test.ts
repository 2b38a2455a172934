/**
 * The judgement of a soak on memory.
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { judgeMemory, type Sample } from "../../scripts/soak/memory.ts";

const SAMPLES = 40;

/** Samples once a second, with memory by how much of the time is over. */
function samples(rss: (time: number) => number, heap: (time: number) => number = () => 5): Sample[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const time = index / SAMPLES;
    return { atMs: 1_000_000 + index * 1_000, rssBytes: rss(time), heapBytes: heap(time) };
  });
}

Deno.test("memory that stays as it is is level", () => {
  const { isLevel, rssRise, heapRise, quarters } = judgeMemory(samples(() => 50));
  assertEquals([isLevel, rssRise, heapRise], [true, 0, 0]);
  assertEquals(quarters, Array(4).fill({ rssBytes: 50, heapBytes: 5 }));
});

Deno.test("memory may rise in the first half, and by a tenth in the second", () => {
  const rising = (last: number) => judgeMemory(samples((time) => time < 0.5 ? 10 : time < 0.75 ? 100 : last));
  assertEquals([rising(109).isLevel, rising(111).isLevel], [true, false]);
  assertAlmostEquals(rising(120).rssRise, 0.2);
});

Deno.test("a leak is found in the heap alone", () => {
  const { isLevel, rssRise, heapRise } = judgeMemory(samples(() => 50, (time) => 5 + 5 * time));
  assertEquals([isLevel, rssRise], [false, 0]);
  assertAlmostEquals(heapRise, 0.15, 0.03);
});

Deno.test("memory that falls is level, and single peaks count for nothing", () => {
  assertEquals(judgeMemory(samples((time) => 100 - 50 * time)).isLevel, true);
  const peaks = samples(() => 50).map((sample, index) => index % 5 === 4 ? { ...sample, rssBytes: 500 } : sample);
  assertEquals(judgeMemory(peaks).isLevel, true);
});

Deno.test("without samples in all quarters memory is not called level", () => {
  assertEquals(judgeMemory([]).isLevel, false);
  assertEquals(judgeMemory(samples(() => 50).slice(0, 1)).isLevel, false);
  const begun = samples(() => 50).slice(0, 20);
  assertEquals(judgeMemory([...begun, ...samples(() => 50).slice(-1)]).isLevel, false);
});
