// Lengths of time as options take them.

import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { durationMs } from "../../src/time/duration.ts";

const MAX_DURATION_MS = 864e12;

const TAKEN: [name: string, value: unknown, ms: number][] = [
  ["a number of milliseconds", 330_000, 330_000],
  ["a fraction of a millisecond, rounded", 1.5, 2],
  ["less than a millisecond for one", Number.MIN_VALUE, 1],
  ["10 million days", MAX_DURATION_MS, MAX_DURATION_MS],
  ["days", { days: 2 }, 172_800_000],
  ["hours", { hours: 2 }, 7_200_000],
  ["minutes", { minutes: 2 }, 120_000],
  ["seconds", { seconds: 2 }, 2_000],
  ["milliseconds", { milliseconds: 2 }, 2],
  ["microseconds", { microseconds: 2_000 }, 2],
  ["nanoseconds", { nanoseconds: 2_000_000 }, 2],
  ["fractions of a unit", { hours: 0.5 }, 1_800_000],
  [
    "the sum of its units",
    { days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1, microseconds: 1_000 },
    90_061_002,
  ],
  ["more of a unit than fit into the next", { seconds: 90, minutes: 90 }, 5_490_000],
  ["units of zero beside others", { hours: 0, minutes: 5, seconds: -0 }, 300_000],
  ["units of undefined beside others", { hours: undefined, minutes: 5 }, 300_000],
  ["one nanosecond for a millisecond", { nanoseconds: 1 }, 1],
  ["an object without a prototype", Object.assign(Object.create(null), { minutes: 5 }), 300_000],
  [
    "units by getters of a class",
    new (class {
      get minutes(): number {
        return 5;
      }
    })(),
    300_000,
  ],
  ["a proxy", new Proxy({ minutes: 5 }, {}), 300_000],
];

for (const [name, value, ms] of TAKEN) {
  Deno.test(`durationMs takes ${name}`, () => assertStrictEquals(durationMs(value, "interval"), ms));
}

/** What is not a duration at all. */
const NO_DURATIONS: [name: string, value: unknown, shown: string][] = [
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a text", "5m", '"5m"'],
  ["a text of digits", "300000", '"300000"'],
  ["a boolean", true, "true"],
  ["a bigint", 300_000n, "300000"],
  ["a symbol", Symbol("long"), "Symbol(long)"],
  ["a function", () => 5, ".*function"],
  ["an empty list", [], "[]"],
  ["a list", [5], ".*5.*"],
  ["an unknown unit", { fortnights: 1 }, ".*1.*"],
  ["an unknown unit beside a known one", { minutes: 5, Hours: 1 }, ".*1.*"],
  ["an unknown unit of zero", { minutes: 5, fortnights: 0 }, ".*0.*"],
  ["a unit of every object", { constructor: 5 }, ".*5.*"],
  ["years", { years: 1 }, ".*1.*"],
  ["months", { months: 1 }, ".*1.*"],
  ["weeks", { weeks: 1 }, ".*1.*"],
  ["a unit of a text", { minutes: "5" }, '.*"5".*'],
  ["a unit of null", { minutes: null, seconds: 5 }, ".*null.*"],
  ["a unit of a bigint", { minutes: 5n }, ".*(5|object).*"],
  ["a unit of a symbol", { minutes: Symbol("five") }, ".*(five|{}).*"],
  ["a unit of an object", { minutes: {} }, ".*{}.*"],
];

for (const [name, value, shown] of NO_DURATIONS) {
  Deno.test(`durationMs refuses ${name} by a TypeError`, () => {
    const error = assertThrows(() => durationMs(value, "interval"), TypeError);
    const end = shown.startsWith(".*") ? shown : shown.replace(/[()[\]]/g, "\\$&");
    assertMatch(error.message, new RegExp(`^Cannot create the scheduler as .*"interval" .*: current value is ${end}$`));
  });
}

