import { assert, assertEquals } from "@std/assert";
import { cron } from "../../src/cron.ts";
import { cases } from "../helpers/cases.ts";
import { dueTimes } from "./due_times.ts";
import { TIME_ZONES, type TimeZone } from "./expressions.ts";
import { referenceDueTimes } from "./reference.ts";

const DAY_MS = 86_400_000;

/** A sample has one year, and for each zone a quarter of the expressions. */
const YEARS = cases(10);
const PART = YEARS === 10 ? 1 : 4;

/** Expressions with at most one due time an hour, so that ten years can be compared. */
const SPARSE = [
  "0 3 * * *",
  "30 2 * * *",
  "0,30 1-3 * * *",
  "30 23 * * *",
  "0 0 * * *",
  "59 23 * * *",
  "0 */2 * * *",
  "15 0,12 * * *",
  "0 9 * * MON-FRI",
  "30 1 * * SUN",
  "30 2 * * 7",
  "0 0 1 * *",
  "0 6 L * *",
  "0 6 15W * *",
  "30 2 LW * *",
  "0 12 * * FRI#L",
  "30 2 * MAR,OCT 0#L",
  "0 1 1 * MON",
  "0 1 13 * +FRI",
  "@weekly",
  "30 30 2 * * *",
  "0 0 29 2 *",
];

/** Expressions with many due times, which are compared around changes of the clock. */
const DENSE = [
  "* * * * *",
  "*/15 * * * *",
  "0 * * * *",
  "*/7 1-3 * * *",
  "0-59/20 2 * * *",
  "*/20 30 2 * * *",
  "5,35 * * * *",
];

/** The first year of the table. Apia left out a day in 2011. */
const FIRST_YEARS: Readonly<Partial<Record<TimeZone, number>>> = { "Pacific/Apia": 2006, "America/Sao_Paulo": 2012 };

/** The year of the sample. */
const SAMPLE_YEARS: Readonly<Partial<Record<TimeZone, number>>> = { "Pacific/Apia": 2011, "America/Sao_Paulo": 2018 };

function years(timeZone: TimeZone): [fromMs: number, toMs: number] {
  const first = YEARS === 10 ? FIRST_YEARS[timeZone] ?? 2020 : SAMPLE_YEARS[timeZone] ?? 2026;
  return [Date.UTC(first, 0), Date.UTC(first + YEARS, 0)];
}

/** Returns periods of four days around the days on which the offset of a zone changes. */
function periodsOfChange(timeZone: TimeZone, fromMs: number, toMs: number): [fromMs: number, toMs: number][] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" });
  const offset = (momentMs: number): string => format.format(momentMs).split("GMT")[1] ?? "";
  const periods: [number, number][] = [];
  for (let dayMs = fromMs; dayMs < toMs; dayMs += DAY_MS) {
    if (offset(dayMs) !== offset(dayMs + DAY_MS)) periods.push([dayMs - DAY_MS, dayMs + 2 * DAY_MS]);
  }
  return periods;
}

for (const [index, timeZone] of (Object.keys(TIME_ZONES) as TimeZone[]).entries()) {
  const [fromMs, toMs] = years(timeZone);
  const span = YEARS === 1 ? "a year" : `${YEARS} years`;
  const sparse = SPARSE.filter((_expression, other) => other % PART === index % PART);

  Deno.test(`cron() has the due times of an independent implementation over ${span} in ${timeZone}`, () => {
    for (const expression of sparse) {
      const due = dueTimes(cron(expression, { timeZone }), fromMs, toMs);
      assertEquals(due, referenceDueTimes(expression, timeZone, fromMs, toMs), expression);
    }
  });

  Deno.test(`cron() has the due times of an independent implementation around each clock change of ${span} in ${timeZone}`, () => {
    const periods = periodsOfChange(timeZone, fromMs, toMs);
    const hasChanges = timeZone !== "UTC" && timeZone !== "Asia/Kolkata";
    assertEquals(periods.length > 0, hasChanges);
    for (const [startMs, endMs] of hasChanges ? periods : [[fromMs, fromMs + DAY_MS] as const]) {
      for (const expression of DENSE) {
        const due = dueTimes(cron(expression, { timeZone }), startMs, endMs);
        assertEquals(due, referenceDueTimes(expression, timeZone, startMs, endMs), `${expression} at ${startMs}`);
      }
    }
  });
}

/** Returns the days that the calendar of a zone shows from 2007 to 2016, as "2011-12-30", and their due times. */
function dueDays(expression: string, timeZone: TimeZone): string[] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const schedule = cron(expression, { timeZone });
  const days = dueTimes(schedule, Date.UTC(2006, 11, 30), Date.UTC(2017, 0, 3)).map((dueMs) => format.format(dueMs));
  return days.filter((day) => day >= "2007-01-01" && day <= "2016-12-31");
}

/** Returns the days of the Gregorian calendar from 2007 to 2016. */
function calendarDays(): string[] {
  const days: string[] = [];
  for (let dayMs = Date.UTC(2007, 0, 1); dayMs < Date.UTC(2017, 0, 1); dayMs += DAY_MS) {
    days.push(new Date(dayMs).toISOString().slice(0, 10));
  }
  return days;
}

for (const expression of ["30 2 * * *", "0 0 * * *", "15 1 * * *", "45 12 * * *"]) {
  Deno.test(`cron("${expression}") is due once on each day of ten years, in each zone`, () => {
    const all = calendarDays();
    assert(all.length === 3_653);
    for (const timeZone of Object.keys(TIME_ZONES) as TimeZone[]) {
      // the one day that does not exist there
      const expected = timeZone === "Pacific/Apia" ? all.filter((day) => day !== "2011-12-30") : all;
      assertEquals(dueDays(expression, timeZone), expected, timeZone);
    }
  });
}

Deno.test('cron("30 23 * * *") is due each day of ten years in Nuuk, where a Saturday ends at 23:00 in spring', () => {
  const due = dueTimes(
    cron("30 23 * * *", { timeZone: "America/Nuuk" }),
    Date.parse("2025-01-01T00:00-02:00"),
    Date.parse("2035-01-01T00:00-02:00"),
  );
  assertEquals(due.length, 3_652);
  const gaps = new Set(due.slice(1).map((dueMs, index) => (dueMs - (due[index] ?? NaN)) / 3_600_000));
  assertEquals([...gaps].sort(), [23.5, 24, 25]);
});
