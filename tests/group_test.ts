import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../mod.ts";
import { SILENT } from "./helpers/log.ts";
import { World } from "./helpers/world.ts";

function schedulerOf(world: World, name: string, task: () => unknown = () => {}): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name,
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    clock: world.clock(),
    log: SILENT,
    task,
  });
}

Deno.test("a group starts and stops its members together", async () => {
  const world = new World();
  const ran: string[] = [];
  {
    await using group = new NeatPeriodicTaskGroup([
      schedulerOf(world, "one", () => ran.push("one")),
      schedulerOf(world, "two", () => ran.push("two")),
    ]);
    assertEquals([...group].map(({ name }) => name), ["one", "two"]);
    group.start();
    await world.advance(0);
    assertEquals([ran, world.timers], [["one", "two"], 2]);
  }
  assertEquals(world.timers, 0);
});

Deno.test("stopping a group answers for each member what it leaves behind", async () => {
  const world = new World();
  const group = new NeatPeriodicTaskGroup([
    schedulerOf(world, "quick"),
    schedulerOf(world, "stuck", () => new Promise(() => {})),
  ]);
  group.start();
  await world.advance(100);
  const stopped = group.stop({ timeout: 1_000 });
  await world.advance(1_000);
  assertEquals([...await stopped], [
    ["quick", { clean: true, abandoned: 0 }],
    ["stuck", { clean: false, abandoned: 1 }],
  ]);
  assertEquals(world.timers, 0);
});

Deno.test("a group refuses a name that is taken, and to start members that were started", async () => {
  const world = new World();
  const one = schedulerOf(world, "one");
  const group = new NeatPeriodicTaskGroup([one]);
  assertThrows(() => group.add(schedulerOf(world, "one")), TypeError, 'current value is "one"');
  assertEquals([...group].length, 1);
  await assertRejects(() => group.stop({ timeout: 0 }), RangeError, "above zero");
  assertEquals(one.state, "new");
  one.start();
  group.add(schedulerOf(world, "two"));
  assertThrows(
    () => group.start(),
    Error,
    'Cannot start "one" as it was started or stopped before: current value is "started"',
  );
  assertEquals([...group].at(-1)?.state, "new");
  await Promise.all([group.stop(), world.advance(100)]);
});
