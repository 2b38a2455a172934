import { assert, assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly log: KeptLog;
  readonly scheduler: NeatPeriodicTaskScheduler;
  readonly runs: number[];
}

/** A task whose record was made before, so that the first write is the claim. */
async function setting(heartbeat = false): Promise<Setting> {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  await store.put("unanswered", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "idle",
    started: "1970-01-01T00:00:00.000Z",
    owner: "-",
  });
  const log = new KeptLog();
  const runs: number[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "unanswered",
    interval: 60_000,
    timeout: 10_000,
    minCycle: 5_000,
    store,
    clock: virtual.clock(),
    log,
    heartbeatInterval: heartbeat ? 1_000 : undefined,
    task: () => {
      runs.push(virtual.nowMs - begin);
      return heartbeat ? virtual.delay(5_000) : undefined;
    },
  });
  return { virtual, store, log, scheduler, runs };
}

const lost = { takesEffect: true, fails: new Error("reply lost") };
const refused = { fails: new Error("refused") };

Deno.test("a claim whose answer was lost is read back and its run begins at once, and once", async () => {
  const { virtual, store, log, scheduler, runs } = await setting();
  store.script = (call) => call === "write" && store.count("write") === 1 ? lost : undefined;
  scheduler.start();
  await virtual.advance(30_000);
  assertEquals(runs, [0]);
  assertEquals(store.calls.slice(0, 4), ["read", "write", "read", "write"]);
  assertEquals([log.count("warn"), (await store.record("unanswered")).state], [1, "finished"]);
  await scheduler.stop();
});

Deno.test("a claim that did not take effect is repeated with the same record until it is answered", async () => {
  const { virtual, store, scheduler, runs } = await setting();
  const written = new Set<string>();
  const inner = store.inner.write.bind(store.inner);
  store.inner.write = (key, value, version) => {
    written.add(new TextDecoder().decode(value));
    return inner(key, value, version);
  };
  store.script = (call) => call === "write" && store.count("write") <= 3 ? refused : undefined;
  scheduler.start();
  await virtual.advance(9_000);
  assertEquals(runs.length, 1);
  assertEquals(written.size, 2);
  await scheduler.stop();
});

Deno.test("a claim that can't be settled within its lease starts no run", async () => {
  const { virtual, store, scheduler, runs } = await setting();
  let isDown = false;
  store.script = (call) => {
    if (call === "write" && store.count("write") === 1) {
      isDown = true;
      return lost;
    }
    return isDown ? refused : undefined;
  };
  scheduler.start();
  await virtual.advance(10_500);
  isDown = false;
  await virtual.advance(4_000);
  assertEquals(runs, []);
  await virtual.advance(10_000);
  assertEquals(runs.length, 1);
  assertEquals((await store.record("unanswered")).term, 2);
  await scheduler.stop();
});

Deno.test("a claim that another overtakes while it is unanswered is lost", async () => {
  const { virtual, store, scheduler, runs } = await setting();
  const other = {
    format: "neat-periodic-task-status",
    version: 1,
    state: "running",
    started: new Date(virtual.nowMs).toISOString(),
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
    term: 1,
    write: "other",
  };
  store.script = async (call) => {
    if (call !== "write" || store.count("write") !== 1) return undefined;
    await store.put("unanswered", other);
    return refused;
  };
  scheduler.start();
  await virtual.advance(9_999);
  assertEquals(runs, []);
  assertEquals(await store.record("unanswered"), other);
  await scheduler.stop();
});

Deno.test("a claim that is won too late for its lease is given back, and starts no run", async () => {
  const { virtual, store, scheduler, runs } = await setting();
  store.script = async (call) => {
    if (call === "write" && store.count("write") === 1) await virtual.delay(9_999);
    if (call === "write" && store.count("write") === 2) await virtual.delay(9_999);
    return undefined;
  };
  const steps: unknown[] = [];
  const write = store.inner.write.bind(store.inner);
  store.inner.write = async (key, value, version) => {
    steps.push(JSON.parse(new TextDecoder().decode(value)).state);
    if (steps.length === 1) await virtual.delay(5);
    return await write(key, value, version);
  };
  scheduler.start();
  await virtual.advance(60_000);
  assert(runs.every((ms) => ms > 10_000));
  assertEquals(steps[0], "running");
  await Promise.all([scheduler.stop(), virtual.advance(20_000)]);
});

Deno.test("an outcome whose answer was lost is read back, and one that was refused is written again", async () => {
  for (const fault of [lost, refused]) {
    const { virtual, store, scheduler, runs } = await setting();
    store.script = (call) => call === "write" && store.count("write") === 2 ? fault : undefined;
    scheduler.start();
    await virtual.advance(5_000);
    assertEquals((await store.record("unanswered")).state, "finished");
    await virtual.advance(55_000);
    assertEquals(runs, [0, 60_000]);
    await scheduler.stop();
  }
});

Deno.test("a heartbeat that lands after its run gave up on it does not keep the outcome from being written", async () => {
  const { virtual, store, log, scheduler } = await setting(true);
  const late: (() => Promise<unknown>)[] = [];
  store.script = (call) => call === "write" && store.count("write") === 5 ? { hangs: true } : undefined;
  const write = store.write.bind(store);
  store.write = (key, value, version, options) => {
    if (store.count("write") === 4) late.push(() => store.inner.write(key, value, version));
    return write(key, value, version, options);
  };
  scheduler.start();
  await virtual.advance(4_900);
  assertEquals(late.length, 1);
  store.script = async (call) => {
    if (call === "write") await late.pop()?.();
    return undefined;
  };
  await virtual.advance(3_000);
  const { state, finished } = await store.record("unanswered");
  assertEquals([state, typeof finished, late.length], ["finished", "string", 0]);
  assertEquals(log.count("### [FINISHED]"), 1);
  await scheduler.stop();
});

for (const heartbeat of [false, true]) {
  Deno.test(`an outcome is tried again until the lease is over, with ${heartbeat ? "a" : "no"} heartbeat`, async () => {
    const { virtual, store, scheduler } = await setting(heartbeat);
    const begin = virtual.nowMs;
    const tries: number[] = [];
    scheduler.start();
    await virtual.advance(4_900);
    // without a heartbeat the task has returned at once; its next run is 60 s later
    if (!heartbeat) await virtual.advance(55_099);
    const confirmedMs = heartbeat ? 4_000 : 60_000;
    const leaseMs = heartbeat ? 3_000 : 10_000;
    let claims = heartbeat ? 1 : 0;
    store.script = (call) => {
      if (call === "read") return refused;
      if (claims++ === 0) return undefined;
      tries.push(virtual.nowMs - begin);
      return refused;
    };
    await virtual.advance(30_000);
    assert(tries.length > 1, `${tries}`);
    assert(tries.every((ms) => ms < confirmedMs + leaseMs), `${tries} exceed ${confirmedMs + leaseMs}`);
    store.script = () => undefined;
    await Promise.all([scheduler.stop(), virtual.advance(20_000)]);
  });
}
