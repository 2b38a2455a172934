import { assertEquals } from "@std/assert";
import { EventQueue } from "../scripts/bench/event_queue.ts";
import { seeded } from "../scripts/bench/random.ts";
import { VirtualTime } from "../scripts/bench/virtual_time.ts";

Deno.test("events come in the order of their times, at the same time as they were added, and not if taken back", () => {
  const queue = new EventQueue();
  const random = seeded(1);
  const events = Array.from({ length: 1_000 }, (_, index) => ({ atMs: Math.floor(100 * random()), index }));
  const came: number[] = [];
  const added = events.map(({ atMs, index }) => {
    const event = { atMs, callback: (): void => void came.push(index) };
    queue.add(event);
    return Object.assign(event, { callback: index % 3 === 0 ? undefined : event.callback });
  });
  for (let event = queue.take(50); event; event = queue.take(50)) event.callback?.();
  assertEquals(queue.take(50), undefined);
  for (let event = queue.take(Infinity); event; event = queue.take(Infinity)) event.callback?.();
  const expected = events.filter(({ index }) => added[index]!.callback).toSorted((a, b) => a.atMs - b.atMs);
  assertEquals(came, expected.map(({ index }) => index));
});

Deno.test("no timer of virtual time fires before all promises of the one before have settled", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  void time.delay(1).then(async () => {
    for (let turn = 0; turn < 1_000; turn++) await undefined;
    seen.push(`chain at ${time.nowMs}`);
  });
  void time.delay(2).then(() => seen.push(`timer at ${time.nowMs}`));
  void time.delay(3).then(() => seen.push("too late"));
  await time.runUntil(3);
  assertEquals([...seen, time.nowMs], ["chain at 1", "timer at 2", 3]);
});

Deno.test("a timer of virtual time that is taken back does not fire, and taking it back again does no harm", async () => {
  const time = new VirtualTime();
  const clock = time.clock({ beginMs: 1_000 });
  let fired = 0;
  const timer = clock.setTimer(() => fired++, 5);
  clock.setTimer(() => clock.clearTimer(timer), 4);
  const other = clock.setTimer(() => fired++, 1);
  await time.runUntil(10);
  clock.clearTimer(other);
  assertEquals([fired, clock.nowMs(), clock.monotonicMs()], [1, 1_010, 10]);
});
