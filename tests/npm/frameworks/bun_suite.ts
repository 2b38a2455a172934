/** The specification under the fake timers of `bun:test`, to be bundled and run by Bun. */
import type { Fake } from "../../fake_time/fake.ts";
import { suite } from "../../fake_time/suite.ts";

interface BunTest {
  test(name: string, check: () => Promise<void>): void;
  readonly jest: {
    useFakeTimers(): unknown;
    useRealTimers(): unknown;
    advanceTimersByTime(ms: number): unknown;
    getTimerCount(): number;
  };
}

// not by its name: Deno's compiler knows no such module
const bunTest = "bun:test";
const { test, jest }: BunTest = await import(bunTest);
const settled = setImmediate;

const fake: Fake = {
  install: () => void jest.useFakeTimers(),
  advance: async (ms) => {
    // 0 would move time by a millisecond
    if (ms > 0) jest.advanceTimersByTime(ms);
    // it does not wait for what follows from a timer
    await new Promise((resolve) => settled(resolve));
  },
  hasTimers: () => jest.getTimerCount() > 0,
  restore: () => void jest.useRealTimers(),
};

for (const { name, check } of await suite(fake)) test(name, check);
