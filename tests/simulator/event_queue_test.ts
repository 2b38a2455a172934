import { assertEquals } from "@std/assert";
import { EventQueue } from "../../src/simulator/event_queue.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";

Deno.test("EventQueue.take() returns events by time, then in the order of add(), without the cancelled ones", () => {
  const queue = new EventQueue();
  const random = seededRandom(1);
  const events = Array.from({ length: 1_000 }, (_, index) => ({ atMs: Math.floor(100 * random()), index }));
  const taken: number[] = [];
  const added = events.map(({ atMs, index }) => queue.add(atMs, () => void taken.push(index)));
  const isCancelled = (index: number): boolean => index % 3 === 0;
  for (const [index, event] of added.entries()) {
    if (isCancelled(index)) queue.cancel(event);
  }
  const expected = events.filter(({ index }) => !isCancelled(index)).toSorted((one, other) => one.atMs - other.atMs);
  assertEquals([queue.size, queue.nextMs], [expected.length, expected[0]!.atMs]);
  for (let event = queue.take(); event; event = queue.take()) event();
  assertEquals(taken, expected.map(({ index }) => index));
  assertEquals([queue.size, queue.nextMs, queue.take()], [0, Infinity, undefined]);
});

Deno.test("EventQueue.cancel() ignores an event that is taken or cancelled", () => {
  const queue = new EventQueue();
  const [one, other] = [queue.add(1, () => {}), queue.add(2, () => {})];
  queue.take();
  queue.cancel(one);
  queue.cancel(other);
  queue.cancel(other);
  assertEquals(queue.size, 0);
});
