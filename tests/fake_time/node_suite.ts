/** The specification under the mock timers of `node:test`, to be bundled and run by Node. */
import { mock, test } from "node:test";
import type { Fake } from "./fake.ts";
import { suite } from "./suite.ts";

// setImmediate stays real, to wait for what follows from a tick
const fake: Fake = {
  install: () => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.now() }),
  advance: async (ms) => {
    mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  },
  hasTimers: () => {
    const before = Date.now();
    mock.timers.runAll();
    return Date.now() !== before;
  },
  restore: () => mock.timers.reset(),
};

for (const { name, check } of await suite(fake)) test(name, check);
