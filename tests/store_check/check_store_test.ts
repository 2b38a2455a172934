import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  MemoryStore,
  NeatPeriodicTaskScheduler,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
} from "../../mod.ts";
import {
  checkStore,
  type CheckStoreOptions,
  type FaultRates,
  FaultyStore,
  StoreCheckError,
} from "../../src/testing/mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { never, store } from "../testing/broken_stores.ts";
import { inFakeTime } from "../testing/run_check.ts";

const KEY = "neat-periodic-task-check";

/** Wraps a store, counts reads and keeps the keys of writes. */
function watched(inner: StatusStore): { store: StatusStore; reads: number; writes: string[] } {
  const watch = {
    reads: 0,
    writes: [] as string[],
    store: {
      read: (key, options) => {
        watch.reads++;
        return inner.read(key, options);
      },
      write: (key, value, version, options) => {
        watch.writes.push(key);
        return inner.write(key, value, version, options);
      },
    } as StatusStore,
  };
  return watch;
}

Deno.test("checkStore() accepts a correct store, with about ten calls at one key", async () => {
  const inner = new MemoryStore();
  const watch = watched(inner);
  await checkStore(watch.store);
  assertEquals(new Set(watch.writes), new Set([KEY]));
  assert(watch.writes.length <= 7 && watch.reads <= 7, `${watch.writes.length} writes, ${watch.reads} reads`);
  const { value } = (await inner.read(KEY))!;
  assertMatch(new TextDecoder().decode(value), /^\{"format":"neat-periodic-task-check","write":"[\w-]{22}"\}$/);
});

Deno.test("checkStore() accepts a store again, with one call less", async () => {
  const inner = new MemoryStore();
  const watches = [watched(inner), watched(inner)];
  for (const watch of watches) await checkStore(watch.store);
  assertEquals(watches[1]!.writes.length, watches[0]!.writes.length - 1);
});

/** Lets replicas check one store at once, with faults. Returns their errors. */
async function failures(replicas: number, seed: number, rates: FaultRates): Promise<unknown[]> {
  const inner = new MemoryStore();
  const stores = Array.from(
    { length: replicas },
    (_, index) => new FaultyStore(inner, { seed: seed * 1_000 + index, rates, maxDelay: 100 }),
  );
  const errors: unknown[] = [];
  await inFakeTime(
    () => Promise.all(stores.map((store) => checkStore(store).catch((error) => errors.push(error)))),
    50,
  );
  return errors;
}

Deno.test("checkStore() accepts a correct store that many replicas check at once", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    assertEquals(await failures(30, seed, { delay: 0.4, answerLate: 0.4 }), []);
  }
});

Deno.test("checkStore() does not blame a store for lost answers or late writes", async () => {
  const errors: unknown[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    errors.push(...await failures(5, seed, { failBefore: 0.1, failAfter: 0.1, landLate: 0.1 }));
  }
  assert(errors.length > 0);
  for (const error of errors) assert(!(error instanceof StoreCheckError), `${error}`);
});

let failedWrites = 0;
let firstEntry: StatusEntry | null = null;

