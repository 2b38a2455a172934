import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MemoryStore, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import {
  type Fault,
  type FaultKind,
  FaultyStore,
  type FaultyStoreOptions,
  InjectedFaultError,
  type StoreCall,
} from "../../src/testing/mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { FaultyStoreSetup, KEY, NEW, OLD, WatchedCall } from "./faulty_store_setup.ts";

/** The states of a write and a read after a time, and whether the write took effect. */
async function outcomes(fault: Fault, afterMs: number): Promise<[write: string, isWritten: boolean, read: string]> {
  const setup = await FaultyStoreSetup.create(fault);
  const [write, read] = [setup.write(), setup.read()];
  await setup.virtual.advance(afterMs);
  return [write.state, await setup.isWritten(), read.state];
}

function sum({ faults }: FaultyStore): number {
  return Object.values(faults).reduce((total, count) => total + count, 0);
}

Deno.test("a call without a fault is passed on unchanged", async () => {
  const inner = new MemoryStore();
  const calls: unknown[][] = [];
  const store = new FaultyStore({
    read: (...args) => {
      calls.push(args);
      return inner.read(...args);
    },
    write: (...args) => {
      calls.push(args);
      return inner.write(...args);
    },
  });
  const options = { signal: new AbortController().signal };
  assertEquals(await store.write(KEY, OLD, null, options), "1");
  assertEquals(await store.write(KEY, NEW, null), null);
  assertEquals((await store.read(KEY, options))?.value, OLD);
  assertEquals(calls, [[KEY, OLD, null, options], [KEY, NEW, null, undefined], [KEY, options]]);
  assert(calls[0]![3] === options);
  assertEquals([store.calls, store.landing], [{ read: 1, readMany: 0, write: 2, list: 0 }, 0]);
});

Deno.test("readMany() has one fault for all keys, and is absent if the wrapped store lacks it", async () => {
  const inner = new MemoryStore();
  await inner.write(KEY, OLD, null);
  const calls: StoreCall[] = [];
  const store = new FaultyStore(Object.assign(inner, { readsTogether: true }), {
    script: (call) => {
      calls.push(call);
      return call.count === 1 ? { kind: "failBefore" } : undefined;
    },
  });
  const message = "Cannot read the records as a fault was injected: current value is failBefore";
  await assertRejects(async () => await store.readMany?.([KEY, "none"]), InjectedFaultError, message);
  assertEquals((await store.readMany?.([KEY, "none"]))?.map((entry) => entry?.value), [OLD, undefined]);
  assertEquals(calls.map(({ kind, key, keys }) => [kind, key, keys]), Array(2).fill(["readMany", "", [KEY, "none"]]));
  assertEquals([store.calls.readMany, store.readsTogether], [2, true]);
  const { read, write } = inner;
  const without = new FaultyStore({ read, write });
  assertEquals([without.readMany, without.readsTogether], [undefined, undefined]);
});

Deno.test("failBefore rejects immediately and writes nothing", async () => {
  assertEquals(await outcomes({ kind: "failBefore" }, 0), ["rejected", false, "rejected"]);
});

Deno.test("failAfter rejects at once and writes", async () => {
  assertEquals(await outcomes({ kind: "failAfter" }, 0), ["rejected", true, "rejected"]);
});

Deno.test("delay takes effect and answers after the delay", async () => {
  const fault: Fault = { kind: "delay", delay: { seconds: 3 } };
  assertEquals(await outcomes(fault, 2_999), ["pending", false, "pending"]);
  assertEquals(await outcomes(fault, 3_000), ["answered 2", true, "answered an entry"]);
});

Deno.test("answerLate takes effect at once and answers after the delay", async () => {
  const fault: Fault = { kind: "answerLate", delay: 3_000 };
  assertEquals(await outcomes(fault, 2_999), ["pending", true, "pending"]);
  assertEquals(await outcomes(fault, 3_000), ["answered 2", true, "answered an entry"]);
});

