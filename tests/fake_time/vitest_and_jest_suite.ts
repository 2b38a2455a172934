/** The specification under the fake timers of Vitest and of Jest, to be bundled and run by either. */
import type { Fake } from "./fake.ts";
import { suite } from "./suite.ts";

/** What both offer under the same names: `vi` and `jest`. */
interface FakeTimers {
  useFakeTimers(): unknown;
  useRealTimers(): unknown;
  advanceTimersByTimeAsync(ms: number): Promise<unknown>;
  getTimerCount(): number;
}

/** Vitest, told so, has its globals; so has Jest, but for `jest` itself, which ES modules find in their meta. */
const { test, vi } = globalThis as unknown as { test(name: string, check: () => Promise<void>): void; vi?: FakeTimers };
const timers = vi ?? (import.meta as unknown as { jest: FakeTimers }).jest;

const fake: Fake = {
  install: () => void timers.useFakeTimers(),
  advance: async (ms) => void await timers.advanceTimersByTimeAsync(ms),
  hasTimers: () => timers.getTimerCount() > 0,
  restore: () => void timers.useRealTimers(),
};

for (const { name, check } of await suite(fake)) test(name, check);
