import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryStore } from "../../mod.ts";
import {
  FaultyStore,
  type FaultyStoreOptions,
  type HintFault,
  InjectedFaultError,
  type StoreHint,
} from "../../src/testing/mod.ts";
import { abortListeners } from "../helpers/abort_listeners.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { store as broken } from "./broken_stores.ts";

const KEY = "task";

/** A faulty store on a store in memory, with a watch of its record. */
class Setup {
  readonly virtual: VirtualTime = new VirtualTime();
  readonly inner: MemoryStore = new MemoryStore();
  readonly store: FaultyStore;
  readonly hints: AsyncIterator<void>;

  constructor(options: FaultyStoreOptions) {
    this.store = new FaultyStore(this.inner, { clock: this.virtual.clock(), ...options });
    this.hints = this.store.watch!(KEY)[Symbol.asyncIterator]();
  }

  /** Writes the record, so that the wrapped store hints. */
  async write(): Promise<void> {
    await this.inner.write(KEY, new Uint8Array(1), (await this.inner.read(KEY))?.version ?? null);
    await this.virtual.settle();
  }

  /** How many hints have come; consumes them. */
  async count(): Promise<number> {
    for (let count = 0;; count++) {
      let isPending = true;
      const next = this.hints.next().finally(() => isPending = false);
      await this.virtual.settle();
      if (isPending) {
        this.#next = next;
        return count;
      }
    }
  }

  #next: Promise<IteratorResult<void>> | undefined;

  /** The step that `count()` has left. */
  get next(): Promise<IteratorResult<void>> {
    assert(this.#next);
    return this.#next;
  }
}

/** Lists all keys. */
async function keysOf(store: FaultyStore, signal?: AbortSignal): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list!(signal && { signal })) keys.push(key);
  return keys;
}

/** A store in memory with some records. */
async function filled(): Promise<MemoryStore> {
  const inner = new MemoryStore();
  for (const key of ["a", "b", "c"]) await inner.write(key, new Uint8Array(1), null);
  return inner;
}

Deno.test("FaultyStore has list() and watch() only if the wrapped store has them", () => {
  const store = new FaultyStore(broken()());
  assertEquals([store.list, store.watch], [undefined, undefined]);
});

Deno.test("list() passes the keys on, and counts as one call", async () => {
  const calls: unknown[] = [];
  const store = new FaultyStore(await filled(), { script: (call) => void calls.push(call) });
  assertEquals(await keysOf(store), ["a", "b", "c"]);
  assertEquals(store.calls, { read: 0, readMany: 0, write: 0, list: 1 });
  assertEquals(calls, [{ kind: "list", count: 1, total: 1, key: "" }]);
  const left = store.list!()[Symbol.asyncIterator]();
  await left.next();
  await left.return?.();
  assertEquals((await left.next()).done, true);
});

Deno.test("the fault of a list applies to its first step", async () => {
  const virtual = new VirtualTime();
  const inner = await filled();
  const clock = virtual.clock();
  for (const kind of ["failBefore", "failAfter", "landLate"] as const) {
    const store = new FaultyStore(inner, { clock, script: () => ({ kind }) });
    const error = await assertRejects(() => keysOf(store), InjectedFaultError, `Cannot list the record as a fault was`);
    assertEquals([error.kind, store.faults[kind], store.landing], [kind, 1, 0]);
  }
  for (const kind of ["delay", "answerLate"] as const) {
    const store = new FaultyStore(inner, { clock, script: () => ({ kind, delay: 3_000 }) });
    let keys: string[] | undefined;
    const listed = keysOf(store).then((list) => keys = list);
    await virtual.advance(2_999);
    assertEquals(keys, undefined);
    await virtual.advance(1);
    assertEquals(await listed, ["a", "b", "c"]);
  }
  const silent = new FaultyStore(inner, { clock, script: () => ({ kind: "neverAnswer" }) });
  const controller = new AbortController();
  const listed = keysOf(silent, controller.signal);
  controller.abort(new Error("given up"));
  await assertRejects(() => listed, Error, "given up");
});

Deno.test("watch() passes hints on, and leaves no listener at its signal", async () => {
  const setup = new Setup({});
  await setup.write();
  assertEquals(await setup.count(), 1);
  await setup.write();
  assertEquals((await setup.next).done, false);
  await setup.hints.return?.();
  await setup.write();
  assertEquals([(await setup.hints.next()).done, setup.store.hints], [true, 2]);
  const { signal, count } = abortListeners();
  const hints = setup.store.watch!(KEY, { signal })[Symbol.asyncIterator]();
  assertEquals(count(), 1);
  await hints.return?.();
  assertEquals(count(), 0);
});

Deno.test("watch() ends without an error when its signal aborts", async () => {
  const { store } = new Setup({});
  const controller = new AbortController();
  const hints = store.watch!(KEY, { signal: controller.signal })[Symbol.asyncIterator]();
  const next = hints.next();
  controller.abort(new Error("given up"));
  assertEquals((await next).done, true);
});