Deno.test("neverAnswer takes effect if takesEffect is set", async () => {
  const day = 86_400_000;
  assertEquals(await outcomes({ kind: "neverAnswer" }, day), ["pending", false, "pending"]);
  assertEquals(await outcomes({ kind: "neverAnswer", takesEffect: true }, day), ["pending", true, "pending"]);
});

Deno.test("a delay takes one second by default", async () => {
  assertEquals((await outcomes({ kind: "delay" }, 999))[0], "pending");
  assertEquals((await outcomes({ kind: "delay" }, 1_000))[0], "answered 2");
});

Deno.test("landLate writes the original bytes with the original condition", async () => {
  for (const isOvertaken of [false, true]) {
    const setup = await FaultyStoreSetup.create({ kind: "landLate", delay: 5_000 });
    const value = NEW.slice();
    const write = new WatchedCall(setup.store.write(KEY, value, "1"));
    value.fill(9);
    await setup.virtual.advance(4_999);
    assertEquals([write.state, await setup.isWritten(), setup.store.landing], ["rejected", false, 1]);
    if (isOvertaken) await setup.inner.write(KEY, OLD, "1");
    await setup.virtual.advance(1);
    assertEquals([await setup.isWritten(), setup.store.landing, setup.virtual.timers], [!isOvertaken, 0, 0]);
  }
});

Deno.test("landLate with hangs writes after the abort, without the signal", async () => {
  const setup = await FaultyStoreSetup.create({ kind: "landLate", delay: 5_000, hangs: true });
  const write = setup.write();
  await setup.virtual.advance(60_000);
  assertEquals([write.state, await setup.isWritten(), setup.store.landing], ["pending", false, 1]);
  setup.abort.abort("aborted");
  await setup.virtual.advance(4_999);
  assertEquals([write.state, write.reason, await setup.isWritten()], ["rejected", "aborted", false]);
  await setup.virtual.advance(1);
  assertEquals([await setup.isWritten(), setup.passedSignals, setup.store.landing], [true, [undefined], 0]);
});

Deno.test("landLate with hangs writes after the delay if there is no signal, and never answers", async () => {
  for (const ignoresSignal of [false, true]) {
    const setup = await FaultyStoreSetup.create({ kind: "landLate", delay: 5_000, hangs: true, ignoresSignal });
    const write = setup.write(ignoresSignal ? undefined : null);
    setup.abort.abort();
    await setup.virtual.advance(5_000);
    assertEquals([write.state, await setup.isWritten()], ["pending", true]);
  }
});

Deno.test("landLate ignores an error of the late write", async () => {
  const virtual = new VirtualTime();
  const down: StatusStore = {
    read: () => Promise.reject(new Error("down")),
    write: () => {
      throw new Error("down");
    },
  };
  const store = new FaultyStore(down, { clock: virtual.clock(), script: () => ({ kind: "landLate" }) });
  await assertRejects(() => store.write(KEY, NEW, null), InjectedFaultError);
  await virtual.advance(1_000);
  assertEquals(store.landing, 0);
});

Deno.test("landLate only rejects a read, or lets it hang", async () => {
  for (const hangs of [false, true]) {
    const setup = await FaultyStoreSetup.create({ kind: "landLate", hangs });
    const read = setup.read();
    await setup.virtual.advance(10_000);
    assertEquals([read.state, setup.passedSignals.length], [hangs ? "pending" : "rejected", 0]);
    setup.abort.abort();
    await setup.virtual.settle();
    assertEquals([read.state, setup.virtual.timers, setup.store.landing], ["rejected", 0, 0]);
  }
});

