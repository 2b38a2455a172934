// Options of the scheduler.

import assert from "node:assert/strict";
import { test } from "node:test";
import { create, waitFor } from "./helpers.ts";

test("the constructor names an option that is wrong", () => {
  const wrong: [Record<string, unknown>, ErrorConstructor, string][] = [
    [{ name: undefined }, TypeError, '"name" is required: current value is undefined'],
    [{ name: "" }, RangeError, '"name" must be 1 to 500 printable characters: current value is ""'],
    [{ task: undefined }, TypeError, '"task" is required: current value is undefined'],
    [{ intervall: 1_000 }, TypeError, '"intervall" is not an option, did you mean "interval"?: current value is 1000'],
    [{ maxAbandoned: 1.5 }, RangeError, '"maxAbandoned" must be a whole number from 0 on: current value is 1.5'],
    [{ minCycle: { hours: 1 } }, RangeError, '"minCycle" must be at most half the interval, which is 1800000 ms'],
    [{ store: {} }, TypeError, '"store" must be an object with read(), write(): current value is {}'],
    [{ log: { info() {} } }, TypeError, '"log" must be an object with info(), warn(), error()'],
    [{ interval: 0 }, RangeError, '"interval"'],
    [{ timeout: NaN }, RangeError, '"timeout"'],
    [{ timeout: { weeks: 1 } }, TypeError, '"timeout'],
    [{ retryDelay: -1 }, RangeError, '"retryDelay"'],
  ];
  for (const [options, { name }, message] of wrong) {
    assert.throws(() => create(options), (error: Error) => {
      assert.ok(
        error.message.startsWith("Cannot create the scheduler as ") && error.message.includes(message),
        String(error),
      );
      return error.name === name;
    });
  }
});

test("interval may be a Temporal.Duration where the runtime has it", async () => {
  const { Temporal } = globalThis as unknown as { Temporal?: { Duration: { from(text: string): { hours: number } } } };
  const interval = Temporal?.Duration.from("PT1H30M") ?? { hours: 1, minutes: 30 };
  const { scheduler } = create({ interval });
  scheduler.start();
  await waitFor("a run", () => scheduler.explain().reason === "not-due");
  const { scheduled } = await scheduler.status();
  assert.equal(scheduler.explain().due!.getTime() - scheduled!.getTime(), 5_400_000);
  await scheduler.stop();
});
