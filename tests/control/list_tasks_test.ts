// The listing of tasks, and the names that it suggests.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStore, type StatusStore } from "../../mod.ts";
import {
  type ListedTask,
  listTasks,
  pauseTask,
  readTask,
  requestRun,
  resetTask,
  resumeTask,
  UnknownTaskError,
} from "../../src/control.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { type Fields, PAUSED, RECORDS } from "./setup.ts";

/** Returns a store in memory with records by name, and text for data that is not a record. */
async function storeWith(records: Readonly<Record<string, Fields | string>>): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const [name, record] of Object.entries(records)) {
    const text = typeof record === "string" ? record : JSON.stringify(record);
    await store.write(name, new TextEncoder().encode(text), null);
  }
  return store;
}

/** A store that lists names as a test says, and reads from another one. */
function listing(store: StatusStore, list: NonNullable<StatusStore["list"]>): StatusStore {
  return {
    read: (key, options) => store.read(key, options),
    write: (key, value, version, options) => store.write(key, value, version, options),
    list,
  };
}

async function all(tasks: AsyncIterable<ListedTask>): Promise<ListedTask[]> {
  const found: ListedTask[] = [];
  for await (const task of tasks) found.push(task);
  return found;
}

Deno.test("listTasks() lists tasks with their status, foreign data and newer records, in the order of the store", async () => {
  const newer = { ...RECORDS.finished, version: 3 };
  const store = await storeWith({ b: { ...RECORDS.failed, ...PAUSED }, a: "", notes: "hello", next: newer });
  const tasks = await all(listTasks(store));
  const [b, a, ...others] = tasks;
  assert(b?.kind === "task" && a?.kind === "task");
  assertEquals(b.status, await readTask(store, "b"));
  assertEquals([b.name, b.status.state, b.status.pausedBy], ["b", "failed", "Ada"]);
  assertEquals([a.name, a.status.state], ["a", "idle"]);
  assertEquals(others, [
    { kind: "foreign", name: "notes", description: "data of another format" },
    { kind: "newer", name: "next", description: "version 3" },
  ]);
});

Deno.test("listTasks() reads up to eight records at the same time, and only as they are consumed", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `task-${index}`);
  const inner = await storeWith(Object.fromEntries(names.map((name) => [name, RECORDS.finished])));
  let reading = 0;
  let most = 0;
  let reads = 0;
  const store: StatusStore = {
    async read(key) {
      reads++;
      most = Math.max(most, ++reading);
      await new Promise((resolve) => setTimeout(resolve, 1));
      reading--;
      return await inner.read(key);
    },
    write: () => Promise.reject(new Error("nothing is written")),
    list: (options) => inner.list(options),
  };
  assertEquals((await all(listTasks(store))).map(({ name }) => name), names);
  assertEquals([most, reads], [8, 30]);
  for await (const { name } of listTasks(store)) {
    assertEquals(name, "task-0");
    break;
  }
  assertEquals(reads, 38);
  // the reads ahead go on for a moment
  while (reading > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});

Deno.test("listTasks() reads up to 100 records by one call of a store that can do so, and only as they are consumed", async () => {
  const names = Array.from({ length: 250 }, (_, index) => `task-${index}`);
  const inner = await storeWith(Object.fromEntries(names.map((name) => [name, RECORDS.finished])));
  const calls: number[] = [];
  const store: StatusStore = {
    read: () => Promise.reject(new Error("no record is read on its own")),
    write: () => Promise.reject(new Error("nothing is written")),
    readMany(keys, options) {
      calls.push(keys.length);
      return inner.readMany(keys, options);
    },
    list: (options) => inner.list(options),
  };
  assertEquals((await all(listTasks(store))).map(({ name }) => name), names);
  assertEquals(calls, [100, 100, 50]);
  for await (const { name } of listTasks(store)) {
    assertEquals(name, "task-0");
    break;
  }
  assertEquals(calls, [100, 100, 50, 100]);
});

Deno.test("listTasks() fails with the error of readMany(), or if it has no entry for each key", async () => {
  const inner = await storeWith({ a: RECORDS.finished, b: RECORDS.finished });
  const store = (readMany: NonNullable<StatusStore["readMany"]>) => ({
    ...listing(inner, (options) => inner.list(options)),
    readMany,
  });
  const down = new Error("down");
  await assertRejects(() => all(listTasks(store(() => Promise.reject(down)))), Error, "down");
  await assertRejects(
    () => all(listTasks(store(() => Promise.resolve([null])))),
    TypeError,
    "readMany() of 2 keys must return an array of as many entries: current value is",
  );
  await assertRejects(() => all(listTasks(store(() => Promise.resolve(["a", "b"] as never)))), TypeError, "Uint8Array");
});

Deno.test("listTasks() leaves a task out whose record is removed meanwhile", async () => {
  const inner = await storeWith({ a: RECORDS.finished, b: RECORDS.finished });
  const store = listing(inner, async function* () {
    yield* ["a", "gone", "b"];
  });
  assertEquals((await all(listTasks(store))).map(({ name }) => name), ["a", "b"]);
});