Deno.test("an abort ends a delayed call and leaves no timer", async () => {
  const faults: [fault: Fault, isWritten: boolean][] = [
    [{ kind: "delay" }, false],
    [{ kind: "answerLate" }, true],
    [{ kind: "neverAnswer" }, false],
    [{ kind: "neverAnswer", takesEffect: true }, true],
  ];
  for (const [fault, isWritten] of faults) {
    const setup = await FaultyStoreSetup.create(fault);
    const calls = [setup.write(), setup.read()];
    await setup.virtual.advance(10);
    setup.abort.abort("enough");
    await setup.virtual.settle();
    assertEquals(calls.map(({ state, reason }) => [state, reason]), [["rejected", "enough"], ["rejected", "enough"]]);
    assertEquals([await setup.isWritten(), setup.virtual.timers], [isWritten, 0]);
  }
});

Deno.test("a call whose signal aborts while it takes effect ends without a delay", async () => {
  for (const kind of ["answerLate", "neverAnswer"] as const) {
    const abort = new AbortController();
    const inner = new MemoryStore();
    const store = new FaultyStore({
      read: (key) => inner.read(key),
      write: (key, value, version) => {
        abort.abort("in between");
        return inner.write(key, value, version);
      },
    }, { script: () => ({ kind, takesEffect: true }) });
    const failure = await store.write(KEY, NEW, null, abort).catch((reason) => reason);
    assertEquals([failure, (await inner.read(KEY))?.value], ["in between", NEW]);
  }
});

Deno.test("a call with an aborted signal rejects with its reason, with any fault", async () => {
  const kinds: FaultKind[] = ["failBefore", "failAfter", "delay", "answerLate", "neverAnswer", "landLate"];
  for (const kind of kinds) {
    const setup = await FaultyStoreSetup.create({ kind, takesEffect: true });
    setup.abort.abort("before");
    const calls = [setup.write(), setup.read()];
    await setup.virtual.advance(10_000);
    assertEquals(calls.map(({ state, reason }) => [state, reason]), [["rejected", "before"], ["rejected", "before"]]);
    assertEquals([setup.passedSignals.length, setup.store.landing], [0, 0]);
  }
});

Deno.test("ignoresSignal lets a call continue after an abort", async () => {
  for (const kind of ["delay", "answerLate"] as const) {
    const setup = await FaultyStoreSetup.create({ kind, ignoresSignal: true });
    const [write, read] = [setup.write(), setup.read()];
    setup.abort.abort();
    const later = setup.read();
    await setup.virtual.advance(1_000);
    assertEquals([write, read, later].map(({ state }) => state.split(" ")[0]), ["answered", "answered", "answered"]);
    assertEquals(setup.passedSignals, [undefined, undefined, undefined]);
  }
  const setup = await FaultyStoreSetup.create({ kind: "neverAnswer", ignoresSignal: true });
  const write = setup.write();
  setup.abort.abort();
  await setup.virtual.advance(10_000);
  assertEquals(write.state, "pending");
});

Deno.test("a call rejects with InjectedFaultError, or with the error of the fault", async () => {
  const own = new Error("503");
  for (const kind of ["failBefore", "failAfter", "landLate"] as const) {
    const setup = await FaultyStoreSetup.create({ kind });
    const failure = await setup.store.write(KEY, NEW, "1").catch((error: unknown) => error);
    assertInstanceOf(failure, InjectedFaultError);
    assertEquals(
      [failure.name, failure.kind, failure.message],
      ["InjectedFaultError", kind, `Cannot write the record as a fault was injected: current value is ${kind}`],
    );
    const other = await FaultyStoreSetup.create({ kind, error: own });
    assertEquals(await other.store.read(KEY).catch((error: unknown) => error), own);
  }
});

