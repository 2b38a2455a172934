import { assert, assertEquals } from "@std/assert";
import { cron } from "../../src/cron.ts";
import { CLOCK_CHANGE_ROWS, type ClockChangeRow } from "./clock_change_rows.ts";
import { dueTexts, dueTimes } from "./due_times.ts";

const PAGE = new URL("../../docs/scheduling.md", import.meta.url);

/** Returns the time of day and the offset that the clock of a zone shows, such as "03:00+02:00". */
function localTime(momentMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "short", hourCycle: "h23" });
  const offsets = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }).formatToParts(momentMs);
  const offset = offsets.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "");
  return `${format.format(momentMs)}${offset}`;
}

/** Returns a row as the page shows it, without the spaces that align columns. */
function tableRow(row: ClockChangeRow): string {
  const { timeZone, day, clock, expression, due, vixie, quartz, kubernetes } = row;
  const own = due.join(", ") || "none";
  return `| ${[timeZone, day, clock, `\`${expression}\``, own, vixie, quartz, kubernetes].join(" | ")} |`;
}

for (const { timeZone, day, clock, expression, period, due } of CLOCK_CHANGE_ROWS) {
  Deno.test(`cron("${expression}") in ${timeZone} is due ${due.join(", ") || "at no time"} around ${day}, ${clock}`, () => {
    const [fromMs = NaN, toMs = NaN] = period.map(Date.parse);
    const found = dueTimes(cron(expression, { timeZone }), fromMs, toMs);
    assertEquals(found.map((dueMs) => localTime(dueMs, timeZone)), due);
  });
}

Deno.test("docs/scheduling.md has the rows of these tests in its table of clock changes", async () => {
  const lines = (await Deno.readTextFile(PAGE)).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  const rows = lines.filter((line) => /^\| \w+\/\w+ \|/.test(line));
  assertEquals(rows, CLOCK_CHANGE_ROWS.map(tableRow));
});

Deno.test("cron() of several times of day that one change leaves out is due once when the clock has changed", () => {
  for (const expression of ["0,30 2 * * *", "15-45 2 * * *", "0 2-3 * * *", "10 0,30 2,3 * * *"]) {
    const found = dueTexts(expression, "Europe/Berlin", "2026-03-29T01:00+01:00", "2026-03-29T03:00:01+02:00");
    assertEquals(found, ["2026-03-29T01:00:00.000Z"], expression);
  }
});

Deno.test("cron() of several times of day is due once for each that occurs twice", () => {
  const found = dueTexts("0,30 1-3 * * *", "Europe/Berlin", "2026-10-25T01:00+02:00", "2026-10-25T04:00+01:00");
  const expected = ["24T23:00", "24T23:30", "25T00:00", "25T00:30", "25T02:00", "25T02:30"];
  assertEquals(found, expected.map((time) => `2026-10-${time}:00.000Z`));
});

Deno.test("cron() with a wildcard in the seconds follows the clock", () => {
  const [fromMs, toMs] = [Date.parse("2026-10-25T02:00+02:00"), Date.parse("2026-10-25T03:00+01:00")];
  const found = dueTimes(cron("*/30 30 2 * * *", { timeZone: "Europe/Berlin" }), fromMs, toMs);
  assertEquals(found.map((dueMs) => (dueMs - fromMs) / 1_000), [1_800, 1_830, 5_400, 5_430]);
});

Deno.test("cron() at midnight is due at 01:00 where the clock is put forward at midnight", () => {
  const found = dueTexts("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00Z", "2026-04-25T12:00Z");
  assertEquals(found, ["2026-04-23T22:00:00.000Z", "2026-04-24T21:00:00.000Z"]);
});

Deno.test("cron() of a day that a zone left out is due on that day in other years", () => {
  const found = dueTexts("0 3 30 12 *", "Pacific/Apia", "2010-01-01T00:00Z", "2013-01-01T00:00Z");
  assertEquals(found, ["2010-12-30T13:00:00.000Z", "2012-12-29T13:00:00.000Z"]);
});

Deno.test("next() of a due time that a clock change moved is later than that time", () => {
  const schedule = cron("30 2 * * *", { timeZone: "Europe/Berlin" });
  const moved = new Date("2026-03-29T01:00Z");
  assertEquals(schedule.next(new Date(moved.getTime() - 1)), moved);
  const following = schedule.next(moved);
  assert(following !== null);
  assertEquals(following.toISOString(), "2026-03-30T00:30:00.000Z");
});
