import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Schedule } from "../../mod.ts";
import { IntervalDueTimes } from "../../src/schedule/due_times.ts";
import { scheduleDueTimes, ScheduleError } from "../../src/schedule/schedule_due_times.ts";
import { dailyAt, MONTHLY, patternOf, scheduleOf } from "../helpers/schedules.ts";

const NOON_MS = Date.UTC(2026, 0, 31, 12);
const HOUR = 3_600_000;
const DAY = 86_400_000;

Deno.test("IntervalDueTimes counts each due time from the last one", () => {
  const dueTimes = new IntervalDueTimes(100, 30);
  assertEquals(dueTimes.after(7), 107);
  assertEquals([7, 106, 107, 1_000].map((nowMs) => dueTimes.latest(7, nowMs)), [7, 7, 107, 907]);
  assertEquals([dueTimes.firstDelayMs, dueTimes.areRelative], [30, true]);
});

Deno.test("scheduleDueTimes() moves all due times by the delay", () => {
  const { after, latest } = scheduleDueTimes(scheduleOf(100, 200, 400), 30);
  assertEquals([0, 129, 130, 229, 230, 429, 430].map(after), [130, 130, 230, 230, 430, 430, Infinity]);
  assertEquals([latest(130, 229), latest(130, 230), latest(130, 9_999)], [130, 230, 430]);
});

Deno.test("scheduleDueTimes() finds the latest due time after a long time in few calls", () => {
  let calls = 0;
  const everySecond: Schedule = {
    next: (after) => {
      calls++;
      return new Date(Math.floor(after.getTime() / 1_000) * 1_000 + 1_000);
    },
  };
  assertEquals(scheduleDueTimes(everySecond, 0).latest(NOON_MS, NOON_MS + 400 * DAY + 999), NOON_MS + 400 * DAY);
  assert(calls < 150, `${calls} calls`);
});

Deno.test("scheduleDueTimes() asks no schedule about moments long before its latest due time", () => {
  const earliestMs = NOON_MS - 3 * DAY;
  const daily: Schedule = {
    next: (after) => {
      if (after.getTime() < earliestMs) throw new Error("too early");
      return dailyAt(9).next(after);
    },
  };
  assertEquals(scheduleDueTimes(daily, 0).latest(0, NOON_MS), NOON_MS - 3 * HOUR);
});

Deno.test("scheduleDueTimes() finds the latest due time of any pattern", () => {
  const anyPattern = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      anyPattern,
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 500 }),
      (gaps, forMs, delayMs) => {
        const { after, latest } = scheduleDueTimes(patternOf(NOON_MS, gaps), delayMs);
        const dueMs = after(NOON_MS);
        const nowMs = dueMs + forMs;
        const latestMs = latest(dueMs, nowMs);
        assert(latestMs >= dueMs && latestMs <= nowMs && after(latestMs) > nowMs);
        assertEquals(after(latestMs - 1), latestMs, "not a due time");
      },
    ),
  );
});

const WRONG: [name: string, next: (after: Date) => unknown][] = [
  ["goes backwards", (after) => new Date(after.getTime() - 1)],
  ["stands still", (after) => after],
  ["returns an invalid date", () => new Date(NaN)],
  ["returns a number", () => Date.now() + DAY],
  ["returns undefined", () => undefined],
  ["returns a promise", () => Promise.resolve(new Date())],
  ["throws", () => {
    throw new Error("no calendar");
  }],
];

for (const [name, next] of WRONG) {
  Deno.test(`scheduleDueTimes() throws a ScheduleError if the schedule ${name}`, () => {
    const { after } = scheduleDueTimes({ next } as Schedule, 0);
    const error = assertThrows(() => after(NOON_MS), ScheduleError);
    assert(error.message.startsWith("Cannot find the") && error.message.includes("schedule.next()"), error.message);
  });
}

Deno.test("scheduleDueTimes() ignores that a schedule changes its argument", () => {
  const { after } = scheduleDueTimes({ next: (date) => new Date(date.setTime(date.getTime() + 5)) }, 0);
  assertEquals(after(7), 12);
});

Deno.test("scheduleDueTimes() ends where dates end", () => {
  const { after } = scheduleDueTimes(MONTHLY, 0);
  assertEquals(after(864e13 + 1), Infinity);
  assertEquals(after(Infinity), Infinity);
});
