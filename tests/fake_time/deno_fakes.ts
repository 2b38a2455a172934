/** The libraries that fake time within `deno test`. */
import * as sinon from "@sinonjs/fake-timers";
import { FakeTime } from "@std/testing/time";
import type { Fake } from "./fake.ts";

function fakeTime(): Fake {
  let time: FakeTime;
  return {
    install: () => time = new FakeTime(),
    advance: async (ms) => {
      await time.tickAsync(ms);
      await time.runMicrotasks();
    },
    hasTimers: () => time.next(),
    restore: () => time.restore(),
  };
}

function sinonFakeTimers(): Fake {
  let clock: ReturnType<typeof sinon.install>;
  return {
    install: () => clock = sinon.install({ now: Date.now() }),
    advance: async (ms) => void await clock.tickAsync(ms),
    hasTimers: () => clock.countTimers() > 0,
    restore: () => clock.uninstall(),
  };
}

export const denoFakes: Readonly<Record<"FakeTime of @std/testing" | "@sinonjs/fake-timers", Fake>> = {
  "FakeTime of @std/testing": fakeTime(),
  "@sinonjs/fake-timers": sinonFakeTimers(),
};
