import { assertEquals, assertRejects } from "@std/assert";
import { newProcess } from "./process_fixture.ts";

Deno.test("Process delivers timers and answers when it is resumed, in the order that is asked for", async () => {
  for (const [order, expected] of [["timers first", "timer"], ["answers first", "answer"]] as const) {
    const { process, advance, notes, note } = newProcess();
    process.clock.setTimer(() => note("timer"), 100);
    void process.call(() => 1).then(() => note("answer"));
    process.pause();
    await advance(1_000);
    assertEquals(notes, []);
    process.resume(order);
    await advance(1);
    assertEquals([notes.length, notes[0]], [2, `1000 ${expected}`]);
  }
});

Deno.test("Process delivers nothing after it is killed, and its calls still take effect", async () => {
  const { process, advance, notes, note } = newProcess();
  process.clock.setTimer(() => note("timer"), 100);
  void process.call(() => note("landed")).then(() => note("answer"));
  process.kill();
  await advance(1_000);
  assertEquals(notes.map((text) => text.split(" ")[1]), ["landed"]);
});

Deno.test("Process keeps its timers while its machine is suspended, and only the wall clock goes on", async () => {
  const { process, machine, advance, notes, note } = newProcess();
  const before = [process.nowMs(), process.clock.monotonicMs()] as const;
  process.clock.setTimer(() => note("timer"), 100);
  process.pause();
  machine.clock.suspend();
  await advance(1_000);
  machine.clock.resume();
  process.resume("as it came");
  await advance(99);
  assertEquals(notes, []);
  await advance(2);
  assertEquals(notes, ["1100 timer"]);
  assertEquals([process.nowMs() - before[0], process.clock.monotonicMs() - before[1]], [1_101, 101]);
});

Deno.test("Process fires timers by the rate of its clock, whatever its wall clock is set to", async () => {
  const { process, machine, advance, notes, note } = newProcess({ rate: 1.05 });
  process.clock.setTimer(() => note("timer"), 1_050);
  machine.clock.jump(-3_600_000);
  await advance(999);
  assertEquals(notes, []);
  await advance(2);
  assertEquals(notes, ["1000 timer"]);
});

Deno.test("Process does not fire a timer that is cleared during a pause", async () => {
  const { process, advance, notes, note } = newProcess();
  const timer = process.clock.setTimer(() => note("timer"), 10);
  process.pause();
  await advance(100);
  process.clock.clearTimer(timer);
  process.clock.clearTimer(undefined);
  process.resume("as it came");
  await advance(100);
  assertEquals([notes, process.timers.size], [[], 0]);
});

Deno.test("Process.sleep() rejects when its signal aborts", async () => {
  const { process, clock, advance } = newProcess();
  const controller = new AbortController();
  const slept = assertRejects(() => process.sleep(1_000, controller.signal), Error, "enough");
  clock.after(10, () => controller.abort(new Error("enough")));
  await advance(20);
  await slept;
  await assertRejects(() => process.sleep(1_000, controller.signal), Error, "enough");
});