Deno.test("a script receives each call, with its number among those of its method", async () => {
  const calls: StoreCall[] = [];
  const store = new FaultyStore(new MemoryStore(), {
    script: (call) => {
      calls.push(call);
      return call.kind === "write" && call.count === 2 ? { kind: "failBefore" } : undefined;
    },
  });
  await store.read("a");
  await store.write("a", OLD, null);
  await store.read("b");
  await assertRejects(() => store.write("a", NEW, "1"), InjectedFaultError);
  await store.write("a", NEW, "1");
  assertEquals(calls, [
    { kind: "read", count: 1, total: 1, key: "a" },
    { kind: "write", count: 1, total: 2, key: "a", value: OLD, version: null },
    { kind: "read", count: 2, total: 3, key: "b" },
    { kind: "write", count: 2, total: 4, key: "a", value: NEW, version: "1" },
    { kind: "write", count: 3, total: 5, key: "a", value: NEW, version: "1" },
  ]);
  assertEquals([store.calls, store.faults.failBefore], [{ read: 2, readMany: 0, write: 3, list: 0 }, 1]);
});

Deno.test("a script that throws or returns an invalid fault rejects the call, which is not counted", async () => {
  const answers: [script: () => unknown, Kind: ErrorConstructor, message: string][] = [
    [() => "failBefore", TypeError, "Cannot inject the fault as its options must be an object"],
    [() => ({}), TypeError, 'Cannot inject the fault as "kind" is required: current value is undefined'],
    [() => ({ kind: "fail" }), RangeError, 'Cannot inject the fault as "kind" must be one of failBefore, failAfter'],
    [() => ({ kind: "delay", delay: 0 }), RangeError, 'Cannot inject the fault as "delay" must be milliseconds'],
    [
      () => ({ kind: "delay", takeEffect: true }),
      TypeError,
      'Cannot inject the fault as "takeEffect" is not an option, did you mean "takesEffect"?',
    ],
    [() => JSON.parse("{"), SyntaxError, ""],
  ];
  for (const [script, Kind, message] of answers) {
    const store = new FaultyStore(new MemoryStore(), { script: script as () => Fault });
    await assertRejects(() => store.read(KEY), Kind, message);
    assertEquals(sum(store), 0);
  }
});

Deno.test("breakDown() fails all calls until heal(), and resume() returns to script and seed", async () => {
  const store = new FaultyStore(new MemoryStore(), { script: () => ({ kind: "failAfter" }) });
  const kinds: unknown[] = [];
  const check = async () => kinds.push(await store.read(KEY).catch((error) => error.kind ?? error));
  await check();
  store.breakDown();
  await check();
  store.breakDown({ kind: "landLate", error: "503" });
  await check();
  store.heal();
  await check();
  store.resume();
  await check();
  assertEquals(kinds, ["failAfter", "failBefore", "503", null, "failAfter"]);
  assertEquals(store.faults, { failBefore: 1, failAfter: 2, delay: 0, answerLate: 0, neverAnswer: 0, landLate: 1 });
  assertThrows(() => store.breakDown({ kind: "dwon" as never }), RangeError, '"kind" must be one of');
});

Deno.test("delays use the system clock by default, and so fake timers", async () => {
  using time = new FakeTime();
  const store = new FaultyStore(new MemoryStore(), { script: () => ({ kind: "delay", delay: 5_000 }) });
  const read = new WatchedCall(store.read(KEY));
  await time.tickAsync(4_999);
  assertEquals(read.state, "pending");
  await time.tickAsync(1);
  await time.runMicrotasks();
  assertEquals(read.state, "answered null");
});

