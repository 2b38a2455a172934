// The durations that TypeScript accepts and refuses; refused ones also throw.

import { assertThrows } from "@std/assert";
import { type Duration, NeatPeriodicTaskScheduler } from "../../mod.ts";

Deno.test("Duration takes numbers, any unit, and several units", () => {
  const durations: Duration[] = [5, { days: 1 }, { hours: 1, minutes: 2 }, { milliseconds: 3 }, { nanoseconds: 4 }];
  for (const interval of durations) void interval;
});

Deno.test("Duration takes neither an empty object nor an unknown unit, at compile time and at run time", () => {
  const create = (interval: Duration): unknown =>
    new NeatPeriodicTaskScheduler({ name: "typed", interval, timeout: 5, task: () => {} });
  // @ts-expect-error an empty object has no unit
  assertThrows(() => create({}), RangeError, '"interval" must be milliseconds or units');
  // @ts-expect-error months have no fixed length
  assertThrows(() => create({ months: 1 }), TypeError, '"interval" cannot have months');
});