Deno.test("listTasks() ends the store's listing when its consumer stops", async () => {
  const inner = await storeWith({ a: RECORDS.finished });
  const { promise: ended, resolve } = Promise.withResolvers<boolean>();
  const store = listing(inner, async function* ({ signal } = {}) {
    try {
      for (;;) yield "a";
    } finally {
      resolve(signal?.aborted ?? false);
    }
  });
  for await (const _ of listTasks(store)) break;
  assertEquals(await ended, true);
});

Deno.test("listTasks() throws the error of the store, of the listing and of a read", async () => {
  const inner = await storeWith({ a: RECORDS.finished });
  const failing = listing(inner, async function* () {
    yield "a";
    throw new Error("no second page");
  });
  await assertRejects(() => all(listTasks(failing)), Error, "no second page");
  const throwing = listing(inner, () => {
    throw new Error("no page");
  });
  await assertRejects(() => all(listTasks(throwing)), Error, "no page");
  const unreadable = new ScriptedStore();
  unreadable.script = () => ({ fails: new Error("no record") });
  await assertRejects(() => all(listTasks(listing(unreadable, () => inner.list()))), Error, "no record");
});

Deno.test("listTasks() gives a store that hangs ten seconds for the next name, even if it ignores its signal", async () => {
  const virtual = new VirtualTime();
  const hanging = listing(new MemoryStore(), async function* () {
    await new Promise(() => {});
    yield "never";
  });
  const listed = all(listTasks(hanging, { clock: virtual.clock() }));
  listed.catch(() => {});
  await virtual.advance(10_000);
  assertEquals((await assertRejects(() => listed, DOMException)).name, "TimeoutError");
  assertEquals(virtual.timers, 0);
});

Deno.test("listTasks() ends with the reason of its signal", async () => {
  const store = await storeWith({ a: RECORDS.finished, b: RECORDS.finished });
  const controller = new AbortController();
  await assertRejects(
    async () => {
      for await (const _ of listTasks(store, { signal: controller.signal })) controller.abort(new Error("enough"));
    },
    Error,
    "enough",
  );
});

Deno.test("listTasks() needs a store that can list its records", () => {
  assertThrows(() => listTasks(new ScriptedStore()), TypeError, "the store must be an object with read(), list()");
});

const CHANGES = { pauseTask, requestRun, resetTask, resumeTask } as const;

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`${name}() suggests the nearest name for an unknown one`, async () => {
    const store = await storeWith({ reports: RECORDS.finished, backup: RECORDS.finished });
    const error = await assertRejects(
      () => change(store, "bakcup"),
      UnknownTaskError,
      '(did you mean "backup"?): current',
    );
    assertEquals([error.task, error.suggestion], ["bakcup", "backup"]);
    const far = await assertRejects(
      () => change(store, "clean-up"),
      UnknownTaskError,
      'record of it: current value is "clean-up"',
    );
    assertEquals(far.suggestion, undefined);
  });
}

Deno.test("pauseTask() suggests no name if the listing fails or hangs", async () => {
  const virtual = new VirtualTime();
  const failing = listing(new MemoryStore(), () => {
    throw new Error("no page");
  });
  const hanging = listing(new MemoryStore(), async function* () {
    yield "backup";
    await new Promise(() => {});
  });
  for (const store of [failing, hanging]) {
    const paused = pauseTask(store, "bakcup", { clock: virtual.clock() });
    paused.catch(() => {});
    await virtual.advance(3_000);
    assertEquals((await assertRejects(() => paused, UnknownTaskError)).suggestion, undefined);
  }
});

Deno.test("control functions check their arguments before they call the store", async () => {
  const store = new ScriptedStore();
  const wrong: readonly [call: () => Promise<unknown>, type: typeof TypeError | typeof RangeError, message: string][] =
    [
      [() => pauseTask({} as StatusStore, "a"), TypeError, "Cannot pause the task as the store must be an object with"],
      [() => readTask(store, 5 as unknown as string), TypeError, "Cannot read the task as its name must be a string"],
      [() => requestRun(store, ""), RangeError, '"name" must be 1 to 500 printable characters'],
      [() => resetTask(store, "a\nb"), RangeError, '"name" must be 1 to 500 printable characters'],
      [() => pauseTask(store, "a", { by: "" }), RangeError, '"by" must be 1 to 100 printable characters'],
      [() => pauseTask(store, "a", { reason: "r".repeat(101) }), RangeError, '"reason" must be 1 to 100 printable'],
      [() => requestRun(store, "a", { by: "\ud800" }), RangeError, '"by" must be 1 to 100 printable characters'],
      [
        () => pauseTask(store, "a", { reson: "x" } as object),
        TypeError,
        '"reson" is not an option, did you mean "reason"?',
      ],
      [() => resumeTask(store, "a", { by: "Ada" } as object), TypeError, '"by" is not an option'],
      [() => resetTask(store, "a", { dartTimeout: 0 }), RangeError, '"dartTimeout"'],
      [() => readTask(store, "a", { signal: {} as AbortSignal }), TypeError, '"signal" must be an object with'],
    ];
  for (const [call, type, message] of wrong) await assertRejects(call, type, message);
  assertEquals(store.calls, []);
});
