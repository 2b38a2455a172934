// The tasks of a group and of a store.

import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { pauseTask, resetTask, resumeTask } from "../../src/control.ts";
import { groupSource, storeSource } from "../../src/monitoring/task_source.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const COMMON = { interval: 3_600_000, timeout: 60_000, log: SILENT, task: () => {} };

Deno.test("groupSource() reads the tasks of a group, and one store that is away hides no other", async () => {
  const store = new MemoryStore();
  const away = new ScriptedStore();
  away.script = () => ({ fails: new Error("away") });
  const group = new NeatPeriodicTaskGroup([
    new NeatPeriodicTaskScheduler({ ...COMMON, name: "own" }),
    new NeatPeriodicTaskScheduler({ ...COMMON, name: "shared", store }),
    new NeatPeriodicTaskScheduler({ ...COMMON, name: "away", store: away }),
  ]);
  const source = groupSource(group);
  for (const name of ["own", "shared"]) await [...group].find((member) => member.name === name)?.trigger();
  const tasks = await source.list();
  assertEquals(
    tasks.map(({ name, kind, schedule, condition, explanation }) => [
      name,
      kind,
      schedule,
      condition.reason,
      explanation?.reason,
    ]),
    [
      ["own", "task", "every hour", "finished", "new"],
      ["shared", "task", "every hour", "finished", "new"],
      ["away", "unreadable", "every hour", "unreadable", "new"],
    ],
  );
  assertEquals((await source.read("shared"))?.name, "shared");
  assertEquals(await source.read("unknown"), null);
  assertEquals([source.storeOf("shared") === store, source.storeOf("own"), source.storeOf("unknown")], [
    true,
    undefined,
    undefined,
  ]);
  assertEquals(source.schedulerOf("own"), [...group][0]);
});

Deno.test("groupSource() shows members that are added later, and data that is no record", async () => {
  const group = new NeatPeriodicTaskGroup();
  const source = groupSource(group);
  assertEquals(await source.list(), []);
  const store = new MemoryStore();
  await store.write("foreign", new TextEncoder().encode("hello"), null);
  group.add(new NeatPeriodicTaskScheduler({ ...COMMON, name: "foreign", store }));
  group.add(new NeatPeriodicTaskScheduler({ ...COMMON, name: "new", store }));
  assertEquals((await source.list()).map(({ name, condition: { reason } }) => [name, reason]), [
    ["foreign", "foreign"],
    ["new", "never-run"],
  ]);
});

Deno.test("storeSource() reads all records of a store, and one that fails hides no other", async () => {
  const inner = new MemoryStore();
  await pauseTask(inner, "paused", { create: true, by: "Ada" });
  await pauseTask(inner, "away", { create: true });
  await inner.write("foreign", new TextEncoder().encode("hello"), null);
  const store = {
    read: async (key: string) => {
      if (key === "away") throw new Error("no answer");
      return await inner.read(key);
    },
    write: inner.write.bind(inner),
    list: inner.list.bind(inner),
  };
  const source = storeSource(store);
  const tasks = await source.list();
  assertEquals(tasks.map(({ name, condition: { reason, detail } }) => [name, reason, detail]).sort(), [
    ["away", "unreadable", "Error: no answer"],
    ["foreign", "foreign", tasks.find(({ name }) => name === "foreign")?.condition.detail],
    ["paused", "paused", "by Ada"],
  ]);
  assertEquals((await source.read("paused"))?.condition.reason, "paused");
  assertEquals(await source.read("unknown"), null);
  assertEquals(source.storeOf("paused"), store);
});

/** A store in memory that counts its calls. Some names can't be read. */
function countedStore(
  inner: MemoryStore,
  unreadable: readonly string[] = [],
): StatusStore & { readonly calls: string[] } {
  const calls: string[] = [];
  const mustRead = (names: readonly string[]): void => {
    if (names.some((name) => unreadable.includes(name))) throw new Error("no answer");
  };
  return {
    calls,
    read: async (key) => {
      calls.push(`read ${key}`);
      mustRead([key]);
      return await inner.read(key);
    },
    readMany: async (keys) => {
      calls.push(`readMany ${keys.join(" ")}`);
      mustRead(keys);
      return await inner.readMany(keys);
    },
    write: inner.write.bind(inner),
    list: inner.list.bind(inner),
  };
}

Deno.test("storeSource() and groupSource() read the records of a store by one call if it can do so", async () => {
  const inner = new MemoryStore();
  for (const name of ["a", "b"]) await pauseTask(inner, name, { create: true });
  const store = countedStore(inner);
  const tasks = await storeSource(store).list();
  assertEquals(tasks.map(({ name, condition: { reason } }) => [name, reason]), [["a", "paused"], ["b", "paused"]]);
  assertEquals(store.calls, ["readMany a b"]);

  const stores = [countedStore(inner), countedStore(inner)];
  const group = ["a", "b", "c"].map((name, index) =>
    new NeatPeriodicTaskScheduler({ ...COMMON, name, store: stores[index % 2]! })
  );
  const watched = await groupSource(group).list();
  assertEquals(watched.map(({ name, condition: { reason } }) => [name, reason]), [
    ["a", "paused"],
    ["b", "paused"],
    ["c", "never-run"],
  ]);
  assertEquals(stores.map(({ calls }) => calls), [["readMany a c"], ["readMany b"]]);
});

