// How long to wait after an error.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs } from "../../src/time/backoff.ts";
import { delay } from "../../src/time/delay.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const ALMOST_ONE = 1 - 2 ** -53;

Deno.test("the longest wait doubles with each failure, from two seconds up to the cap", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => Math.round(backoffMs(failures, MINUTE, ALMOST_ONE)));
  assertEquals(longest, [2_000, 4_000, 8_000, 16_000, 32_000, MINUTE, MINUTE, MINUTE]);
});

Deno.test("the shortest wait is a second, however many failures there were", () => {
  for (const failures of [1, 2, 10, 1_000, Number.MAX_SAFE_INTEGER]) {
    assertEquals(backoffMs(failures, MINUTE, 0), 1_000);
  }
});

Deno.test("all waits between are as likely: the jitter is full", () => {
  assertEquals([0.25, 0.5, 0.75].map((random) => backoffMs(3, MINUTE, random)), [2_750, 4_500, 6_250]);
});

Deno.test("the wait is a second where the cap is shorter", () => {
  for (const random of [0, 0.5, ALMOST_ONE]) assertEquals(backoffMs(9, 20, random), 1_000);
});

Deno.test("another shortest wait is doubled in the same way", () => {
  assertEquals([1, 2, 3, 4].map((failures) => Math.round(backoffMs(failures, 1_000, ALMOST_ONE, 100))), [
    200,
    400,
    800,
    1_000,
  ]);
  assertEquals(backoffMs(1, 1_000, 0, 100), 100);
});

Deno.test("any wait is finite, at least the shortest and at most the cap", () => {
  const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0.5, max: 864e12, noNaN: true }), anyRandom, (failures, capMs, random) => {
      const waitMs = backoffMs(failures, capMs, random);
      assert(waitMs >= 1_000 && waitMs <= Math.max(1_000, capMs), `${waitMs}`);
    }),
  );
});

/** How many listeners a signal has had, and has. */
function counted(signal: AbortSignal): { listeners: number } {
  const count = { listeners: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count.listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count.listeners--;
    removeEventListener.apply(signal, args);
  };
  return count;
}

Deno.test("delay() ends after its time and not before, and leaves no timer and no listener", async () => {
  const virtual = new VirtualTime();
  const controller = new AbortController();
  const count = counted(controller.signal);
  let ended = false;
  const delayed = delay(virtual.clock(), 500, controller.signal).then(() => ended = true);
  await virtual.advance(499);
  assertEquals([ended, virtual.timers, count.listeners], [false, 1, 1]);
  await virtual.advance(1);
  await delayed;
  assertEquals([ended, virtual.timers, count.listeners], [true, 0, 0]);
});

Deno.test("delay() ends when its signal aborts, and leaves no timer and no listener", async () => {
  const virtual = new VirtualTime();
  const controller = new AbortController();
  const count = counted(controller.signal);
  const delayed = delay(virtual.clock(), 500, controller.signal);
  await virtual.advance(100);
  controller.abort();
  await delayed;
  assertEquals([virtual.timers, count.listeners], [0, 0]);
});

Deno.test("delay() whose signal has aborted before sets no timer", async () => {
  const virtual = new VirtualTime();
  await delay(virtual.clock(), 500, AbortSignal.abort());
  assertEquals(virtual.timers, 0);
});
