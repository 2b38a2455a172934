// Cron expressions that fast-check makes up, and time zones whose clocks are changed in different ways.

import fc from "fast-check";

/** Time zones, each with what is special about it. */
export const TIME_ZONES = {
  "UTC": "no changes",
  "Asia/Kolkata": "half an hour, no changes",
  "Europe/Berlin": "changes at 02:00 and 03:00",
  "America/New_York": "changes at 02:00",
  "America/St_Johns": "half an hour, changes at 02:00",
  "Australia/Lord_Howe": "changes by half an hour",
  "Africa/Casablanca": "changes before and after Ramadan",
  "Africa/Cairo": "changes at midnight",
  "America/Sao_Paulo": "no midnight on one day a year, until 2018",
  "America/Nuuk": "the last hour of a Saturday is left out",
  "Antarctica/Troll": "changes by two hours",
  "Pacific/Apia": "left out 30 December 2011",
} as const;

export type TimeZone = keyof typeof TIME_ZONES;

export function timeZones(): fc.Arbitrary<TimeZone> {
  return fc.constantFrom(...Object.keys(TIME_ZONES) as TimeZone[]);
}

/** A list of numbers and ranges, or a wildcard or range with a step. */
function field(min: number, max: number, weightOfRepetition: number): fc.Arbitrary<string> {
  const number = fc.integer({ min, max });
  const range = fc.tuple(number, number).map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`);
  const list = fc.array(fc.oneof({ arbitrary: number.map(String), weight: 3 }, range), { minLength: 1, maxLength: 3 });
  const step = fc.integer({ min: 1, max: max - min });
  return fc.oneof(
    { arbitrary: list.map((items) => items.join(",")), weight: 4 },
    { arbitrary: fc.constant("*"), weight: weightOfRepetition },
    { arbitrary: fc.tuple(fc.oneof(fc.constant("*"), range), step).map((parts) => parts.join("/")), weight: 1 },
  );
}

function named(numbers: fc.Arbitrary<string>, names: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: numbers, weight: 3 }, fc.constantFrom(...names));
}

function dayOfMonth(): fc.Arbitrary<string> {
  // no day after the 28th alone, as it may not exist in the month
  const workday = fc.integer({ min: 1, max: 28 }).map((day) => `${day}W`);
  return fc.oneof(
    { arbitrary: fc.constant("*"), weight: 6 },
    { arbitrary: field(1, 28, 1), weight: 3 },
    fc.constantFrom("L", "LW", "L,1", "15,L", "31,1"),
    workday,
  );
}

function dayOfWeek(): fc.Arbitrary<string> {
  const occurrence = fc.constantFrom("1", "2", "3", "4", "L");
  const nth = fc.tuple(fc.constantFrom("0", "3", "MON", "fri", "7"), occurrence).map((parts) => parts.join("#"));
  return fc.oneof(
    { arbitrary: fc.constant("*"), weight: 6 },
    { arbitrary: named(field(0, 7, 1), ["MON-FRI", "sun", "Sat,Sun", "TUE-THU/2"]), weight: 3 },
    nth,
    fc.constantFrom("5L", "FRIL", "1L"),
  );
}

/** Expressions of five fields, some of six. Due times are often in the hours in which clocks are changed. */
export function expressions(): fc.Arbitrary<string> {
  const hour = fc.oneof(field(0, 23, 3), field(0, 3, 1), fc.constantFrom("1", "2", "23", "0"));
  const month = named(field(1, 12, 6), ["MAR,OCT", "apr,nov", "JAN-DEC/3"]);
  const five = fc.tuple(field(0, 59, 1), hour, dayOfMonth(), month, dayOfWeek()).map((fields) => fields.join(" "));
  const seconds = fc.oneof(fc.constantFrom("0", "30", "0,59"), field(0, 59, 1));
  return fc.oneof(
    { arbitrary: five, weight: 5 },
    fc.tuple(seconds, five).map((parts) => parts.join(" ")),
  );
}
