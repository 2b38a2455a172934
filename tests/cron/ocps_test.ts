// The rules of the Open Cron Pattern Specification 1.0, revision 2 of 2026-06-07, by its sections, as cases that are derived from
// its text: the specification has no data for tests. The days of 2026 in UTC are used throughout.

import { assertEquals, assertThrows } from "@std/assert";
import { cron } from "../../src/cron.ts";
import { dueTexts, dueTimes } from "./due_times.ts";

/** Patterns, and the first due times from a moment on, without the seconds. */
type Case = readonly [pattern: string, from: string, ...due: string[]];

function check(cases: readonly Case[]): void {
  for (const [pattern, from, ...due] of cases) {
    const schedule = cron(pattern);
    const found: (string | undefined)[] = [];
    for (let next = schedule.next(new Date(Date.parse(`${from}Z`) - 1)); found.length < due.length;) {
      found.push(next?.toISOString().slice(0, 16));
      next = next && schedule.next(next);
    }
    assertEquals(found, due, pattern);
  }
}

function checkEqual(pattern: string, ...others: string[]): void {
  const due = dueTexts(pattern, "UTC", "2026-01-01", "2026-03-01");
  for (const other of others) assertEquals(dueTexts(other, "UTC", "2026-01-01", "2026-03-01"), due, other);
}

function checkRefused(...patterns: string[]): void {
  for (const pattern of patterns) {
    assertThrows(() => cron(pattern), RangeError, "Cannot create a cron schedule", pattern);
  }
}

/** Returns the values of one field that a pattern matches within a day, hour, month or week. */
function minutesOf(field: string): number[] {
  const fromMs = Date.UTC(2026, 0, 1);
  return dueTimes(cron(`${field} * * * *`), fromMs, fromMs + 3_600_000).map((dueMs) => (dueMs - fromMs) / 60_000);
}

Deno.test("OCPS 1.0, 4.1: a pattern has five fields", () => {
  check([["30 4 * * *", "2026-01-01T00:00", "2026-01-01T04:30", "2026-01-02T04:30"]]);
  checkRefused("", " ", "*", "* *", "* * *", "* * * *", "* * * * * * * *");
});

Deno.test("OCPS 1.0, 4.1: white space around the pattern is ignored, and more than one delimits like one", () => {
  checkEqual(
    "5 4 1 * *",
    "  5 4 1 * *",
    "5 4 1 * *  ",
    "\t5 4 1 * *\t",
    "5  4   1 *    *",
    "5\t4\t1\t*\t*",
    "5 \t 4 1\t * *",
    "\n5 4 1 * *\n",
  );
});

Deno.test("OCPS 1.0, 4.2: the smallest and largest value of each field are accepted, and others refused", () => {
  check([
    ["0 0 1 1 0", "2026-01-01T00:00", "2026-01-01T00:00", "2026-01-04T00:00"],
    ["59 23 31 12 *", "2026-01-01T00:00", "2026-12-31T23:59"],
    ["0 0 * * 7", "2026-01-01T00:00", "2026-01-04T00:00", "2026-01-11T00:00"],
  ]);
  checkRefused("60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8");
  checkRefused("-1 * * * *", "* -1 * * *", "100 * * * *", "0-60 * * * *", "* * 1-32 * *", "* * * 0-3 *", "* * * * 1-8");
});

Deno.test("OCPS 1.0, 4.2: names of months are their numbers, in any case", () => {
  const names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  for (const [index, name] of names.entries()) {
    const expected = dueTexts(`0 0 1 ${index + 1} *`, "UTC", "2026-01-01", "2027-01-01");
    assertEquals(expected.length, 1);
    for (const written of [name, name.toLowerCase(), `${name[0]}${name.slice(1).toLowerCase()}`]) {
      assertEquals(dueTexts(`0 0 1 ${written} *`, "UTC", "2026-01-01", "2027-01-01"), expected, written);
    }
  }
  checkEqual("0 0 1 1-3,12 *", "0 0 1 JAN-MAR,DEC *", "0 0 1 jan-3,Dec *");
});

Deno.test("OCPS 1.0, 4.2: names of days are their numbers, in any case, and Sunday is 0 and 7", () => {
  for (const [index, name] of ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"].entries()) {
    checkEqual(`0 0 * * ${index}`, `0 0 * * ${name}`, `0 0 * * ${name.toLowerCase()}`);
  }
  checkEqual("0 0 * * 0", "0 0 * * 7", "0 0 * * SUN", "0 0 * * 0,7");
  checkEqual("0 0 * * 1-5", "0 0 * * MON-FRI", "0 0 * * mon-5");
  checkEqual("0 0 * * 5,6,0", "0 0 * * 5-7", "0 0 * * FRI-7");
});

