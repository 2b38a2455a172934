import { assertEquals } from "@std/assert";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { VirtualTime } from "../../src/testing/simulator/virtual_time.ts";
import { delay, runUntil, virtualClock } from "./virtual_clock.ts";

Deno.test("VirtualTime fires events in the order of their times, then of their calls, and no cancelled ones", async () => {
  const time = new VirtualTime();
  const random = seededRandom(1);
  const events = Array.from({ length: 1_000 }, (_, index) => ({ atMs: Math.floor(100 * random()), index }));
  const fired: number[] = [];
  for (const { atMs, index } of events) {
    const event = time.at(atMs, () => void fired.push(index));
    if (index % 3 === 0) event.callback = undefined;
  }
  await runUntil(time, 50);
  assertEquals(fired.filter((index) => (events[index]?.atMs ?? 0) >= 50), []);
  await runUntil(time, 1_000);
  const expected = events.filter(({ index }) => index % 3 !== 0).toSorted((a, b) => a.atMs - b.atMs);
  assertEquals(fired, expected.map(({ index }) => index));
});

Deno.test("VirtualTime fires no timer before the promises of the one before have settled", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  void delay(time, 1).then(async () => {
    for (let turn = 0; turn < 1_000; turn++) await undefined;
    seen.push(`chain at ${time.nowMs}`);
  });
  void delay(time, 2).then(() => seen.push(`timer at ${time.nowMs}`));
  void delay(time, 3).then(() => seen.push("too late"));
  await runUntil(time, 3);
  assertEquals([...seen, time.nowMs], ["chain at 1", "timer at 2", 3]);
});

Deno.test("virtualClock() fires no cleared timer, and clearing one twice is safe", async () => {
  const time = new VirtualTime();
  const clock = virtualClock(time, { beginMs: 1_000 });
  let fired = 0;
  const timer = clock.setTimer(() => fired++, 5);
  clock.setTimer(() => clock.clearTimer(timer), 4);
  const other = clock.setTimer(() => fired++, 1);
  await runUntil(time, 10);
  clock.clearTimer(other);
  assertEquals([fired, clock.nowMs(), clock.monotonicMs()], [1, 1_010, 10]);
});
