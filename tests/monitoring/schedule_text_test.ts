// Schedules and durations in words.

import { assertEquals } from "@std/assert";
import { cron } from "../../src/cron.ts";
import { durationText, scheduleText } from "../../src/monitoring/schedule_text.ts";

const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 ms"],
  [999, "999 ms"],
  [1_000, "1 second"],
  [59_999, "59 seconds"],
  [90_000, "1 minute 30 seconds"],
  [3_600_000, "1 hour"],
  [3_605_000, "1 hour"],
  [5_400_000, "1 hour 30 minutes"],
  [2 * 86_400_000 + 3_600_000 + 60_000, "2 days 1 hour"],
];

for (const [ms, text] of DURATIONS) {
  Deno.test(`durationText() shows ${ms} ms as "${text}"`, () => assertEquals(durationText(ms), text));
}

Deno.test("scheduleText() shows an interval in words", () => {
  assertEquals(scheduleText(undefined, 300_000), "every 5 minutes");
  assertEquals(scheduleText(undefined, 3_600_000), "every hour");
  assertEquals(scheduleText(undefined, 5_400_000), "every 1 hour 30 minutes");
});

Deno.test("scheduleText() shows the text of a schedule, if it has one", () => {
  const next = (): null => null;
  assertEquals(scheduleText(cron("7 3 1 * FRI", { timeZone: "Europe/Berlin" }), 1), "7 3 1 * FRI (Europe/Berlin)");
  assertEquals(scheduleText({ next, toString: () => "at full moon" } as { next: typeof next }, 1), "at full moon");
  assertEquals(scheduleText({ next }, 1), "own schedule");
});