Deno.test("OCPS 1.0, 4.2: a name is refused in the field of the other names, and so are other words", () => {
  checkRefused("0 0 * MON *", "0 0 * * JAN", "JAN * * * *", "0 0 * JANUARY *", "0 0 * * MONDAY", "0 0 * * XYZ");
});

Deno.test("OCPS 1.0, 4.3: other characters are refused", () => {
  checkRefused(
    "0.5 * * * *",
    "$ * * * *",
    "0 0 * * MON!",
    "0;30 * * * *",
    "0 0 1 * (1)",
    "\u0661 * * * *",
    "0x5 * * * *",
    "1e1 * * * *",
  );
  checkRefused("0\n0 * * *", "0\u00a00 * * *", "0\r\n0 * * *", "0\v0 * * *");
});

Deno.test("OCPS 1.0, 5: a wildcard matches every value of its field", () => {
  assertEquals(minutesOf("*"), Array.from({ length: 60 }, (_, index) => index));
  checkEqual("0 * * * *", "0 0-23 1-31 1-12 *", "0 0-23 * * *", "0 0-23 1-31 1-12 0-7");
});

Deno.test("OCPS 1.0, 5: a list has the values of its parts, in any order, once each", () => {
  assertEquals(minutesOf("0,15,30,45"), [0, 15, 30, 45]);
  assertEquals(minutesOf("45,0,15,15"), [0, 15, 45]);
  checkRefused(", * * * *", "1, * * * *", ",1 * * * *", "1,,2 * * * *");
});

Deno.test("OCPS 1.0, 5: a range has both of its ends", () => {
  assertEquals(minutesOf("9-12"), [9, 10, 11, 12]);
  assertEquals(minutesOf("7-7"), [7]);
  checkRefused("1- * * * *", "- * * * *", "-5 * * * *", "1-2-3 * * * *", "*-5 * * * *", "5-* * * * *");
});

Deno.test("OCPS 1.0, 5: a step counts from the start of its range", () => {
  assertEquals(minutesOf("5-59/15"), [5, 20, 35, 50]);
  assertEquals(minutesOf("*/15"), [0, 15, 30, 45]);
  assertEquals(minutesOf("10-20/7"), [10, 17]);
  assertEquals(minutesOf("*/1").length, 60);
  assertEquals(minutesOf("*/45"), [0, 45]);
  // days and months start at 1
  check([[
    "0 0 */10 * *",
    "2026-01-01T00:00",
    "2026-01-01T00:00",
    "2026-01-11T00:00",
    "2026-01-21T00:00",
    "2026-01-31T00:00",
  ]]);
  check([["0 0 1 */5 *", "2026-01-01T00:00", "2026-01-01T00:00", "2026-06-01T00:00", "2026-11-01T00:00"]]);
});

Deno.test("OCPS 1.0, 5.1: lists contain ranges and steps, which are independent of each other", () => {
  assertEquals(minutesOf("1-3,10-20/5,59"), [1, 2, 3, 10, 15, 20, 59]);
  assertEquals(minutesOf("*/30,7"), [0, 7, 30]);
  assertEquals(minutesOf("5-10,8-12"), [5, 6, 7, 8, 9, 10, 11, 12]);
});

Deno.test("OCPS 1.0, 6.1: either day matches if days of the month and of the week are restricted", () => {
  check([
    // the example of the specification: the 1st, and every Monday
    ["0 12 1 * MON", "2026-01-01T00:00", "2026-01-01T12:00", "2026-01-05T12:00", "2026-01-12T12:00"],
    [
      "0 0 13 * FRI",
      "2026-01-01T00:00",
      "2026-01-02T00:00",
      "2026-01-09T00:00",
      "2026-01-13T00:00",
      "2026-01-16T00:00",
    ],
    // restricted means: not `*`
    ["0 0 */31 * SUN", "2026-01-01T00:00", "2026-01-01T00:00", "2026-01-04T00:00", "2026-01-11T00:00"],
  ]);
});

Deno.test("OCPS 1.0, 6.1: one restricted day matches alone, and the month in any case", () => {
  check([
    ["0 12 1 * *", "2026-01-01T00:00", "2026-01-01T12:00", "2026-02-01T12:00"],
    ["0 12 * * MON", "2026-01-01T00:00", "2026-01-05T12:00", "2026-01-12T12:00"],
    ["0 12 1 FEB MON", "2026-01-01T00:00", "2026-02-01T12:00", "2026-02-02T12:00"],
  ]);
});

