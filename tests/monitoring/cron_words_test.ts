import { assertEquals } from "@std/assert";
import { cron } from "../../src/cron.ts";
import { cronWords } from "../../src/monitoring/cron_words.ts";
import { scheduleText } from "../../src/monitoring/schedule_text.ts";

const WORDS: readonly (readonly [expression: string, words: string | undefined])[] = [
  ["* * * * *", "every minute"],
  ["*/5 * * * *", "every 5 minutes"],
  ["0/15 * * * *", "every 15 minutes"],
  ["0 * * * *", "every hour"],
  ["30 * * * *", "every hour at minute 30"],
  ["0 */6 * * *", "every 6 hours"],
  ["15 */2 * * *", "every 2 hours at minute 15"],
  ["0 3 * * *", "at 03:00 every day"],
  ["30 8,20 * * *", "at 08:30 and 20:30 every day"],
  ["0 6,12,18 * * *", "at 06:00, 12:00 and 18:00 every day"],
  ["30 8 * * MON-FRI", "at 08:30 on weekdays"],
  ["30 8 * * 1-5", "at 08:30 on weekdays"],
  ["0 10 * * sat,sun", "at 10:00 on weekends"],
  ["0 6 * * 1", "at 06:00 on Mondays"],
  ["0 6 * * 7", "at 06:00 on Sundays"],
  ["0 6 * * MON,THU", "at 06:00 on Mondays and Thursdays"],
  ["*/10 * * * 1-5", "every 10 minutes, on weekdays"],
  ["0 0 1 * *", "at 00:00 on day 1 of the month"],
  ["0 18 L * *", "at 18:00 on the last day of the month"],
  ["0 12 24 12 *", "at 12:00 on 24 December"],
  ["0 0 3 * * *", "at 03:00 every day"],
  ["@hourly", "every hour"],
  ["@daily", "at 00:00 every day"],
  ["@weekly", "at 00:00 on Sundays"],
  ["@monthly", "at 00:00 on day 1 of the month"],
  ["@yearly", "at 00:00 on 1 January"],
  // a step that does not divide the hour has a shorter gap at its end
  ["*/7 * * * *", undefined],
  ["*/5 8-18 * * *", undefined],
  ["*/2 * * * * *", undefined],
  ["0 18 * * FRI#L", undefined],
  ["0 0 13 * 5", undefined],
  ["1-10 * * * *", undefined],
  ["toString", undefined],
  ["", undefined],
];

for (const [expression, words] of WORDS) {
  Deno.test(`cronWords() shows "${expression}" as ${words ?? "no words"}`, () => {
    assertEquals(cronWords(expression), words);
  });
}

Deno.test("scheduleText() shows the words of a cron expression with its time zone, or else the expression", () => {
  const timeZone = "Europe/Berlin";
  assertEquals(scheduleText(cron("0 3 * * *", { timeZone }), 0), "at 03:00 every day (Europe/Berlin)");
  assertEquals(scheduleText(cron("0 18 * * FRI#L", { timeZone }), 0), "0 18 * * FRI#L (Europe/Berlin)");
  assertEquals(scheduleText(cron("*/5 * * * *"), 0), "every 5 minutes (UTC)");
});
