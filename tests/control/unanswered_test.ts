// Writes of control functions that the store does not answer: they took effect, did not, or take effect late.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryStore } from "../../mod.ts";
import {
  type ChangeResult,
  pauseTask,
  requestRun,
  resetTask,
  resumeTask,
  UnconfirmedChangeError,
} from "../../src/control.ts";
import { type Fault, FaultyStore } from "../../src/testing/mod.ts";
import { at, ours } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { type Fields, NAME, PAUSED, RECORDS, setup } from "./setup.ts";

/** A change in progress on a store whose first write fails, or its first writes. */
interface Running<Result> {
  readonly virtual: VirtualTime;
  /** The store without its faults. */
  readonly inner: ScriptedStore;
  readonly faulty: FaultyStore;
  readonly result: Promise<Result>;
}

type Change<Result> = (
  store: FaultyStore,
  options: { readonly clock: ReturnType<VirtualTime["clock"]> },
) => Promise<Result>;

/** Starts a change whose writes fail in some ways, one after the other. */
async function start<Result>(record: Fields, change: Change<Result>, ...faults: Fault[]): Promise<Running<Result>> {
  const { virtual, store: inner, options: { clock = virtual.clock() } } = await setup(record);
  const script = ({ kind, count }: { kind: string; count: number }): Fault | undefined =>
    kind === "write" ? faults[count - 1] : undefined;
  const faulty = new FaultyStore(inner, { script, clock });
  const result = change(faulty, { clock });
  // awaited later
  result.catch(() => {});
  return { virtual, inner, faulty, result };
}

const CHANGES:
  readonly (readonly [name: string, change: Change<ChangeResult<string>>, record: Fields, outcome: string])[] = [
    ["pauseTask()", (store, options) => pauseTask(store, NAME, { ...options, by: "Cleo" }), RECORDS.finished, "paused"],
    ["resumeTask()", (store, options) => resumeTask(store, NAME, options), { ...RECORDS.failed, ...PAUSED }, "resumed"],
    ["requestRun()", (store, options) => requestRun(store, NAME, options), RECORDS.finished, "requested"],
    ["resetTask()", (store, options) => resetTask(store, NAME, options), RECORDS.failed, "reset"],
  ];

for (const [name, change, record, outcome] of CHANGES) {
  Deno.test(`${name} finds its write in the record if the answer was lost`, async () => {
    const { virtual, faulty, result } = await start(record, change, { kind: "failAfter" });
    await virtual.advance(1_000);
    assertEquals([(await result).outcome, faulty.calls.write], [outcome, 1]);
  });

  Deno.test(`${name} repeats a write that failed without effect`, async () => {
    const { virtual, inner, faulty, result } = await start(record, change, { kind: "failBefore" });
    await virtual.advance(1_000);
    assertEquals([(await result).outcome, faulty.calls.write, inner.count("write")], [outcome, 2, 1]);
  });

  Deno.test(`${name} finds a failed write that takes effect before the record is read back`, async () => {
    const { virtual, faulty, result } = await start(record, change, { kind: "landLate", delay: 20 });
    await virtual.advance(1_000);
    assertEquals([(await result).outcome, faulty.calls.write], [outcome, 1]);
  });

  Deno.test(`${name} finds a failed write that takes effect before its repetition arrives`, async () => {
    const { virtual, store: inner, options: { clock = virtual.clock() } } = await setup(record);
    const script = ({ kind, count }: { kind: string; count: number }): Fault | undefined => {
      if (kind === "write" && count === 1) return { kind: "landLate", delay: 500 };
      return kind === "read" && count === 2 ? { kind: "answerLate", delay: 1_000 } : undefined;
    };
    const faulty = new FaultyStore(inner, { script, clock });
    const result = change(faulty, { clock });
    await virtual.advance(5_000);
    assertEquals([(await result).outcome, faulty.calls.write], [outcome, 2]);
  });

  Deno.test(`${name} finds its write behind a conflict, as clients of some stores repeat a request`, async () => {
    const { virtual, store, options: { clock = virtual.clock() } } = await setup(record);
    const faulty = new FaultyStore(store, { clock });
    const write = faulty.write.bind(faulty);
    faulty.write = async (...args) => {
      await write(...args);
      return null;
    };
    const result = change(faulty, { clock });
    await virtual.advance(1_000);
    assertEquals([(await result).outcome, faulty.calls.write], [outcome, 1]);
  });

  Deno.test(`${name} changes the record once if a failed write arrives after its repetition`, async () => {
    const { virtual, inner, faulty, result } = await start(record, change, { kind: "landLate", delay: 2_000 });
    await virtual.advance(1_000);
    assertEquals([(await result).outcome, faulty.calls.write, faulty.landing], [outcome, 2, 1]);
    const after = await inner.text(NAME);
    await virtual.advance(2_000);
    assertEquals([await inner.text(NAME), inner.count("write"), faulty.landing], [after, 2, 0]);
  });

  Deno.test(`${name} throws an UnconfirmedChangeError if the store answers no write`, async () => {
    const faults = Array.from({ length: 30 }, (): Fault => ({ kind: "failBefore", error: new Error("broken pipe") }));
    const { virtual, inner, result } = await start(record, change, ...faults);
    await virtual.advance(40_000);
    const error = await assertRejects(() => result, UnconfirmedChangeError, "broken pipe");
    assertEquals([(error.cause as Error).message, inner.count("write")], ["broken pipe", 0]);
    assert(virtual.timers === 0, "no timer is left");
  });

  Deno.test(`${name} ends within 30 seconds if the store hangs after a write`, async () => {
    const { virtual, faulty, result } = await start(record, change, { kind: "neverAnswer", takesEffect: true });
    await virtual.advance(1);
    faulty.breakDown({ kind: "neverAnswer" });
    await virtual.advance(30_000);
    await assertRejects(() => result, UnconfirmedChangeError);
  });

  Deno.test(`${name} throws the store's error if a read fails before anything was written`, async () => {
    const { virtual, store, options } = await setup(record);
    store.script = () => ({ fails: new Error("no route to host") });
    const { clock = virtual.clock() } = options;
    const faulty = new FaultyStore(store, { clock });
    await assertRejects(() => change(faulty, { clock }), Error, "no route to host");
    assertEquals(store.calls, ["read"]);
  });
}