Deno.test("OCPS 1.0, 6.2: a range that starts after its end is refused", () => {
  checkRefused(
    "30-10 * * * *",
    "* 22-2 * * *",
    "* * 15-1 * *",
    "* * * 12-1 *",
    "* * * DEC-JAN *",
    "* * * * FRI-MON",
    "30-10/5 * * * *",
  );
});

Deno.test("OCPS 1.0, 6.2: a step of zero, or without a wildcard or a range before it, is refused", () => {
  checkRefused("*/0 * * * *", "0-30/0 * * * *", "/30 * * * *", "0/15 * * * *", "10/10 * * * *", "* 5/2 * * *");
  checkRefused("*/ * * * *", "*/a * * * *", "*/-5 * * * *", "*/5/5 * * * *", "*//5 * * * *");
});

Deno.test("OCPS 1.0, 6.2: an error says that no due time can be found for a date that does not exist", () => {
  for (const pattern of ["* * 31 2 *", "0 0 30 FEB *", "0 0 31 4,6,9,11 *"]) {
    assertThrows(() => cron(pattern), RangeError, "as the expression never matches: current value is");
  }
  check([["0 0 31 2,3 *", "2026-01-01T00:00", "2026-03-31T00:00"]]);
});

Deno.test("OCPS 1.0, 6.4: a pattern is about local time", () => {
  assertEquals(dueTexts("0 12 * * *", "Asia/Kolkata", "2026-01-01", "2026-01-02"), ["2026-01-01T06:30:00.000Z"]);
});

Deno.test("OCPS 1.1 (draft), 4.1: nicknames stand for patterns", () => {
  checkEqual("0 0 1 1 *", "@yearly", "@annually");
  checkEqual("0 0 1 * *", "@monthly");
  checkEqual("0 0 * * 0", "@weekly");
  checkEqual("0 0 * * *", "@daily", "@midnight");
  checkEqual("0 * * * *", "@hourly");
  checkRefused("@reboot", "@daily * * * *", "@minutely", "@ daily");
});

Deno.test("OCPS 1.2 (draft), 4.1: a sixth field in front has the seconds, which are 0 without it", () => {
  checkEqual("5 4 * * *", "0 5 4 * * *");
  const fromMs = Date.UTC(2026, 0, 1, 4, 5);
  const due = dueTimes(cron("*/20,59 5 4 * * *"), fromMs, fromMs + 3_600_000);
  assertEquals(due.map((dueMs) => (dueMs - fromMs) / 1_000), [0, 20, 40, 59]);
  checkRefused("60 * * * * *", "-1 * * * * *");
});

Deno.test("OCPS 1.3 (draft), 4.1: L is the last day of the month, or the last of a weekday in it", () => {
  check([
    ["0 0 L * *", "2028-01-01T00:00", "2028-01-31T00:00", "2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00"],
    ["0 0 * * 5L", "2026-01-01T00:00", "2026-01-30T00:00", "2026-02-27T00:00", "2026-03-27T00:00"],
  ]);
  checkEqual("0 0 * * 5L", "0 0 * * 5#L", "0 0 * * FRI#L", "0 0 * * FRIL");
});

Deno.test("OCPS 1.3 (draft), 4.2: # is the occurrence of a weekday in the month", () => {
  check([
    ["0 0 * * 2#3", "2026-01-01T00:00", "2026-01-20T00:00", "2026-02-17T00:00"],
    ["0 0 * * MON#1", "2026-01-01T00:00", "2026-01-05T00:00", "2026-02-02T00:00"],
    ["0 0 * * FRI#5", "2026-01-01T00:00", "2026-01-30T00:00", "2026-05-29T00:00"],
  ]);
  checkRefused("0 0 * * 1#0", "0 0 * * 1#6", "0 0 * * #1");
});

Deno.test("OCPS 1.3 (draft), 4.3: W is the nearest workday in the same month", () => {
  check([
    ["0 12 15W * *", "2026-01-01T00:00", "2026-01-15T12:00", "2026-02-16T12:00"],
    ["0 12 15W 8 *", "2026-01-01T00:00", "2026-08-14T12:00"],
    // the 1st is a Saturday, and the 31st a Sunday
    ["0 12 1W 8 *", "2026-01-01T00:00", "2026-08-03T12:00"],
    ["0 12 31W 5 *", "2026-01-01T00:00", "2026-05-29T12:00"],
  ]);
  checkRefused("0 12 1-15W * *", "0 12 W * *", "0 12 * * 1W");
});

Deno.test("OCPS 1.4 (draft), 4.1: + requires both days, and only in front of the last field", () => {
  check([["0 12 1 * +MON", "2026-01-01T00:00", "2026-06-01T12:00", "2027-02-01T12:00"]]);
  checkRefused("0 12 +1 * MON", "0 12 1 * MON+", "0 12 1 * +");
});
