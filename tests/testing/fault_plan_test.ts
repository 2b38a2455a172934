import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryStore } from "../../mod.ts";
import { type FaultKind, FaultyStore, type FaultyStoreOptions, InjectedFaultError } from "../../src/testing/mod.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { KEY, NEW, WatchedCall } from "./faulty_store_setup.ts";

function sum({ faults }: FaultyStore): number {
  return Object.values(faults).reduce((total, count) => total + count, 0);
}

/** Makes 400 calls, one after the other. Returns the fault, the state and the time of each. */
async function runCalls(options: FaultyStoreOptions): Promise<{ lines: string[]; store: FaultyStore }> {
  const virtual = new VirtualTime();
  const lines: string[] = [];
  const store = new FaultyStore(new MemoryStore(), { clock: virtual.clock(), ...options });
  const startMs = virtual.nowMs;
  for (let call = 1; call <= 400; call++) {
    const before = store.faults;
    const abort = new AbortController();
    const watched = new WatchedCall(
      call % 2 ? store.read(KEY, abort) : store.write(KEY, NEW, null, abort),
    );
    await virtual.settle();
    const kind = (Object.keys(before) as FaultKind[]).find((kind) => store.faults[kind] > before[kind]);
    for (let step = 0; step < 20 && watched.state === "pending"; step++) await virtual.advance(100);
    abort.abort();
    await virtual.settle();
    lines.push(`${kind} ${watched.state} ${virtual.nowMs - startMs}`);
  }
  return { lines, store };
}

Deno.test("the same seed gives the same faults, another seed gives others", async () => {
  const [one, same, other] = [await runCalls({ seed: 3 }), await runCalls({ seed: 3 }), await runCalls({ seed: 4 })];
  assertEquals(one.lines, same.lines);
  assert(one.lines.join() !== other.lines.join());
});

Deno.test("random faults are as frequent as their rates, by default 5 % each", async () => {
  const { store: byDefault } = await runCalls({ seed: 5 });
  // reads have no landLate
  for (const count of Object.values(byDefault.faults)) assert(count >= 3 && count <= 40, `${count}`);
  const { store } = await runCalls({ seed: 5, rates: { failBefore: 0.5, delay: 0.25 } });
  const { failBefore, delay, ...others } = store.faults;
  assert(failBefore > 160 && failBefore < 240 && delay > 70 && delay < 130, `${failBefore}, ${delay}`);
  assertEquals(Object.values(others), [0, 0, 0, 0]);
  const { store: all } = await runCalls({ seed: 5, rates: { answerLate: 0.1, neverAnswer: 0.9 } });
  assertEquals(sum(all), 400);
  const { store: none } = await runCalls({ seed: 5, rates: {} });
  assertEquals(sum(none), 0);
});

Deno.test("random delays are at most maxDelay, and no read has landLate", async () => {
  const kinds = new Set<string>();
  const virtual = new VirtualTime();
  const store = new FaultyStore(new MemoryStore(), {
    clock: virtual.clock(),
    seed: 1,
    maxDelay: { seconds: 2 },
    rates: { delay: 0.5, landLate: 0.5 },
  });
  for (let call = 1; call <= 100; call++) {
    const read = new WatchedCall(store.read(KEY));
    const startMs = virtual.nowMs;
    while (read.state === "pending") await virtual.advance(100);
    kinds.add(virtual.nowMs - startMs > 1_000 ? "long" : "short");
    assert(virtual.nowMs - startMs <= 2_000 && read.state === "answered null");
  }
  assertEquals([[...kinds].toSorted(), store.faults.landLate], [["long", "short"], 0]);
});

Deno.test("the rate ignoresSignal is the share of faults that ignore signals", async () => {
  const virtual = new VirtualTime();
  const rates = { neverAnswer: 1, ignoresSignal: 0.5 };
  const store = new FaultyStore(new MemoryStore(), { clock: virtual.clock(), seed: 1, rates });
  let ignoring = 0;
  for (let call = 1; call <= 100; call++) {
    const abort = new AbortController();
    const read = new WatchedCall(store.read(KEY, abort));
    abort.abort();
    await virtual.settle();
    if (read.state === "pending") ignoring++;
  }
  assert(ignoring > 30 && ignoring < 70, `${ignoring}`);
});

Deno.test("random replaces the seed", async () => {
  const numbers = [0.04, 0, 0, 0, 0.06, 0, 0, 0, 0.99, 0, 0, 0];
  const store = new FaultyStore(new MemoryStore(), { random: () => numbers.shift()! });
  await assertRejects(() => store.read(KEY), InjectedFaultError);
  await assertRejects(() => store.read(KEY), InjectedFaultError);
  assertEquals(await store.read(KEY), null);
  assertEquals([store.faults.failBefore, store.faults.failAfter, numbers], [1, 1, []]);
});

Deno.test("a script comes before random faults and does not change those of other calls", async () => {
  const failures = async (script?: FaultyStoreOptions["script"]): Promise<number[]> => {
    const store = new FaultyStore(new MemoryStore(), { seed: 9, rates: { failBefore: 0.3 }, script });
    const failed: number[] = [];
    for (let call = 1; call <= 50; call++) await store.read(KEY).catch(() => failed.push(call));
    return failed;
  };
  const byChance = await failures();
  const both = await failures(({ count }) => count === 10 ? { kind: "failAfter" } : undefined);
  assertEquals(both, [...new Set([...byChance, 10])].toSorted((one, other) => one - other));
});