Deno.test("storeSource() reads each record on its own if readMany() fails, so that one hides no other", async () => {
  const inner = new MemoryStore();
  for (const name of ["a", "b"]) await pauseTask(inner, name, { create: true });
  const store = countedStore(inner, ["b"]);
  const tasks = await storeSource(store).list();
  assertEquals(tasks.map(({ name, condition: { reason } }) => [name, reason]), [["a", "paused"], ["b", "unreadable"]]);
  assertEquals(store.calls, ["readMany a b", "read a", "read b"]);
});

Deno.test("storeSource() does not ask a store again that takes more than a second to fail", async () => {
  const inner = new MemoryStore();
  for (const name of ["a", "b"]) await pauseTask(inner, name, { create: true });
  const time = new VirtualTime();
  const calls: string[] = [];
  const store: StatusStore = {
    ...countedStore(inner),
    read: () => Promise.reject(new Error("no record is read on its own")),
    readMany: (keys) => {
      calls.push(keys.join(" "));
      time.nowMs += 1_001;
      return Promise.reject(new Error("no answer"));
    },
  };
  const tasks = await storeSource(store, { clock: time.clock() }).list();
  assertEquals(tasks.map(({ name, condition: { detail } }) => [name, detail]), [
    ["a", "Error: no answer"],
    ["b", "Error: no answer"],
  ]);
  assertEquals(calls, ["a b"]);
  await assertRejects(() => storeSource(store).list(AbortSignal.abort(new Error("enough"))), Error, "enough");
});

Deno.test("storeSource() refuses a store that cannot list its records", () => {
  assertThrows(() => storeSource(new ScriptedStore()), TypeError, "it must have the methods read, write and list");
});

/** A process that has known a task for ten days. */
async function longKnownTask(): Promise<{ store: MemoryStore; time: VirtualTime; reason: () => Promise<unknown> }> {
  const store = new MemoryStore();
  const time = new VirtualTime();
  const clock = time.clock();
  const scheduler = new NeatPeriodicTaskScheduler({ ...COMMON, name: "backup", store, clock });
  const source = groupSource([scheduler], { clock });
  await scheduler.trigger();
  const reason = async () => (await source.list())[0]?.condition.reason;
  assertEquals(await reason(), "finished");
  return { store, time, reason };
}

Deno.test("groupSource() counts the due times of a task that was reset from then on", async () => {
  const { store, time, reason } = await longKnownTask();
  time.nowMs += 2 * COMMON.interval;
  await resetTask(store, "backup", { clock: time.clock() });
  time.nowMs += 2 * COMMON.interval;
  assertEquals(await reason(), "never-run");
  time.nowMs += 4 * COMMON.interval;
  assertEquals(await reason(), "overdue");
});

Deno.test("groupSource() and storeSource() count no due times of a pause that they have seen", async () => {
  const { store, time, reason } = await longKnownTask();
  const source = storeSource(store, { clock: time.clock() });
  await pauseTask(store, "backup", { clock: time.clock() });
  time.nowMs += 100 * COMMON.interval;
  assertEquals([await reason(), (await source.list())[0]?.condition.reason], ["paused", "paused"]);
  await resumeTask(store, "backup", { clock: time.clock() });
  time.nowMs += COMMON.interval;
  assertEquals([await reason(), (await source.list())[0]?.condition.reason], ["finished", "finished"]);
  time.nowMs += 4 * COMMON.interval;
  assertEquals([await reason(), (await source.list())[0]?.condition.reason], ["overdue", "overdue"]);
});

Deno.test("groupSource() and storeSource() return the same times of a record, even if the clock of its store jitters", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const inner = new MemoryStore();
  const store = Object.assign(new ScriptedStore(inner), { list: inner.list.bind(inner) });
  let jitterMs = 0;
  store.storeTime = () => time.nowMs + 7_000 + jitterMs;
  const scheduler = new NeatPeriodicTaskScheduler({ ...COMMON, name: "backup", store, clock });
  await scheduler.trigger();
  const sources = [groupSource([scheduler], { clock }), storeSource(store, { clock })];
  const starts = async (): Promise<unknown[]> => {
    const tasks = await Promise.all(sources.map((source) => source.list()));
    return tasks.flat().map((task) => task.kind === "task" && task.status.started?.getTime());
  };
  const first = await starts();
  for (jitterMs of [4, -4, 1]) assertEquals(await starts(), first);
  // the clock of this host was set
  jitterMs = 5_000;
  assertNotEquals(await starts(), first);
});

Deno.test("storeSource() throws for a name that may not exist while the store fails, and forgets names that are gone", async () => {
  const inner = new MemoryStore();
  let isAway = false;
  const store = {
    read: async (key: string) => {
      if (isAway) throw new Error("away");
      return await inner.read(key);
    },
    write: inner.write.bind(inner),
    list: inner.list.bind(inner),
  };
  const source = storeSource(store);
  await pauseTask(inner, "known", { create: true });
  isAway = true;
  await assertRejects(() => source.read("known"), Error, "away");
  assertEquals((await source.list()).map(({ condition: { reason } }) => reason), ["unreadable"]);
  assertEquals((await source.read("known"))?.condition.reason, "unreadable");
  await assertRejects(() => source.read("unknown"), Error, "away");
  const gone = storeSource({ ...store, list: async function* () {} });
  isAway = false;
  assertEquals((await gone.read("known"))?.condition.reason, "paused");
  isAway = true;
  assertEquals((await gone.read("known"))?.condition.reason, "unreadable");
  assertEquals(await gone.list(), []);
  await assertRejects(() => gone.read("known"), Error, "away");
});