/** Replaces the record while a change waits after its write, as the replicas or another person do. */
async function replace({ virtual, inner }: Running<unknown>, fields: Fields): Promise<void> {
  await virtual.advance(1);
  const record = { ...await inner.record(NAME), ...fields };
  await inner.put(NAME, record);
  await virtual.advance(1_000);
}

/** The fields of a claim after the last run. A claim removes the request. */
const CLAIMED: Fields = {
  state: "running",
  started: at(1),
  owner: "other",
  write: "claim",
  lease: 600_000,
  term: 8,
  requested: undefined,
  requestedBy: undefined,
};

Deno.test("requestRun() counts a run that was claimed after its unanswered write as the requested one", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => requestRun(store, NAME, options);
  const running = await start(RECORDS.finished, change, { kind: "failAfter" });
  await replace(running, CLAIMED);
  const { outcome, status } = await running.result;
  assertEquals([outcome, status.state, status.requested], ["requested", "running", undefined]);
  assertEquals((await running.inner.record(NAME))["requested"], undefined);
});

Deno.test("requestRun() finds its request after a claim was released that had removed it", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => requestRun(store, NAME, { ...options, by: "Cleo" });
  const running = await start(RECORDS.finished, change, { kind: "failAfter" });
  await replace(running, { owner: "-", term: 8, write: "release" });
  assertEquals((await running.result).outcome, "requested");
  assertEquals(running.faulty.calls.write, 1);
});

Deno.test("requestRun() requests again if its unanswered write was overtaken by a change without a claim", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => requestRun(store, NAME, options);
  const running = await start(RECORDS.finished, change, { kind: "failBefore" });
  await replace(running, { ...PAUSED, write: "pause" });
  assertEquals((await running.result).outcome, "requested");
  const { requested, pausedBy } = await running.inner.record(NAME);
  assertEquals([requested, pausedBy], [at(0), "Ada"]);
});

Deno.test("pauseTask() finds its pause in the heartbeat of a run that has taken it over", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => pauseTask(store, NAME, { ...options, by: "Cleo" });
  const running = await start(RECORDS.running, change, { kind: "failAfter" });
  await replace(running, { heartbeat: at(1), write: "heartbeat" });
  const { outcome, status } = await running.result;
  assertEquals([outcome, status.pausedBy, running.faulty.calls.write], ["paused", "Cleo", 1]);
});

Deno.test("resumeTask() counts a task that is no longer paused as resumed", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => resumeTask(store, NAME, options);
  const running = await start({ ...RECORDS.finished, ...PAUSED }, change, { kind: "failAfter" });
  await replace(running, CLAIMED);
  const { outcome, status } = await running.result;
  assertEquals([outcome, status.state], ["resumed", "running"]);
});

Deno.test("resetTask() recognises its effect after a replica has claimed the task without history", async () => {
  const change: Change<ChangeResult<string>> = (store, options) => resetTask(store, NAME, options);
  const running = await start(RECORDS.failed, change, { kind: "failAfter" });
  await replace(running, CLAIMED);
  const { outcome, status } = await running.result;
  assertEquals([outcome, status.state, status.recent], ["reset", "running", []]);
});

Deno.test("pauseTask() creates one record if the answer to its creation is lost", async () => {
  const virtual = new VirtualTime(at(0));
  const inner = new ScriptedStore(new MemoryStore());
  inner.script = (call) =>
    call === "write" && inner.count("write") === 1 ? { takesEffect: true, fails: "lost" } : undefined;
  const result = pauseTask(inner, NAME, { clock: virtual.clock(), create: true });
  await virtual.advance(1_000);
  assertEquals((await result).outcome, "paused");
  const { paused, term } = await inner.record(NAME);
  assertEquals([Date.parse(String(paused)) >= Date.parse(at(0)), term, inner.count("write")], [true, 0, 2]);
});

Deno.test("pauseTask() uses the record that a replica creates at the same moment", async () => {
  const virtual = new VirtualTime(at(0));
  const inner = new ScriptedStore();
  inner.script = async (call) => {
    if (call === "write" && inner.count("write") === 1) {
      await inner.put(NAME, ours({ state: "running", lease: 60_000 }));
    }
    return undefined;
  };
  const result = pauseTask(inner, NAME, { clock: virtual.clock(), create: true });
  await virtual.advance(1_000);
  assertEquals([(await result).outcome, (await result).status.state], ["paused", "running"]);
});

Deno.test("a control function throws the reason of its signal, before and during a call to the store", async () => {
  const { virtual, store, options } = await setup(RECORDS.finished);
  const aborted = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => pauseTask(store, NAME, { ...options, signal: aborted }), Error, "enough");
  assertEquals(store.calls, []);
  for (const call of ["read", "write"] as const) {
    const controller = new AbortController();
    store.script = (made) => made === call ? { hangs: true } : undefined;
    const result = pauseTask(store, NAME, { ...options, signal: controller.signal });
    result.catch(() => {});
    await virtual.advance(100);
    controller.abort(new Error("enough"));
    await assertRejects(() => result, Error, "enough");
  }
  assertEquals(virtual.timers, 0);
});
