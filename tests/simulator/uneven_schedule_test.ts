import { assert, assertEquals } from "@std/assert";
import type { Schedule } from "../../mod.ts";
import { START_MS } from "../../src/simulator/machine_clock.ts";
import { RandomStream } from "../../src/simulator/random_stream.ts";
import { drawUnevenSchedule, UnevenSchedule } from "../../src/simulator/uneven_schedule.ts";

function dueTimes(schedule: Schedule, fromMs: number, count: number): (number | undefined)[] {
  let afterMs = fromMs;
  return Array.from({ length: count }, () => {
    const next = schedule.next(new Date(afterMs));
    afterMs = next?.getTime() ?? afterMs;
    return next?.getTime();
  });
}

Deno.test("UnevenSchedule repeats its gaps, before its origin too", () => {
  const schedule = new UnevenSchedule({ originMs: 100, gapsMs: [10, 30], untilMs: Infinity });
  assertEquals(dueTimes(schedule, 99, 4), [100, 110, 140, 150]);
  assertEquals(dueTimes(schedule, 55, 3), [60, 70, 100]);
  assertEquals([schedule.shortestGapMs, schedule.longestGapMs], [10, 30]);
});

Deno.test("UnevenSchedule has no due time after its end", () => {
  const schedule = new UnevenSchedule({ originMs: 0, gapsMs: [10, 30], untilMs: 45 });
  assertEquals(dueTimes(schedule, 0, 4), [10, 40, undefined, undefined]);
  assertEquals(schedule.longestGapMs, Infinity);
});

Deno.test("drawUnevenSchedule() has due times later than any moment, with gaps between its shortest and longest", () => {
  for (let seed = 0; seed < 200; seed++) {
    const schedule = drawUnevenSchedule(new RandomStream(seed, "dueTimes"), 60_000, 3_600_000);
    let before: number | undefined;
    for (const ms of dueTimes(schedule, START_MS, 30)) {
      if (ms === undefined) break;
      const gapMs = ms - (before ?? ms - schedule.shortestGapMs);
      assert(gapMs >= schedule.shortestGapMs && gapMs <= schedule.longestGapMs, `seed ${seed}`);
      before = ms;
    }
    assert(before !== undefined || schedule.longestGapMs === Infinity);
  }
});
