// Every option is checked when a scheduler is made, and what is refused is named with its value.

import { assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { MemoryStore, type NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler } from "../mod.ts";
import { settingsOf } from "../src/settings.ts";

const MINIMAL = { name: "backup", interval: { hours: 1 }, timeout: { minutes: 10 }, task: () => {} };

const LOG = { debug() {}, info() {}, warn() {}, error() {} };

const CLOCK = { nowMs: () => 0, monotonicMs: () => 0, setTimer: () => 0, clearTimer() {}, random: () => 0 };

/** The minimal options with others, of whatever type. */
function options(others: Record<string, unknown>): NeatPeriodicTaskOptions {
  return { ...MINIMAL, ...others } as NeatPeriodicTaskOptions;
}

function refused(others: Record<string, unknown>, Kind: ErrorConstructor, named: string): string {
  const { message } = assertThrows(() => new NeatPeriodicTaskScheduler(options(others)), Kind);
  assertMatch(message, new RegExp(`^Cannot create the scheduler as .*"${named}" .*: current value is .+$`, "s"));
  return message;
}

const DURATIONS = [
  "interval",
  "timeout",
  "minCycle",
  "maxCycle",
  "heartbeatInterval",
  "heartbeatTimeout",
  "retryDelay",
  "clockTolerance",
];

for (const option of DURATIONS) {
  Deno.test(`${option} is refused by a TypeError if it is not a duration`, () => {
    const needed = option === "interval" || option === "timeout";
    for (const value of [null, "5m", true, 5n, Symbol("5"), [5], { fortnights: 1 }, ...needed ? [undefined] : []]) {
      refused({ [option]: value }, TypeError, option);
    }
    if (option !== "retryDelay") refused({ [option]: () => 5 }, TypeError, option);
  });

  Deno.test(`${option} is refused by a RangeError if it is no length of time that can be waited for`, () => {
    for (const value of [0, -1, NaN, Infinity, 864e12 + 1, {}, { minutes: -1 }, { minutes: Infinity }]) {
      refused({ [option]: value }, RangeError, option);
    }
  });
}

const WRONG_TYPES: [option: string, values: unknown[]][] = [
  ["name", [undefined, null, 5, new String("backup"), ["backup"], Symbol("backup")]],
  ["task", [undefined, null, "task", {}, Promise.resolve()]],
  ["wrapRun", [null, "wrap", {}]],
  ["store", [null, 5, "memory", {}, { read() {} }, { read() {}, write: "no" }, () => {}]],
  ["log", [null, 5, "console", {}, { info() {}, warn() {} }]],
  ["clock", [null, 5, {}, { ...CLOCK, random: 0.5 }, Date]],
  ["maxAbandoned", [null, "3", true, 3n, {}]],
];

for (const [option, values] of WRONG_TYPES) {
  Deno.test(`${option} is refused by a TypeError if it is of the wrong type`, () => {
    for (const value of values) refused({ [option]: value }, TypeError, option);
  });
}

Deno.test("a store, a log or a clock is refused by the method that it lacks", () => {
  assertMatch(refused({ store: { read() {} } }, TypeError, "store"), /\bwrite\b/);
  assertMatch(refused({ log: { ...LOG, warn: undefined } }, TypeError, "log"), /\bwarn\b/);
  assertMatch(refused({ clock: { ...CLOCK, random: undefined } }, TypeError, "clock"), /\brandom\b/);
});

Deno.test("a store or a clock is refused by the optional method that is not a function", () => {
  const store = { read: () => null, write: () => null, watch: true };
  assertMatch(refused({ store }, TypeError, "store.watch"), /must be a function/);
  assertMatch(refused({ clock: { ...CLOCK, unrefTimer: {} } }, TypeError, "clock.unrefTimer"), /must be a function/);
});

Deno.test("name is refused by a RangeError if it is empty, too long, or can't stand in a log line", () => {
  const unfit = [
    "",
    "n".repeat(501),
    "a\nb",
    "a\rb",
    "\0",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\ud800",
    "a\udc00b",
  ];
  for (const name of unfit) refused({ name }, RangeError, "name");
});

Deno.test("name is taken from 1 to 500 characters of any script", () => {
  for (const name of ["n", "n".repeat(500), "gs://bucket/backup nightly", 'a "quoted" %s 100%', "備份😀é"]) {
    assertEquals(settingsOf(options({ name })).name, name);
  }
});

Deno.test("maxAbandoned is refused by a RangeError unless it is a whole number of at least 0", () => {
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) refused({ maxAbandoned: value }, RangeError, "maxAbandoned");
  assertEquals(settingsOf(options({ maxAbandoned: 0 })).maxAbandoned, 0);
});

Deno.test("maxCycle is refused unless it is longer than minCycle", () => {
  for (const others of [{ minCycle: 60_000, maxCycle: 60_000 }, { minCycle: 60_000, maxCycle: 59_999 }]) {
    assertMatch(refused(others, RangeError, "maxCycle"), /minCycle/);
  }
  refused({ interval: { days: 1 }, minCycle: { hours: 3 } }, RangeError, "minCycle");
  refused({ maxCycle: { minutes: 5 } }, RangeError, "maxCycle");
  assertEquals(settingsOf(options({ minCycle: 60_000, maxCycle: 60_001 })).maxCycleMs, 60_001);
});

