/** The tests of tests/fake_time under the fake timers of Jest without flags, which loads CommonJS: bundled into one file. */
import type { Fake } from "../../fake_time/fake.ts";
import { specification } from "../../fake_time/specification.ts";

declare function test(name: string, check: () => Promise<void>): void;
declare function require(name: string): typeof import("../../../mod.ts");
declare const jest: {
  useFakeTimers(): unknown;
  useRealTimers(): unknown;
  advanceTimersByTimeAsync(ms: number): Promise<unknown>;
  getTimerCount(): number;
};

const fake: Fake = {
  install: () => void jest.useFakeTimers(),
  advance: async (ms) => void await jest.advanceTimersByTimeAsync(ms),
  hasTimers: () => jest.getTimerCount() > 0,
  restore: () => void jest.useRealTimers(),
};

const before = require("@neat/periodic-task");
fake.install();
const underFakes = require("twin");
fake.restore();

for (const [how, { NeatPeriodicTaskScheduler }] of Object.entries({ before, underFakes })) {
  for (const { name, check } of specification(fake, NeatPeriodicTaskScheduler)) test(`imported ${how}: ${name}`, check);
}
