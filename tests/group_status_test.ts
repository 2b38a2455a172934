// status() and ready() of a group: one store that is away must not hide the tasks of another.

import { assertEquals, assertRejects } from "@std/assert";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../mod.ts";
import { SILENT } from "./helpers/log.ts";
import { ScriptedStore } from "./helpers/scripted_store.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  /** The store of the second member. */
  readonly store: ScriptedStore;
  readonly group: NeatPeriodicTaskGroup;
}

function setting(): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const common = { interval: HOUR, timeout: 10_000, clock: virtual.clock(), log: SILENT, task: () => {} };
  const group = new NeatPeriodicTaskGroup([
    new NeatPeriodicTaskScheduler({ ...common, name: "one" }),
    new NeatPeriodicTaskScheduler({ ...common, name: "two", store }),
    new NeatPeriodicTaskScheduler({ ...common, name: "three" }),
  ]);
  return { virtual, store, group };
}

async function statesOf(group: NeatPeriodicTaskGroup): Promise<unknown[]> {
  return [...await group.status()].map(([name, result]) => [
    name,
    result.status === "fulfilled" ? result.value.state : result.reason,
  ]);
}

Deno.test("NeatPeriodicTaskGroup.status() has the status of each member, and the error of a store that is away", async () => {
  const { virtual, store, group } = setting();
  assertEquals(await statesOf(new NeatPeriodicTaskGroup()), []);
  assertEquals(await statesOf(group), [["one", "idle"], ["two", "idle"], ["three", "idle"]]);
  group.start();
  await virtual.advance(0);
  store.script = () => ({ fails: "gone" });
  assertEquals(await statesOf(group), [["one", "finished"], ["two", "gone"], ["three", "finished"]]);
  await Promise.all([group.stop(), virtual.advance(1_000)]);
});

Deno.test("NeatPeriodicTaskGroup.ready() waits for the first check of every member", async () => {
  const { virtual, store, group } = setting();
  const answer = Promise.withResolvers<undefined>();
  store.script = (_call, count) => count === 1 ? answer.promise : undefined;
  let isReady = false;
  const ready = group.ready().then(() => isReady = true);
  group.start();
  await virtual.advance(1_000);
  assertEquals(isReady, false);
  answer.resolve(undefined);
  await virtual.settle();
  assertEquals(isReady, true);
  await ready;
  await group.stop();
  assertEquals(virtual.timers, 0);
});

Deno.test("NeatPeriodicTaskGroup.ready() of no members resolves", async () => {
  await new NeatPeriodicTaskGroup().ready();
});

Deno.test("NeatPeriodicTaskGroup.ready() rejects with the first error, and names the task", async () => {
  const { virtual, store, group } = setting();
  const gone = new Error("gone");
  store.script = () => ({ fails: gone });
  group.start();
  await virtual.advance(0);
  const error = await assertRejects(() => group.ready(), Error);
  assertEquals(error.message, 'Cannot wait for the group as "two" is not ready: current value is "Error: gone"');
  assertEquals(error.cause, gone);
  store.script = () => undefined;
  await virtual.advance(10_000);
  await group.ready();
  await group.stop();
});

Deno.test("NeatPeriodicTaskGroup.ready() rejects after stop() without a check, and is no unhandled rejection", async () => {
  const { virtual, group } = setting();
  group.ready();
  await group.stop();
  await virtual.settle();
  await assertRejects(() => group.ready(), Error, '"one" is not ready');
});
