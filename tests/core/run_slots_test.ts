import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RunSlot, RunSlots } from "../../src/core/run_slots.ts";

/** Returns slots with a limit, members, and the numbers of the members that got their turn. */
function setting({ limit, members }: { limit: number; members: number }): { slots: RunSlot[]; turns: number[] } {
  const turns: number[] = [];
  const queue = new RunSlots(limit);
  const slots = Array.from({ length: members }, (_, index) => {
    const slot = new RunSlot(() => turns.push(index));
    slot.limit(queue);
    return slot;
  });
  return { slots, turns };
}

function at(slots: readonly RunSlot[], index: number): RunSlot {
  const slot = slots[index];
  assert(slot);
  return slot;
}

Deno.test("RunSlot.acquire() has no limit outside of a group", () => {
  const slots = Array.from({ length: 100 }, () => new RunSlot(() => {}));
  assert(slots.every((slot) => slot.acquire() && slot.isHeld && !slot.isLimited));
  for (const slot of slots) slot.release();
  assert(slots.every((slot) => !slot.isHeld));
});

Deno.test("RunSlots give a slot that is released to the first that waits", () => {
  const { slots, turns } = setting({ limit: 2, members: 5 });
  assertEquals(slots.map((slot) => slot.acquire()), [true, true, false, false, false]);
  // a scheduler that asks again keeps its place, and its slot
  assertEquals([at(slots, 3).acquire(), at(slots, 2).acquire(), at(slots, 0).acquire()], [false, false, true]);
  at(slots, 1).release();
  at(slots, 1).release();
  assertEquals([turns, at(slots, 2).isHeld, at(slots, 2).acquire()], [[2], true, true]);
  at(slots, 0).release();
  at(slots, 2).release();
  assertEquals(turns, [2, 3, 4]);
});

Deno.test("RunSlot.release() leaves the queue, and frees no slot of another", () => {
  const { slots, turns } = setting({ limit: 1, members: 3 });
  for (const slot of slots) slot.acquire();
  at(slots, 1).release();
  assertEquals(turns, []);
  at(slots, 0).release();
  assertEquals(turns, [2]);
});

Deno.test("RunSlot.limit() counts the run in progress, even beyond the limit", () => {
  const queue = new RunSlots(1);
  const turns: string[] = [];
  const [first, second, third] = ["first", "second", "third"].map((name) => new RunSlot(() => turns.push(name)));
  assert(first && second && third);
  first.acquire();
  second.acquire();
  for (const slot of [first, second, third]) slot.limit(queue);
  assertEquals(third.acquire(), false);
  first.release();
  assertEquals(turns, []);
  second.release();
  assertEquals(turns, ["third"]);
});

Deno.test("RunSlots let a member pass its turn on at once, without a turn for nobody", () => {
  const turns: number[] = [];
  const queue = new RunSlots(1);
  const slots: RunSlot[] = Array.from({ length: 1_000 }, (_, index) =>
    new RunSlot(() => {
      turns.push(index);
      at(slots, index).release();
    }));
  for (const slot of slots) {
    slot.limit(queue);
    slot.acquire();
  }
  at(slots, 0).release();
  assertEquals(turns, slots.map((_, index) => index).slice(1));
  assert(slots.every((slot) => !slot.isHeld));
});

Deno.test("RunSlots never exceed their limit, serve in order, and have no free slot while one waits", () => {
  const anyStep = fc.record({ member: fc.nat({ max: 7 }), acquires: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 200 }), (limit, steps) => {
      const { slots, turns } = setting({ limit, members: 8 });
      // the model: those that hold a slot, and those that wait, in order
      const holders = new Set<number>();
      const waiting: number[] = [];
      const expectedTurns: number[] = [];
      for (const { member, acquires } of steps) {
        const slot = at(slots, member);
        if (acquires) {
          const mayRun = holders.has(member) || holders.size < limit;
          assertEquals(slot.acquire(), mayRun);
          if (mayRun) holders.add(member);
          else if (!waiting.includes(member)) waiting.push(member);
        } else {
          slot.release();
          holders.delete(member);
          if (waiting.includes(member)) waiting.splice(waiting.indexOf(member), 1);
          while (holders.size < limit && waiting.length > 0) {
            const [next = NaN] = waiting.splice(0, 1);
            holders.add(next);
            expectedTurns.push(next);
          }
        }
        assertEquals([...slots.keys()].filter((index) => at(slots, index).isHeld), [...holders].sort());
        assert(holders.size <= limit);
      }
      assertEquals(turns, expectedTurns);
      // each that waits gets its turn when the others have ended
      for (let turn = 0; turn < 8; turn++) [...slots].filter((slot) => slot.isHeld).forEach((slot) => slot.release());
      assertEquals(turns, [...expectedTurns, ...waiting]);
    }),
    { numRuns: 1_000 },
  );
});