const BROKEN_STORES: readonly (readonly [fault: string, open: () => StatusStore, message: string])[] = [
  [
    "ignores versions",
    store({ accepts: () => true }),
    'a write with a version that was replaced must fail: current value is "',
  ],
  [
    "ignores null",
    store({ accepts: (current, expected) => expected === null || current === expected }),
    "a write with no version, where there is a record, must fail: current value is ",
  ],
  [
    "accepts older versions",
    store({
      accepts: (current, expected) => expected === null ? current === null : Number(expected) <= Number(current),
    }),
    "a write with a version that was replaced must fail",
  ],
  [
    "waits between check and write",
    store({ beforeWrite: () => Promise.resolve() }),
    "of several concurrent writes with the same version, at most one must succeed: current value is 3",
  ],
  [
    "writes and returns null",
    store({ onConflict: (records, key, value) => records.set(key, { ...records.get(key)!, value: value.slice() }) }),
    "a failed write with a version that was replaced must change nothing",
  ],
  [
    "writes for the losers of a race",
    store({
      onConflict: (records, key, value) => {
        // the first two failed writes have wrong versions on purpose
        if (++failedWrites > 2) records.set(key, { ...records.get(key)!, value: value.slice() });
      },
    }),
    "of several concurrent writes, a failed one must change nothing",
  ],
  ["returns no record", store({ mapEntry: () => null }), "a record that was written must exist: current value is null"],
  ["writes nothing", store({ accepts: () => false }), "a record that was written must exist"],
  [
    "replaces no record",
    store({ accepts: (current) => current === null }),
    "a write with the current version must succeed",
  ],
  [
    "always returns the same version",
    store({ version: () => "1" }),
    "a read must return the last record, and a new version",
  ],
  [
    "always returns the first record",
    store({ mapEntry: (entry) => firstEntry ??= entry }),
    "a read must return the last record",
  ],
  ["returns numbers as versions", store({ version: (writes) => writes as never }), "a string that is not empty"],
  ["returns plain arrays", store({ mapRead: (value) => [...value] as never }), "whose value is a Uint8Array"],
];

for (const [fault, open, message] of BROKEN_STORES) {
  Deno.test(`checkStore() rejects a store that ${fault}`, async () => {
    const failure = await checkStore(open()).catch((error: unknown) => error);
    assertInstanceOf(failure, StoreCheckError);
    assertStringIncludes(failure.message, message);
  });
}

Deno.test("checkStore() does not overwrite data of other programs", async () => {
  const inner = new MemoryStore();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store: inner,
    log: SILENT,
    task: () => {},
  });
  await scheduler.trigger();
  await inner.write("settings", Uint8Array.of(1), null);
  for (const key of ["backup", "settings"]) {
    const before = await inner.read(key);
    const watch = watched(inner);
    const message =
      `Cannot check the store as there must be no data of another program at the key "${key}": current value is `;
    await assertRejects(() => checkStore(watch.store, { key }), StoreCheckError, message);
    assertEquals([watch.writes, await inner.read(key)], [[], before]);
  }
});

Deno.test("checkStore() writes at the given key", async () => {
  const inner = new MemoryStore();
  await checkStore(inner, { key: "checks/1" });
  assertEquals([await inner.read(KEY), (await inner.read("checks/1")) !== null], [null, true]);
});

Deno.test("checkStore() throws the error of a failing store", async () => {
  for (const first of [1, 2]) {
    for (const kind of ["failBefore", "landLate"] as const) {
      const down = new FaultyStore(new MemoryStore(), {
        clock: new VirtualTime().clock(),
        script: (call) => call.kind === "write" && call.count >= first ? { kind, error: "down" } : undefined,
      });
      assertEquals(await checkStore(down).catch((reason) => reason), "down");
    }
  }
  const unreadable = new FaultyStore(new MemoryStore(), { script: () => ({ kind: "failBefore", error: "down" }) });
  assertEquals(await checkStore(unreadable).catch((reason) => reason), "down");
});

Deno.test("checkStore() ends after 10 seconds without an answer, or when the signal aborts", async () => {
  using time = new FakeTime();
  let failure: unknown;
  checkStore({ read: never, write: never }).catch((error) => failure = error);
  await time.tickAsync(9_999);
  assertEquals(failure, undefined);
  await time.tickAsync(1);
  await time.runMicrotasks();
  assertEquals((failure as Error).name, "TimeoutError");
  const abort = new AbortController();
  const ended = checkStore({ read: never, write: never }, abort).catch((reason) => reason);
  abort.abort("stopping");
  assertEquals(await ended, "stopping");
});

