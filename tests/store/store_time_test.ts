// What a replica knows of the store's time between two reads.

import { assertEquals } from "@std/assert";
import type { Clock } from "../../mod.ts";
import { systemClock } from "../../src/time/clock.ts";
import {
  earliestNowMs,
  isReliable,
  latestNowMs,
  sampleStoreTime,
  type StoreTimeSample,
} from "../../src/store/store_time.ts";

const STORE_MS = Date.UTC(2026, 0, 31, 12) + 7;
const SENT = { wallMs: 1_000, monotonicMs: 100 };
const RECEIVED = { wallMs: 1_040, monotonicMs: 140 };

/** What a read that took 40 ms tells of the store's time. */
function sampleAt(storeTime: number | undefined): StoreTimeSample | undefined {
  return sampleStoreTime(storeTime, SENT, RECEIVED);
}

/** The host's clocks, so long after the read was answered. */
function later(wallMs: number, monotonicMs: number = wallMs): Clock {
  return {
    ...systemClock,
    nowMs: () => RECEIVED.wallMs + wallMs,
    monotonicMs: () => RECEIVED.monotonicMs + monotonicMs,
  };
}

Deno.test("sampleStoreTime() takes a time to the millisecond as it is", () => {
  assertEquals(sampleAt(STORE_MS), { storeMs: STORE_MS, coarseMs: 0, sent: SENT, received: RECEIVED });
});

Deno.test("sampleStoreTime() takes a whole second for one that was cut", () => {
  for (const storeTime of [STORE_MS - 7, 1_000]) assertEquals(sampleAt(storeTime)?.coarseMs, 1_000);
});

Deno.test("sampleStoreTime() takes nothing from a store without a clock", () => {
  assertEquals(sampleAt(undefined), undefined);
});

for (const storeTime of [NaN, Infinity, -Infinity, 864e13 + 1, "1769860800000", null, new Date(STORE_MS), 5n, {}]) {
  Deno.test(`sampleStoreTime() takes nothing from a store whose time is ${String(storeTime)} of type ${typeof storeTime}`, () => {
    assertEquals(sampleAt(storeTime as unknown as number), undefined);
  });
}

Deno.test("the present is the host's own where the store has no clock", () => {
  const clock = later(500);
  assertEquals([earliestNowMs(clock, undefined), latestNowMs(clock, undefined)], [1_540, 1_540]);
  assertEquals(isReliable(clock, undefined), true);
});

Deno.test("the earliest present counts from the answer, the latest from the call", () => {
  const sample = sampleAt(STORE_MS);
  assertEquals(earliestNowMs(later(500), sample), STORE_MS + 500);
  assertEquals(latestNowMs(later(500), sample), STORE_MS + 540);
});

Deno.test("the latest present is a second later where the store cuts its time to seconds", () => {
  const sample = sampleAt(STORE_MS - 7);
  assertEquals(earliestNowMs(later(500), sample), STORE_MS - 7 + 500);
  assertEquals(latestNowMs(later(500), sample), STORE_MS - 7 + 1_540);
});

Deno.test("fractions of a millisecond are rounded so that the present lies between", () => {
  const sample = sampleAt(STORE_MS + 0.4);
  assertEquals(earliestNowMs(later(0.2), sample), STORE_MS);
  assertEquals(latestNowMs(later(0.2), sample), STORE_MS + 41);
});

Deno.test("the latest present goes by whichever clock has gone further", () => {
  const sample = sampleAt(STORE_MS);
  assertEquals(latestNowMs(later(60_000, 0), sample), STORE_MS + 60_040);
  assertEquals(latestNowMs(later(-60_000, 500), sample), STORE_MS + 540);
});

Deno.test("the earliest present does not go ahead of the store where the wall clock is set back", () => {
  assertEquals(earliestNowMs(later(-60_000, 500), sampleAt(STORE_MS)), STORE_MS - 60_000);
});

const STEADY: [name: string, wallMs: number, monotonicMs: number, steady: boolean][] = [
  ["that have gone on side by side", 3_600_000, 3_600_000, true],
  ["that are a second apart", 3_601_000, 3_600_000, true],
  ["of which one has gone more than a second further", 3_601_001, 3_600_000, false],
  ["of which one has stayed more than a second behind", 3_598_999, 3_600_000, false],
  ["of which one stood still while the machine slept", 3_600_000, 0, false],
  ["of which one was set back", -3_600_000, 1_000, false],
];

for (const [name, wallMs, monotonicMs, steady] of STEADY) {
  Deno.test(`the store's time is ${steady ? "still" : "no longer"} known by clocks ${name}`, () => {
    assertEquals(isReliable(later(wallMs, monotonicMs), sampleAt(STORE_MS)), steady);
  });
}
