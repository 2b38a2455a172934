import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../mod.ts";
import { SILENT } from "./helpers/log.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

function schedulerOf(virtual: VirtualTime, name: string, task: () => unknown = () => {}): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name,
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    clock: virtual.clock(),
    log: SILENT,
    task,
  });
}

Deno.test("a group starts and stops its members together", async () => {
  const virtual = new VirtualTime();
  const ran: string[] = [];
  {
    await using group = new NeatPeriodicTaskGroup([
      schedulerOf(virtual, "one", () => ran.push("one")),
      schedulerOf(virtual, "two", () => ran.push("two")),
    ]);
    assertEquals([...group].map(({ name }) => name), ["one", "two"]);
    group.start();
    await virtual.advance(0);
    assertEquals([ran, virtual.timers], [["one", "two"], 2]);
  }
  assertEquals(virtual.timers, 0);
});

Deno.test("stopping a group answers for each member what it leaves behind", async () => {
  const virtual = new VirtualTime();
  const group = new NeatPeriodicTaskGroup([
    schedulerOf(virtual, "quick"),
    schedulerOf(virtual, "stuck", () => new Promise(() => {})),
  ]);
  group.start();
  await virtual.advance(100);
  const stopped = group.stop({ timeout: 1_000 });
  await virtual.advance(1_000);
  assertEquals([...await stopped], [
    ["quick", { clean: true, abandoned: 0 }],
    ["stuck", { clean: false, abandoned: 1 }],
  ]);
  assertEquals(virtual.timers, 0);
});

Deno.test("a group refuses a name that is taken, and to start members that were started", async () => {
  const virtual = new VirtualTime();
  const one = schedulerOf(virtual, "one");
  const group = new NeatPeriodicTaskGroup([one]);
  assertThrows(() => group.add(schedulerOf(virtual, "one")), TypeError, 'current value is "one"');
  assertEquals([...group].length, 1);
  await assertRejects(() => group.stop({ timeout: 0 }), RangeError, "above zero");
  assertEquals(one.state, "new");
  one.start();
  group.add(schedulerOf(virtual, "two"));
  assertThrows(
    () => group.start(),
    Error,
    'Cannot start "one" as it was started or stopped before: current value is "started"',
  );
  assertEquals([...group].at(-1)?.state, "new");
  await Promise.all([group.stop(), virtual.advance(100)]);
});