Deno.test("checkStore() throws for an option that can't be used, and names it", async () => {
  const inner = new MemoryStore();
  const cases: [options: unknown, Kind: ErrorConstructor, message: string][] = [
    [null, TypeError, "its options must be an object: current value is null"],
    [{ prefix: "x" }, TypeError, '"prefix" is not an option: current value is of type string'],
    [{ key: 1 }, TypeError, '"key" must be a string: current value is 1'],
    [{ key: "" }, RangeError, '"key" must be 1 to 500 printable characters: current value is ""'],
    [{ key: "\t" }, RangeError, '"key" must be 1 to 500 printable characters'],
    [{ key: "x".repeat(501) }, RangeError, '"key" must be 1 to 500 printable characters'],
    [{ list: 1 }, TypeError, '"list" must be a boolean: current value is 1'],
    [{ watch: "yes" }, TypeError, '"watch" must be a boolean: current value is "yes"'],
    [{ signal: true }, TypeError, '"signal" must be an object: current value is true'],
  ];
  for (const [options, Kind, message] of cases) {
    const check = () => checkStore(inner, options as CheckStoreOptions);
    await assertRejects(check, Kind, `Cannot check the store as ${message}`);
  }
  await assertRejects(() => checkStore({} as never), TypeError, "the store must be { read(), write() }");
});

Deno.test("checkStore() checks list() and watch() only on request", async () => {
  const inner = new MemoryStore();
  for (let index = 0; index < 5; index++) await inner.write(`task-${index}`, new Uint8Array(1), null);
  const faulty = new FaultyStore(inner);
  await checkStore(faulty);
  assertEquals([faulty.calls.list, faulty.hints], [0, 0]);
  await checkStore(faulty, { list: true, watch: true });
  assertEquals(faulty.calls.list, 1);
  assert(faulty.hints > 0);
  const lacking = store()();
  for (const method of ["list", "watch"] as const) {
    const message = `Cannot rely on the store as the store must have a method ${method}()`;
    await assertRejects(() => checkStore(lacking, { [method]: true }), StoreCheckError, message);
  }
});

Deno.test("checkStore() rejects a store that lists too little, or does not hint", async () => {
  const inner = new MemoryStore();
  await inner.write("task", new Uint8Array(1), null);
  const read: StatusStore["read"] = (...call) => inner.read(...call);
  const write: StatusStore["write"] = (...call) => inner.write(...call);
  const list = async function* (): AsyncIterable<string> {
    yield "task";
  };
  const message =
    'Cannot rely on the store as list() must yield a key that was written: current value is "1 other keys"';
  await assertRejects(() => checkStore({ read, write, list }, { list: true }), StoreCheckError, message);
  const silent = new FaultyStore(inner, { hintScript: () => ({ kind: "lose" }) });
  const failure = await inFakeTime(() => checkStore(silent, { watch: true }));
  assertInstanceOf(failure, StoreCheckError);
  assertStringIncludes(failure.message, "watch() must yield within 5000 ms of a write by another client");
});

Deno.test("checkStore() ends with the reason of its signal while it lists or waits for a hint", async () => {
  const inner = new MemoryStore();
  const read: StatusStore["read"] = (...call) => inner.read(...call);
  const write: StatusStore["write"] = (...call) => inner.write(...call);
  const endless = async function* (options?: StoreCallOptions): AsyncIterable<string> {
    while (!options?.signal?.aborted) {
      yield "task";
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw options.signal.reason;
  };
  const silent = new FaultyStore(inner, { hintScript: () => ({ kind: "lose" }) });
  for (
    const [checked, options] of [[{ read, write, list: endless }, { list: true }], [silent, { watch: true }]] as const
  ) {
    const controller = new AbortController();
    const failure = await inFakeTime(async () => {
      setTimeout(() => controller.abort(new Error("stopping")), 1_000);
      await checkStore(checked, { ...options, signal: controller.signal });
    });
    assertEquals((failure as Error).message, "stopping");
  }
});