Deno.test("schedulers keep their promises with all faults: terms rise by one, and no runs overlap", async () => {
  const virtual = new VirtualTime();
  const inner = new MemoryStore();
  const terms: number[] = [];
  let [running, most, runs] = [0, 0, 0];
  const stores = [1, 2, 3].map((seed) => new FaultyStore(inner, { clock: virtual.clock(), seed, maxDelay: 15_000 }));
  const schedulers = stores.map((store) =>
    new NeatPeriodicTaskScheduler({
      name: KEY,
      interval: { minutes: 2 },
      timeout: { seconds: 30 },
      store,
      clock: virtual.clock(),
      log: SILENT,
      task: async ({ term }) => {
        most = Math.max(most, ++running);
        terms.push(term);
        runs++;
        await virtual.delay(5_000);
        running--;
      },
    })
  );
  for (const scheduler of schedulers) scheduler.start();
  await virtual.advance(2 * 3_600_000);
  for (const store of stores) store.heal();
  await virtual.advance(600_000);
  await Promise.all([...schedulers.map((scheduler) => scheduler.stop()), virtual.advance(60_000)]);
  assertEquals(most, 1);
  assert(runs > 50, `${runs}`);
  assert(terms.every((term, index) => index === 0 || term > terms[index - 1]!), `${terms}`);
  assert(stores.every((store) => sum(store) > 5) && stores.map(sum).reduce((one, other) => one + other) > 60);
});

Deno.test("FaultyStore() throws for an option that can't be used, and names it", () => {
  const store = new MemoryStore();
  const random = () => 0;
  const cases: [options: unknown, Kind: ErrorConstructor, message: string][] = [
    [null, TypeError, "its options must be an object: current value is null"],
    [{ scrpt: () => {} }, TypeError, '"scrpt" is not an option, did you mean "script"?'],
    [{ script: {} }, TypeError, '"script" must be a function: current value is of type object'],
    [{ seed: "1" }, TypeError, '"seed" must be a number: current value is "1"'],
    [{ random: 0.5 }, TypeError, '"random" must be a function: current value is of type number'],
    [{ clock: 1 }, TypeError, '"clock" must be { setTimer(), clearTimer() }: current value is 1'],
    [{ clock: {} }, TypeError, '"clock" must be { setTimer(), clearTimer() }: current value is {}'],
    [{ rates: {} }, TypeError, '"rates" needs "seed" or "random": current value is {}'],
    [{ hintScript: {} }, TypeError, '"hintScript" must be a function: current value is of type object'],
    [{ hintRates: {} }, TypeError, '"hintRates" needs "seed" or "random": current value is {}'],
    [{ seed: 1, hintRates: { loose: 0.1 } }, TypeError, '"loose" is not an option'],
    [{ seed: 1, hintRates: { lose: -1 } }, RangeError, 'the rate "lose" must be from 0 to 1: current value is -1'],
    [
      { seed: 1, hintRates: { lose: 0.6, end: 0.6 } },
      RangeError,
      '"hintRates" must not add up to more than 1: current',
    ],
    [{ maxDelay: 1 }, TypeError, '"maxDelay" needs "seed" or "random": current value is 1'],
    [{ seed: 1, random }, TypeError, '"seed" and "random" exclude each other: current value is 1'],
    [{ seed: 1, maxDelay: 0 }, RangeError, '"maxDelay" must be milliseconds or units'],
    [{ seed: 1, rates: 0.1 }, TypeError, '"rates" must be an object: current value is 0.1'],
    [{ seed: 1, rates: { fail: 0.1 } }, TypeError, '"fail" is not an option'],
    [{ seed: 1, rates: { delay: 1.1 } }, RangeError, 'the rate "delay" must be from 0 to 1: current value is 1.1'],
    [{ random, rates: { delay: NaN } }, RangeError, 'the rate "delay" must be from 0 to 1: current value is NaN'],
    [{ seed: 1, rates: { delay: 0.6, landLate: 0.6 } }, RangeError, '"rates" must not add up to more than 1: current'],
  ];
  for (const [options, Kind, message] of cases) {
    assertThrows(
      () => new FaultyStore(store, options as FaultyStoreOptions),
      Kind,
      `Cannot create the faulty store as ${message}`,
    );
  }
  assertThrows(() => new FaultyStore(store, { seed: 0.5 }), RangeError, '"seed" must be a whole number');
  assertThrows(() => new FaultyStore({} as never), TypeError, "the store must be { read(), write() }");
});
