// Alarms of any length, time that has passed by two clocks, and globals that are looked up when they are called.

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Clock } from "../../mod.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { startTimer } from "../../src/time/delay.ts";
import { MAX_TIMER_MS } from "../../src/time/delay.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** A clock that notes the delays it is asked for. */
function noting(virtual: VirtualTime): { clock: Clock; delays: number[] } {
  const delays: number[] = [];
  const inner = virtual.clock();
  const clock = {
    ...inner,
    setTimer: (callback: () => void, delayMs: number) => {
      delays.push(delayMs);
      return inner.setTimer(callback, delayMs);
    },
  };
  return { clock, delays };
}

/** When a timer comes, counted from now; undefined if it doesn't within a year. */
async function timerTime(delayMs: number, until = 365 * 86_400_000): Promise<number | undefined> {
  const virtual = new VirtualTime();
  const startMs = virtual.nowMs;
  let rangAt: number | undefined;
  startTimer(virtual.clock(), () => rangAt = virtual.nowMs - startMs, delayMs);
  await virtual.advance(until);
  return rangAt;
}

Deno.test("a timer comes after its delay and not before", async () => {
  for (const delayMs of [0, 1, 999, MAX_TIMER_MS - 1, MAX_TIMER_MS]) assertEquals(await timerTime(delayMs), delayMs);
});

Deno.test("a timer comes after a delay that is longer than timers keep", async () => {
  for (const delayMs of [MAX_TIMER_MS + 1, 2 * MAX_TIMER_MS, 3 * MAX_TIMER_MS + 5]) {
    assertEquals(await timerTime(delayMs), delayMs);
    assertEquals(await timerTime(delayMs, delayMs - 1), undefined);
  }
});

Deno.test("a timer with a delay of a fraction comes no earlier than that", async () => {
  assertEquals(await timerTime(1.25), 2);
});

Deno.test("a timer with a delay below zero comes at once", async () => {
  assertEquals(await timerTime(-5), 0);
});

Deno.test("no timer is set for longer than timers keep, and only one at a time", async () => {
  const virtual = new VirtualTime();
  const { clock, delays } = noting(virtual);
  startTimer(clock, () => {}, 2 * MAX_TIMER_MS + 7);
  assertEquals(virtual.timers, 1);
  await virtual.advance(MAX_TIMER_MS);
  assertEquals(virtual.timers, 1);
  await virtual.advance(2 * MAX_TIMER_MS);
  assertEquals(virtual.timers, 0);
  assertEquals(delays, [2 ** 31 - 1, 2 ** 31 - 1, 7]);
});

Deno.test("a timer comes once", async () => {
  const virtual = new VirtualTime();
  let count = 0;
  startTimer(virtual.clock(), () => count++, MAX_TIMER_MS + 1);
  await virtual.advance(5 * MAX_TIMER_MS);
  assertEquals(count, 1);
});

Deno.test("a timer can be taken back in any of its pieces", async () => {
  for (const passedMs of [0, 10, MAX_TIMER_MS, MAX_TIMER_MS + 10, 2 * MAX_TIMER_MS + 6]) {
    const virtual = new VirtualTime();
    let rang = false;
    const clear = startTimer(virtual.clock(), () => rang = true, 2 * MAX_TIMER_MS + 7);
    await virtual.advance(passedMs);
    clear();
    assertEquals(virtual.timers, 0, `${passedMs}`);
    await virtual.advance(3 * MAX_TIMER_MS);
    assertEquals(rang, false, `${passedMs}`);
  }
});

Deno.test("a timer that has come can be taken back without harm, twice", async () => {
  const virtual = new VirtualTime();
  const clear = startTimer(virtual.clock(), () => {}, 5);
  await virtual.advance(5);
  clear();
  clear();
  assertEquals(virtual.timers, 0);
});

const PASSED: [name: string, wallMs: number, monotonicMs: number, elapsed: number][] = [
  ["both clocks say so", 70, 70, 70],
  ["the monotonic clock stood still", 70, 0, 70],
  ["the wall clock was set back", -3_600_000, 70, 70],
  ["the wall clock was set ahead, as the worse may be true", 3_600_000, 70, 3_600_000],
  ["none by either clock", 0, 0, 0],
];

for (const [name, wallMs, monotonicMs, elapsed] of PASSED) {
  Deno.test(`elapsedMs takes ${elapsed} ms to have passed where ${name}`, () => {
    const virtual = new VirtualTime();
    const clock = virtual.clock();
    const since = instant(clock);
    const later = { ...clock, nowMs: () => since.wallMs + wallMs, monotonicMs: () => since.monotonicMs + monotonicMs };
    assertEquals(elapsedMs(later, since), elapsed);
  });
}

Deno.test("instant takes both clocks at one moment", () => {
  const clock = { ...systemClock, nowMs: () => 17, monotonicMs: () => 4 };
  assertEquals(instant(clock), { wallMs: 17, monotonicMs: 4 });
});

Deno.test("the system's clock obeys fake timers that are installed later", () => {
  using time = new FakeTime(5_000);
  const fired: number[] = [];
  systemClock.setTimer(() => fired.push(systemClock.nowMs()), 100);
  const cleared = systemClock.setTimer(() => fired.push(-1), 50);
  systemClock.clearTimer(cleared);
  systemClock.clearTimer(undefined);
  time.tick(99);
  assertEquals([systemClock.nowMs(), fired], [5_099, []]);
  time.tick(1);
  assertEquals(fired, [5_100]);
});

Deno.test("the system's clock looks up performance.now and Math.random when they are called", () => {
  const { now } = performance;
  const { random } = Math;
  try {
    performance.now = () => 42;
    Math.random = () => 0.25;
    assertEquals([systemClock.monotonicMs(), systemClock.random()], [42, 0.25]);
  } finally {
    performance.now = now;
    Math.random = random;
  }
});