/** What is a duration, but none that can be waited for. */
const OUT_OF_RANGE: [name: string, value: unknown, shown: RegExp][] = [
  ["zero", 0, /0$/],
  ["minus zero", -0, /0$/],
  ["a negative number", -1, /-1$/],
  ["NaN", NaN, /NaN$/],
  ["infinity", Infinity, /Infinity$/],
  ["minus infinity", -Infinity, /-Infinity$/],
  ["more than 10 million days", MAX_DURATION_MS + 1, /864000000000001$/],
  ["more than 10 million days by units", { days: 1e7, nanoseconds: 1e6 }, /1/],
  ["units whose sum overflows", { days: 1e308 }, /1e\+308/],
  ["no units", {}, /{}$/],
  ["units that are undefined", { minutes: undefined }, /{}$/],
  ["units of zero", { minutes: 0 }, /0/],
  ["a negative unit", { minutes: -5 }, /-5/],
  ["a negative unit, even if the sum is positive", { hours: 1, minutes: -5 }, /-5/],
  ["a unit of NaN", { minutes: NaN }, /NaN|null/],
  ["a unit of infinity", { minutes: Infinity }, /Infinity|null/],
  ["a unit of minus infinity", { hours: 1, minutes: -Infinity }, /-Infinity|null/],
];

for (const [name, value, shown] of OUT_OF_RANGE) {
  Deno.test(`durationMs refuses ${name} by a RangeError`, () => {
    const error = assertThrows(() => durationMs(value, "interval"), RangeError);
    assertMatch(error.message, /^Cannot create the scheduler as .*"interval" .*: current value is .+$/);
    assertMatch(error.message, shown);
  });
}

Deno.test("durationMs does not say of a number what it isn't", () => {
  const messageOf = (value: unknown): string => assertThrows(() => durationMs(value, "interval"), RangeError).message;
  assertNotMatch(messageOf({ minutes: NaN }), /negative/, "NaN is not negative");
  assertNotMatch(messageOf(1e15), /zero and finite: /, "1e15 is longer than zero and finite, but too long");
});

Deno.test("durationMs says what it was wanted for", () => {
  const error = assertThrows(() => durationMs(0, "timeout", 'stop the scheduler of "x"'), RangeError);
  assertMatch(error.message, /^Cannot stop the scheduler of "x" as .*"timeout" .*: current value is 0$/);
});

Deno.test("durationMs names the unit that is wrong", () => {
  for (const unit of ["fortnights", "years", "seconds", "nanoseconds"]) {
    assertMatch(assertThrows(() => durationMs({ [unit]: "1" }, "interval"), TypeError).message, new RegExp(unit));
  }
});

Deno.test("durationMs lets through what a getter of the user's throws", () => {
  const thrown = new Error("no minutes today");
  const hostile = {
    get minutes(): number {
      throw thrown;
    },
  };
  assertStrictEquals(assertThrows(() => durationMs(hostile, "interval")), thrown);
});

Deno.test("durationMs names what it refuses even if it can't be shown", () => {
  const cycle: Record<string, unknown> = { fortnights: 1 };
  cycle.self = cycle;
  const mute = { fortnights: { toJSON: () => undefined } };
  const loud = {
    fortnights: {
      toJSON: () => {
        throw new Error("no JSON");
      },
    },
  };
  for (const value of [cycle, mute, loud]) {
    const error = assertThrows(() => durationMs(value, "interval"), TypeError);
    assertMatch(error.message, /^Cannot create the scheduler as "interval" .*: current value is .+$/);
  }
});

/** What is used of Temporal here: not every runtime has it. */
interface DurationClass {
  from(like: string): object;
}

const Duration = (globalThis as unknown as { Temporal?: { Duration: DurationClass } }).Temporal?.Duration;

Deno.test({ name: "durationMs takes a Temporal.Duration", ignore: !Duration }, () => {
  assertEquals(durationMs(Duration!.from("P1DT2H3M4.005S"), "interval"), 93_784_005);
  assertEquals(durationMs(Duration!.from("PT0.0005S"), "interval"), 1);
});

Deno.test({ name: "durationMs refuses a Temporal.Duration of years, months or weeks", ignore: !Duration }, () => {
  for (const [text, unit] of [["P1YT1H", "years"], ["P1MT1H", "months"], ["P1WT1H", "weeks"]] as const) {
    const error = assertThrows(() => durationMs(Duration!.from(text), "interval"), TypeError);
    assertMatch(error.message, new RegExp(`^Cannot create the scheduler as "interval" .*${unit}: current value is 1$`));
  }
});

Deno.test({ name: "durationMs refuses a Temporal.Duration that is negative or blank", ignore: !Duration }, () => {
  assertThrows(() => durationMs(Duration!.from("-PT5M"), "interval"), RangeError, '"interval"');
  assertThrows(() => durationMs(Duration!.from("PT0S"), "interval"), RangeError, '"interval"');
});
