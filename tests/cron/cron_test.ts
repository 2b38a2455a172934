import { assert, assertEquals, assertThrows } from "@std/assert";
import { cron, type CronOptions } from "../../src/cron.ts";
import { dueTexts } from "./due_times.ts";

/** Expressions that croner refuses, and the ends of its reasons. */
const WRONG = [
  ["", "exactly five, six, or seven space separated parts are required."],
  ["* * * *", "exactly five, six, or seven space separated parts are required."],
  ["* * * * * * 2026", "requires exactly 5 or 6 parts, but pattern '* * * * * * 2026' has 7 parts."],
  ["60 * * * *", "Invalid value for minute: 60"],
  ["* 24 * * *", "Invalid value for hour: 24"],
  ["0 0 0 * *", "Invalid value for day: -1"],
  ["0 0 * 13 *", "Invalid value for month: 12"],
  ["a * * * *", "configuration entry 1 (a) contains illegal characters."],
  ["0 0 * * MONDAY", "a month or day name has to stand alone ('MONDAY')."],
  ["0 0 * * MON#6", "nth weekday out of range, should be 1-5 or L. Value: 6, Type: string"],
  ["@often", "exactly five, six, or seven space separated parts are required."],
  ["@reboot", "This is an event-based trigger that requires system startup detection."],
] as const;

/** Expressions of days that no calendar has. */
const IMPOSSIBLE = ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31W 2 *", "0 0 0 31 APR *"];

for (const [expression, reason] of WRONG) {
  Deno.test(`cron("${expression}") throws an error that ends with the reason`, () => {
    const error = assertThrows(() => cron(expression), RangeError);
    const start = `Cannot create a cron schedule as the expression is wrong: current value is "${expression}": `;
    assert(error.message.startsWith(start), error.message);
    assert(error.message.endsWith(reason), error.message);
    assert(error.cause instanceof Error && error.message.endsWith(error.cause.message));
  });
}

for (const expression of IMPOSSIBLE) {
  Deno.test(`cron("${expression}") throws because it never matches`, () => {
    assertThrows(
      () => cron(expression),
      RangeError,
      `Cannot create a cron schedule as the expression never matches: current value is "${expression}"`,
    );
  });
}

Deno.test("cron() refuses a date, which croner takes", () => {
  for (const date of ["2030-01-01T00:00:00", "2030-01-01T00:00:00Z"]) {
    assertThrows(
      () => cron(date),
      RangeError,
      `Cannot create a cron schedule as the expression must have five or six fields: current value is "${date}"`,
    );
  }
});

Deno.test("cron() refuses an expression that is not a string", () => {
  for (const value of [undefined, null, 5, ["* * * * *"], new Date(0), new String("* * * * *")]) {
    assertThrows(
      () => cron(value as string),
      TypeError,
      "Cannot create a cron schedule as the expression must be a string: current value is ",
    );
  }
});

Deno.test("cron() refuses a time zone that the runtime does not know, with the reason", () => {
  for (const timeZone of ["", "Berlin", "Mars/Phobos", " UTC"]) {
    const error = assertThrows(() => cron("@daily", { timeZone }), RangeError);
    const start =
      'Cannot create a cron schedule as "timeZone" must be a time zone that the runtime knows: current value is ';
    assert(error.message.startsWith(`${start}${JSON.stringify(timeZone)}: `), error.message);
    assert(error.cause instanceof Error && error.message.endsWith(error.cause.message));
  }
});

Deno.test("cron() refuses unknown options and options of the wrong type", () => {
  const wrong = { timezone: "Europe/Berlin" } as CronOptions;
  assertThrows(() => cron("@daily", wrong), TypeError, '"timezone" is not an option, did you mean "timeZone"?');
  const number = { timeZone: 1 } as unknown as CronOptions;
  assertThrows(() => cron("@daily", number), TypeError, '"timeZone" must be a string: current value is 1');
  assertThrows(() => cron("@daily", null as unknown as CronOptions), TypeError, "its options must be an object");
});

Deno.test("cron() is in UTC unless a time zone is given, whatever the zone of the host", () => {
  for (const options of [undefined, {}, { timeZone: undefined }]) {
    const schedule = cron("0 3 * * *", options);
    assertEquals(schedule.timeZone, "UTC");
    assertEquals(schedule.next(new Date("2026-07-01T12:00Z")), new Date("2026-07-02T03:00Z"));
  }
});

Deno.test("a cron schedule shows its expression and its time zone", () => {
  const schedule = cron(" 0  3 * * mon", { timeZone: "Europe/Berlin" });
  assertEquals([schedule.expression, schedule.timeZone], [" 0  3 * * mon", "Europe/Berlin"]);
  assertEquals(`${cron("@daily")}`, "@daily (UTC)");
});

Deno.test("next() does not depend on the calls before it and leaves its argument as it is", () => {
  const schedule = cron("0 3 * * *", { timeZone: "Europe/Berlin" });
  const moments = ["2026-10-24T12:00Z", "2024-01-01T00:00Z", "2026-10-25T01:59:59.999Z", "2026-10-25T02:00Z"];
  const answers = moments.map((moment) => schedule.next(new Date(moment))?.getTime());
  for (const order of [moments.keys(), [...moments.keys()].reverse()]) {
    for (const index of order) {
      const after = new Date(moments[index] ?? "");
      const copy = new Date(after);
      assertEquals(schedule.next(after)?.getTime(), answers[index]);
      assertEquals(after, copy);
    }
  }
});

Deno.test("next() returns a new date each time, which its caller may change", () => {
  const schedule = cron("@daily");
  const after = new Date("2026-01-01T12:00Z");
  schedule.next(after)?.setTime(0);
  assertEquals(schedule.next(after), new Date("2026-01-02T00:00Z"));
});

Deno.test("next() refuses an invalid date", () => {
  const message = "Cannot compute the next due time as the moment must be a valid date: current value is NaN";
  assertThrows(() => cron("@daily").next(new Date(NaN)), RangeError, message);
});

Deno.test("next() returns null from the year 3000 on, up to the last date there is", () => {
  const schedule = cron("0 0 1 1 *");
  assertEquals(schedule.next(new Date("2998-06-01")), new Date("2999-01-01"));
  for (const momentMs of [Date.parse("2999-01-01"), Date.parse("3500-01-01"), 864e13]) {
    assertEquals(schedule.next(new Date(momentMs)), null);
  }
});

Deno.test("next() finds leap days that are eight years apart, and days that are forty years apart", () => {
  assertEquals(dueTexts("0 0 29 2 *", "UTC", "2096-01-01", "2105-01-01"), [
    "2096-02-29T00:00:00.000Z",
    "2104-02-29T00:00:00.000Z",
  ]);
  assertEquals(dueTexts("0 0 29 2 +MON", "UTC", "2072-03-01", "2113-01-01"), ["2112-02-29T00:00:00.000Z"]);
});
