import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cron, type CronSchedule } from "../../src/cron.ts";
import { cases } from "../helpers/cases.ts";
import { dueTimes } from "./due_times.ts";
import { expressions, timeZones } from "./expressions.ts";
import { referenceDueTimes } from "./reference.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Moments in the years in which the zones differ most. */
function moments(): fc.Arbitrary<number> {
  return fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2035, 0) });
}

function schedules(): fc.Arbitrary<CronSchedule> {
  return fc.tuple(expressions(), timeZones()).map(([expression, timeZone]) => cron(expression, { timeZone }));
}

function nextMs(schedule: CronSchedule, afterMs: number): number {
  return schedule.next(new Date(afterMs))?.getTime() ?? Infinity;
}

Deno.test("next() is later than its argument, and the answer is the same for each moment before the due time", () => {
  const property = fc.property(
    schedules(),
    moments(),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (schedule, afterMs, share) => {
      const dueMs = nextMs(schedule, afterMs);
      assert(dueMs > afterMs && dueMs < Infinity, `${dueMs}`);
      const betweenMs = Math.floor(afterMs + (dueMs - 1 - afterMs) * share);
      for (const momentMs of [dueMs - 1, betweenMs]) {
        assertEquals(nextMs(cron(schedule.expression, { timeZone: schedule.timeZone }), momentMs), dueMs);
        assertEquals(nextMs(schedule, momentMs), dueMs);
      }
    },
  );
  fc.assert(property, { numRuns: cases(20_000) });
});

Deno.test("next() never decreases when its argument increases", () => {
  const property = fc.property(schedules(), moments(), moments(), (schedule, one, two) => {
    const [earlierMs, laterMs] = [Math.min(one, two), Math.max(one, two)];
    assert(nextMs(schedule, earlierMs) <= nextMs(schedule, laterMs));
  });
  fc.assert(property, { numRuns: cases(10_000) });
});

Deno.test("next() has the due times of an independent implementation, for any expression in any zone", () => {
  const property = fc.property(expressions(), timeZones(), moments(), (expression, timeZone, momentMs) => {
    const fromMs = Math.floor(momentMs / HOUR_MS) * HOUR_MS;
    const schedule = cron(expression, { timeZone });
    // as long as the number of due times allows, and at least a day
    const firstMs = nextMs(schedule, fromMs);
    const hundredthMs = dueTimes(schedule, fromMs, firstMs + DAY_MS)[100] ?? firstMs + 30 * DAY_MS;
    const toMs = Math.floor(Math.min(hundredthMs, fromMs + 100 * DAY_MS) / HOUR_MS + 1) * HOUR_MS;
    assertEquals(dueTimes(schedule, fromMs, toMs), referenceDueTimes(expression, timeZone, fromMs, toMs));
  });
  fc.assert(property, { numRuns: cases(1_000) });
});
