import { assertEquals, assertRejects } from "@std/assert";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";

/** A clock, and what was noted at which time of it. */
function newClock(): { clock: VirtualClock; notes: string[]; note: (what: string) => void } {
  const clock = new VirtualClock();
  const notes: string[] = [];
  return { clock, notes, note: (what) => void notes.push(`${clock.elapsedMs} ${what}`) };
}

Deno.test("VirtualClock.runUntil() runs events by time, then in the order of their calls, and those of the end not", async () => {
  const { clock, notes, note } = newClock();
  for (const [ms, name] of [[30, "d"], [10, "a"], [20, "c"], [10, "b"]] as const) clock.after(ms, () => note(name));
  clock.cancel(clock.after(10, () => note("cancelled")));
  assertEquals(clock.pending, 4);
  await clock.runUntil(20);
  assertEquals(notes, ["10 a", "10 b"]);
  await clock.runUntil(125);
  assertEquals(notes, ["10 a", "10 b", "20 c", "30 d"]);
  assertEquals([clock.elapsedMs, clock.steps, clock.pending], [125, 4, 0]);
});

Deno.test("VirtualClock.advance() runs the events of the end too, and those that they add", async () => {
  const { clock, notes, note } = newClock();
  clock.after(10, () => clock.at(0, () => note("overdue")));
  clock.after(10, () => note("end"));
  clock.after(10.5, () => note("late"));
  await clock.advance(10);
  assertEquals([...notes, clock.elapsedMs], ["10 end", "10 overdue", 10]);
});

Deno.test("VirtualClock.runAll() runs events until none is left", async () => {
  const { clock, notes, note } = newClock();
  const again = (left: number): void => {
    note(String(left));
    if (left > 0) clock.after(1_000, () => again(left - 1));
  };
  clock.after(5, () => again(2));
  await clock.runAll();
  assertEquals([...notes, clock.elapsedMs], ["5 2", "1005 1", "2005 0", 2_005]);
});

Deno.test("VirtualClock.runUntil() stops where its predicate returns false", async () => {
  const { clock, notes, note } = newClock();
  for (const ms of [1, 2, 3]) clock.after(ms, () => note("event"));
  await clock.runUntil(10, () => notes.length < 2);
  assertEquals([...notes, clock.elapsedMs], ["1 event", "2 event", 2]);
});

for (const [what, hasImmediate] of [["", true], [", also without setImmediate", false]] as const) {
  Deno.test(`VirtualClock lets all promises settle between two events${what}`, async () => {
    const { clock, notes, note } = newClock();
    const scope = globalThis as { setImmediate?: unknown };
    const { setImmediate } = scope;
    if (!hasImmediate) scope.setImmediate = undefined;
    try {
      clock.after(1, async () => {
        for (let turn = 0; turn < 1_000; turn++) await undefined;
        note("settled");
      });
      clock.after(2, () => note("next"));
      await clock.runUntil(10);
    } finally {
      scope.setImmediate = setImmediate;
    }
    assertEquals(notes, ["1 settled", "2 next"]);
  });
}

Deno.test("VirtualClock.clearTimer() cancels a timer and ignores one that has fired or is unknown", async () => {
  const { clock, notes, note } = newClock();
  const cleared = clock.setTimer(() => note("cleared"), 5);
  clock.setTimer(() => clock.clearTimer(cleared), 4);
  const fired = clock.setTimer(() => note("fired"), 1.9);
  await clock.advance(10);
  clock.clearTimer(fired);
  clock.clearTimer(undefined);
  assertEquals([notes, clock.pending], [["1 fired"], 0]);
});

Deno.test("VirtualClock.delay() resolves after its time, and rejects when its signal aborts", async () => {
  const { clock, notes, note } = newClock();
  const controller = new AbortController();
  void clock.delay(5).then(() => note("resolved"));
  const aborted = assertRejects(() => clock.delay(1_000, controller.signal), Error, "enough");
  clock.after(10, () => controller.abort(new Error("enough")));
  await clock.advance(20);
  await aborted;
  await assertRejects(() => clock.delay(1_000, controller.signal), Error, "enough");
  assertEquals([notes, clock.pending], [["5 resolved"], 0]);
});

Deno.test("VirtualClock.skip() moves the time without events, which run when the clock advances next", async () => {
  const { clock, notes, note } = newClock();
  clock.after(10, () => note("overdue"));
  clock.skip(100);
  assertEquals([clock.elapsedMs, notes.length], [100, 0]);
  await clock.advance(0);
  assertEquals([...notes, clock.elapsedMs], ["100 overdue", 100]);
});

Deno.test("VirtualClock.view() shares the time, and has a wall clock and random numbers of its own", async () => {
  const clock = new VirtualClock({ startMs: 1_000, random: () => 0.25 });
  const [same, ahead] = [clock.view(), clock.view({ offsetMs: 50, random: () => 0.75 })];
  let fired = 0;
  ahead.clearTimer(ahead.setTimer(() => fired++, 1));
  ahead.setTimer(() => fired++, 2);
  await clock.advance(10);
  const shown = [clock, same, ahead].map((of) => [of.nowMs(), of.monotonicMs(), of.random()]);
  assertEquals(shown, [[1_010, 10, 0.25], [1_010, 10, 0.25], [1_060, 10, 0.75]]);
  assertEquals([fired, new VirtualClock().random()], [1, 0.5]);
});