Deno.test("a hint is lost, doubled or delayed, as the script says", async () => {
  const scripted: (HintFault | undefined)[] = [{ kind: "lose" }, { kind: "double" }, { kind: "delay", delay: 3_000 }];
  const hints: StoreHint[] = [];
  const setup = new Setup({
    hintScript: (hint) => {
      hints.push(hint);
      return scripted[hint.count - 1];
    },
  });
  await setup.write();
  assertEquals(await setup.count(), 0);
  const first = setup.next;
  await setup.write();
  assertEquals((await first).done, false);
  assertEquals(await setup.count(), 1);
  await setup.write();
  await setup.virtual.advance(2_999);
  let isLate = true;
  const third = setup.next.then(() => isLate = false);
  assertEquals(isLate, true);
  await setup.virtual.advance(1);
  await third;
  assertEquals(hints, [1, 2, 3].map((count) => ({ key: KEY, count })));
  assertEquals(setup.store.hintFaults, { lose: 1, delay: 1, double: 1, end: 0, fail: 0 });
  await setup.hints.return?.();
});

Deno.test("a delayed hint does not come after the end of its watch", async () => {
  const setup = new Setup({ hintScript: () => ({ kind: "delay" }) });
  await setup.write();
  await setup.hints.return?.();
  await setup.virtual.advance(2_000);
  assertEquals((await setup.hints.next()).done, true);
});

Deno.test("a watch ends or fails at a hint, as the script says", async () => {
  const ended = new Setup({ hintScript: () => ({ kind: "end" }) });
  await ended.write();
  assertEquals((await ended.hints.next()).done, true);
  const own = new Error("own");
  for (const [fault, name] of [[{}, "InjectedFaultError"], [{ error: own }, "Error"]] as const) {
    const failed = new Setup({ hintScript: () => ({ kind: "fail", ...fault }) });
    await failed.write();
    const error = await assertRejects(() => failed.hints.next(), Error);
    assertEquals(error.name, name);
    assertEquals((await failed.hints.next()).done, true);
  }
});

Deno.test("an invalid fault of a hint fails the watch", async () => {
  for (
    const [fault, message] of [
      [{ kind: "loose" }, '"kind" must be one of lose, delay, double, end, fail: current value is "loose"'],
      [{ kind: "delay", delay: 0 }, '"delay" must be milliseconds'],
      [{ kind: "lose", delays: 1 }, '"delays" is not an option'],
    ] as const
  ) {
    const setup = new Setup({ hintScript: () => fault as HintFault });
    await setup.write();
    await assertRejects(() => setup.hints.next(), Error, `Cannot inject the fault as ${message}`);
  }
});

Deno.test("no hint comes while the store is down, and lists fail", async () => {
  const setup = new Setup({});
  setup.store.breakDown();
  await setup.write();
  assertEquals(await setup.count(), 0);
  await assertRejects(() => keysOf(setup.store), InjectedFaultError);
  setup.store.heal();
  await setup.write();
  assertEquals((await setup.next).done, false);
  assertEquals([await keysOf(setup.store), setup.store.hintFaults.lose], [[KEY], 1]);
  await setup.hints.return?.();
});

/** Writes a hundred times, one call of the store each. Returns the faults. */
async function faultsOf(options: FaultyStoreOptions, reads = 0): Promise<string> {
  const setup = new Setup(options);
  const lines: string[] = [];
  for (let write = 0; write < 100; write++) {
    for (let read = 0; read < reads; read++) await setup.store.read(KEY).catch(() => {});
    await setup.write();
    lines.push(JSON.stringify(setup.store.hintFaults));
  }
  await setup.hints.return?.();
  return lines.join("\n");
}

Deno.test("the same seed gives the same faults of hints, regardless of the calls in between", async () => {
  const hintRates = { lose: 0.2, delay: 0.2, double: 0.2 };
  const rates = { failBefore: 0.2 };
  const one = await faultsOf({ seed: 7, hintRates, rates });
  assertEquals(one, await faultsOf({ seed: 7, hintRates, rates }, 2));
  assert(one !== await faultsOf({ seed: 8, hintRates, rates }));
  const last = JSON.parse(one.slice(one.lastIndexOf("\n")));
  for (const kind of ["lose", "delay", "double"]) assert(last[kind] > 5 && last[kind] < 40, `${kind}: ${last[kind]}`);
  assertEquals([last.end, last.fail], [0, 0]);
  const byDefault = await faultsOf({ seed: 7 });
  assert(new Set(byDefault.split("\n")).size > 1);
  for (const options of [{ hintRates: {} }, { rates }]) {
    const none = await faultsOf({ seed: 7, ...options });
    assertEquals(new Set(none.split("\n")).size, 1);
  }
});
