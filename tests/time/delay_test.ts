// A timer whose time has come lets what is about to settle settle first.

import { assertEquals } from "@std/assert";
import type { Clock } from "../../mod.ts";
import { startTimer } from "../../src/time/delay.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** A clock that leaps ahead: all its timers fire at one moment, as under some fakes. */
function leaping(): { clock: Clock; leap: () => void } {
  const callbacks: (() => void)[] = [];
  const clock: Clock = {
    ...new VirtualTime().clock(),
    setTimer: (callback) => callbacks.push(callback),
    clearTimer: () => {},
  };
  return { clock, leap: () => callbacks.splice(0).forEach((callback) => callback()) };
}

Deno.test("a timer is taken back in time by what settles a few turns after its moment", async () => {
  for (let turns = 0; turns < 10; turns++) {
    const { clock, leap } = leaping();
    let rang = false;
    const clear = startTimer(clock, () => rang = true, 100);
    clock.setTimer(async () => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      clear();
    }, 100);
    leap();
    await new VirtualTime().settle();
    assertEquals(rang, false, `${turns} turns`);
  }
});

Deno.test("a timer that nothing takes back comes, though it lets others settle first", async () => {
  const { clock, leap } = leaping();
  let rang = 0;
  startTimer(clock, () => rang++, 100);
  leap();
  await new VirtualTime().settle();
  assertEquals(rang, 1);
});
