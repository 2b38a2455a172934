import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type MemorySample, memoryTrend } from "./memory.ts";

const SAMPLES = 40;

/** Samples once a second. The functions get the share of the time that has passed. */
function samples(rss: (time: number) => number, heap: (time: number) => number = () => 5): MemorySample[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const time = index / SAMPLES;
    return { atMs: 1_000_000 + index * 1_000, rssBytes: rss(time), heapBytes: heap(time) };
  });
}

Deno.test("memoryTrend() calls constant memory level", () => {
  const { isLevel, rssRise, heapRise, quarters } = memoryTrend(samples(() => 50));
  assertEquals([isLevel, rssRise, heapRise], [true, 0, 0]);
  assertEquals(quarters, Array(4).fill({ rssBytes: 50, heapBytes: 5 }));
});

Deno.test("memoryTrend() allows any rise in the first half, and a tenth in the second", () => {
  const rising = (last: number) => memoryTrend(samples((time) => time < 0.5 ? 10 : time < 0.75 ? 100 : last));
  assertEquals([rising(109).isLevel, rising(111).isLevel], [true, false]);
  assertAlmostEquals(rising(120).rssRise, 0.2);
});

Deno.test("memoryTrend() finds a leak in the heap alone", () => {
  const { isLevel, rssRise, heapRise } = memoryTrend(samples(() => 50, (time) => 5 + 5 * time));
  assertEquals([isLevel, rssRise], [false, 0]);
  assertAlmostEquals(heapRise, 0.15, 0.03);
});

Deno.test("memoryTrend() calls falling memory level and ignores single peaks", () => {
  assertEquals(memoryTrend(samples((time) => 100 - 50 * time)).isLevel, true);
  const peaks = samples(() => 50).map((sample, index) => index % 5 === 4 ? { ...sample, rssBytes: 500 } : sample);
  assertEquals(memoryTrend(peaks).isLevel, true);
});

Deno.test("memoryTrend() is not level if a quarter has no samples", () => {
  assertEquals(memoryTrend([]).isLevel, false);
  assertEquals(memoryTrend(samples(() => 50).slice(0, 1)).isLevel, false);
  const first = samples(() => 50).slice(0, 20);
  assertEquals(memoryTrend([...first, ...samples(() => 50).slice(-1)]).isLevel, false);
});
