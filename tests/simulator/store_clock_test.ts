import { assertEquals } from "@std/assert";
import { StoreClock } from "../../src/simulator/store_clock.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";

const OFFSET_MS = 3_600_000;

Deno.test("StoreClock.use tells whether reads show no clock, this clock or another", () => {
  const clock = new VirtualClock();
  const { nowMs } = new StoreClock(clock, OFFSET_MS);
  const use = (...storeTimes: (number | undefined)[]): string => {
    const storeClock = new StoreClock(clock, OFFSET_MS);
    for (const storeTime of storeTimes) storeClock.observe(storeTime, clock.elapsedMs);
    return storeClock.use;
  };
  assertEquals([use(), use(undefined), use(NaN)], ["none", "none", "none"]);
  assertEquals([use(nowMs), use(nowMs, nowMs)], ["known", "known"]);
  assertEquals([use(nowMs + 2), use(nowMs - 2), use(nowMs, undefined)], ["unknown", "unknown", "unknown"]);
  assertEquals(new StoreClock(clock, 0, "known").use, "known");
});

Deno.test("StoreClock.observe() accepts a time that is cut to whole seconds, and one of the time of the call", async () => {
  const clock = new VirtualClock();
  await clock.advance(1_900);
  const storeClock = new StoreClock(clock, 0);
  storeClock.observe(Math.floor(storeClock.nowMs / 1_000) * 1_000, clock.elapsedMs);
  storeClock.observe(storeClock.nowMs - 150, clock.elapsedMs - 200);
  assertEquals(storeClock.use, "known");
  storeClock.observe(storeClock.nowMs - 250, clock.elapsedMs - 200);
  assertEquals(storeClock.use, "unknown");
});
