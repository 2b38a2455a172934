/** The tests of tests/fake_time under the fake timers of `bun:test`: bundled, and run by Bun. */
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

// a variable, as Deno's type checker does not know the module
const bunTest = "bun:test";
const { test, jest }: BunTest = await import(bunTest);
const realSetImmediate = setImmediate;

const fake: Fake = {
  install: () => void jest.useFakeTimers(),
  advance: async (ms) => {
    // 0 would advance time by a millisecond
    if (ms > 0) jest.advanceTimersByTime(ms);
    // Bun does not wait for promises that a timer resolves
    await new Promise((resolve) => realSetImmediate(resolve));
  },
  hasTimers: () => jest.getTimerCount() > 0,
  restore: () => void jest.useRealTimers(),
};

for (const { name, check } of await suite(fake)) test(name, check);
