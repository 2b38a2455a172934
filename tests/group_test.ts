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

Deno.test("NeatPeriodicTaskGroup.stop() resolves with the abandoned calls of each member", async () => {
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

Deno.test("add() refuses a name that is taken", () => {
  const virtual = new VirtualTime();
  const group = new NeatPeriodicTaskGroup([schedulerOf(virtual, "one")]);
  assertThrows(() => group.add(schedulerOf(virtual, "one")), TypeError, 'current value is "one"');
  assertEquals([...group].length, 1);
});

Deno.test("NeatPeriodicTaskGroup.stop() refuses a timeout of zero, and stops no member then", async () => {
  const one = schedulerOf(new VirtualTime(), "one");
  await assertRejects(() => new NeatPeriodicTaskGroup([one]).stop({ timeout: 0 }), RangeError, "above zero");
  assertEquals(one.state, "new");
});

Deno.test("NeatPeriodicTaskGroup.start() refuses a group with a started member, and starts no other", async () => {
  const virtual = new VirtualTime();
  const one = schedulerOf(virtual, "one");
  const group = new NeatPeriodicTaskGroup([one]);
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