Deno.test("minCycle is refused if it is longer than half the interval", () => {
  assertMatch(refused({ interval: 119_999, minCycle: 60_000 }, RangeError, "minCycle"), /interval/);
  assertEquals(settingsOf(options({ interval: 120_000, minCycle: 60_000 })).intervalMs, 120_000);
});

Deno.test("heartbeatInterval is refused unless it is shorter than heartbeatTimeout", () => {
  for (const heartbeatInterval of [60_000, 60_001]) {
    const message = refused({ heartbeatInterval, heartbeatTimeout: 60_000 }, RangeError, "heartbeat(Interval|Timeout)");
    assertMatch(message, /heartbeatInterval.*heartbeatTimeout|heartbeatTimeout.*heartbeatInterval/);
  }
  assertEquals(
    settingsOf(options({ heartbeatInterval: 59_999, heartbeatTimeout: 60_000 })).heartbeatIntervalMs,
    59_999,
  );
});

Deno.test("what is no option is refused by a TypeError that names it", () => {
  for (const option of ["intervall", "Name", "heartbeat", ""]) {
    assertMatch(refused({ [option]: 17 }, TypeError, option), /current value is 17$/);
  }
});

Deno.test("what is no option is refused by a TypeError that names it, even if every object has it", () => {
  for (const option of ["constructor", "toString", "valueOf"]) {
    assertMatch(refused({ [option]: 17 }, TypeError, option), /current value is 17$/);
  }
});

Deno.test("options are refused by a TypeError if they are no object", () => {
  for (const value of [undefined, null, 5, "backup", true, () => {}, Symbol("options")]) {
    const { message } = assertThrows(() => settingsOf(value as unknown as NeatPeriodicTaskOptions), TypeError);
    assertMatch(message, /^Cannot create the scheduler as .*object.*: current value is .+$/);
  }
});

Deno.test("the refused value is shown, even if it can't be turned into JSON", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assertMatch(refused({ store: cycle }, TypeError, "store"), /current value is of type object$/);
  assertMatch(refused({ store: { count: 5n } }, TypeError, "store"), /current value is of type object$/);
  assertMatch(refused({ name: Symbol("backup") }, TypeError, "name"), /current value is Symbol\(backup\)$/);
  assertMatch(refused({ name: () => "backup" }, TypeError, "name"), /current value is .*function$/);
  assertMatch(refused({ name: "a\nb" }, RangeError, "name"), /current value is "a\\nb"$/);
});

Deno.test("what a getter or a proxy of the user's throws comes through as it is", () => {
  const thrown = new Error("not today");
  const fail = (): never => {
    throw thrown;
  };
  const getter = Object.defineProperty({ ...MINIMAL }, "interval", { get: fail, enumerable: true });
  const proxy = new Proxy(options({}), { get: fail });
  const store = new Proxy(new MemoryStore(), { get: fail });
  for (const value of [getter, proxy, options({ store })]) {
    assertStrictEquals(assertThrows(() => settingsOf(value)), thrown);
  }
});

Deno.test("options may be a proxy", () => {
  assertEquals(settingsOf(new Proxy(options({}), {})).name, "backup");
});

Deno.test("options may be an instance of a class, whose getters and methods count like any others", () => {
  class Options {
    readonly name = "backup";
    readonly interval = 3_600_000;
    get timeout(): number {
      return 60_000;
    }
    get minCycle(): number {
      return 30_000;
    }
    task(): void {}
  }
  const settings = settingsOf(new Options());
  assertEquals([settings.intervalMs, settings.timeoutMs, settings.minCycleMs], [3_600_000, 60_000, 30_000]);
});

Deno.test("a store, a log and a clock may be instances of classes", () => {
  const store = new MemoryStore();
  const { store: taken, log, clock } = settingsOf(options({ store, log: console, clock: CLOCK }));
  assertStrictEquals(taken, store);
  assertStrictEquals(log, console);
  assertStrictEquals(clock, CLOCK);
});

Deno.test("an option of undefined is as if it were not given", () => {
  const others = [
    "store",
    "minCycle",
    "maxCycle",
    "heartbeatInterval",
    "heartbeatTimeout",
    "retryDelay",
    "maxAbandoned",
  ];
  const absent = Object.fromEntries(
    [
      ...others,
      "clockTolerance",
      "log",
      "wrapRun",
      "clock",
      "instance",
      "schedule",
      "firstRun",
      "startDeadline",
      "jitter",
      "keepAlive",
      "rotate",
    ].map((name) => [name, undefined]),
  );
  const { dueTimes, ...settings } = settingsOf(options(absent));
  assertEquals({ ...settings, dueTimes: undefined }, { ...settingsOf(MINIMAL), dueTimes: undefined });
  assertEquals([dueTimes.firstDelayMs, dueTimes.after(5)], [0, 3_600_005]);
});
