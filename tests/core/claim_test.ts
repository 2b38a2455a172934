// What a claim says, and when it is given up rather than repeated or run.

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const OTHER = "BBBBBBBBBBBBBBBBBBBBBB";

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly log: KeptLog;
  readonly scheduler: NeatPeriodicTaskScheduler;
  /** The terms of the runs. */
  readonly terms: number[];
  /** The records that were sent, in order, whatever became of them. */
  readonly sent: Record<string, unknown>[];
}

/** A task that ends at once, and a record, so that the first write is a claim. */
async function setting(options: Partial<IntervalTaskOptions> = {}, record: object = {}): Promise<Setting> {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await store.put("claimed", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "idle",
    started: "1970-01-01T00:00:00.000Z",
    owner: "-",
    ...record,
  });
  const sent: Record<string, unknown>[] = [];
  const write = store.write.bind(store);
  store.write = (key, value, version, options) => {
    sent.push(JSON.parse(new TextDecoder().decode(value)));
    return write(key, value, version, options);
  };
  const log = new KeptLog();
  const terms: number[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "claimed",
    interval: MINUTE,
    timeout: 10_000,
    minCycle: 5_000,
    store,
    clock: virtual.clock(),
    log,
    task: ({ term }) => void terms.push(term),
    ...options,
  });
  return { virtual, store, log, scheduler, terms, sent };
}

/** A record of another replica's run under way. */
function running(virtual: VirtualTime, fields: object = {}): Record<string, unknown> {
  return {
    format: "neat-periodic-task-status",
    version: 1,
    state: "running",
    started: new Date(virtual.nowMs).toISOString(),
    owner: OTHER,
    term: 4,
    write: "other",
    ...fields,
  };
}

Deno.test("a claim that failed is sent again as the same record, so that it is found whenever it lands", async () => {
  const { virtual, store, scheduler, terms, sent } = await setting();
  store.script = (call) => call === "write" && store.count("write") <= 3 ? { fails: "refused" } : undefined;
  scheduler.start();
  await virtual.advance(9_000);
  assertEquals(sent.map(({ state }) => state), ["running", "running", "running", "running", "finished"]);
  assertEquals(new Set(sent.slice(0, 4).map((record) => JSON.stringify(record))).size, 1);
  assertEquals(terms, [1]);
  await scheduler.stop();
});

Deno.test("a write that failed is sent again no more than once in two seconds", async () => {
  const { virtual, store, scheduler, sent } = await setting({ timeout: MINUTE });
  store.script = (call) => call === "write" ? { fails: "refused" } : undefined;
  scheduler.start();
  await virtual.advance(20_000);
  assert(sent.length > 2 && sent.length <= 11, `${sent.length}`);
  await Promise.all([scheduler.stop(), virtual.advance(1_000)]);
});

Deno.test("a claim that is refused although nothing has changed is given up, and the next is a new one", async () => {
  const { virtual, store, scheduler, terms, sent } = await setting();
  store.inner.write = () => Promise.resolve(null);
  scheduler.start();
  await virtual.advance(MINUTE);
  assertEquals(terms, []);
  assert(sent.length > 3);
  assertEquals(new Set(sent.map(({ owner }) => owner)).size, sent.length);
  await scheduler.stop();
});

Deno.test("a claim that another replica overtakes while it is unanswered is given up immediately", async () => {
  const { virtual, store, scheduler, sent } = await setting();
  store.script = async (call) => {
    if (call !== "write" || store.count("write") !== 1) return undefined;
    await store.put("claimed", running(virtual));
    return { fails: "refused" };
  };
  scheduler.start();
  await virtual.advance(0);
  assertEquals(scheduler.explain().reason, "running-elsewhere");
  await virtual.advance(9_000);
  assertEquals(sent.length, 1);
  await scheduler.stop();
});

Deno.test("a claim that is confirmed after its lease is released, not run", async () => {
  const { virtual, store, scheduler, terms, sent } = await setting({ timeout: MINUTE, heartbeatTimeout: 3_000 });
  store.script = (call) =>
    call === "write" && store.count("write") === 1 ? { takesEffect: true, hangs: true } : undefined;
  scheduler.start();
  await virtual.advance(3_000);
  assertEquals(sent.map(({ state }) => state).slice(0, 2), ["running", "idle"]);
  await virtual.advance(10_000);
  assertEquals(terms, [2]);
  await scheduler.stop();
});

Deno.test("a claim that is answered after its timeout is released, not run", async () => {
  const { virtual, store, scheduler, terms, sent } = await setting({ timeout: 2_000, heartbeatTimeout: 30_000 });
  store.script = async (call) => {
    if (call === "write" && store.count("write") === 1) await virtual.delay(2_000);
    return undefined;
  };
  scheduler.start();
  await virtual.advance(2_000);
  assertEquals(sent.map(({ state }) => state).slice(0, 2), ["running", "idle"]);
  await virtual.advance(10_000);
  assertEquals(terms, [2]);
  await scheduler.stop();
});

Deno.test("terms rise though the original, which knows none, has run in between", async () => {
  const { virtual, store, scheduler, terms } = await setting({}, { term: 6 });
  scheduler.start();
  await virtual.advance(1_000);
  await store.put("claimed", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: new Date(virtual.nowMs).toISOString(),
    owner: OTHER,
  });
  await virtual.advance(3 * MINUTE);
  assertEquals(terms.slice(0, 2), [7, 8]);
  await scheduler.stop();
});

Deno.test("a claim drops the heartbeat of the holder that it replaces", async () => {
  const virtual = new VirtualTime();
  const started = new Date(virtual.nowMs - 5 * MINUTE).toISOString();
  const heartbeat = new Date(virtual.nowMs - 4 * MINUTE).toISOString();
  const { scheduler, sent } = await setting({}, running(virtual, { started, heartbeat, lease: 10_000 }));
  scheduler.start();
  await virtual.advance(0);
  await scheduler.stop();
  assertEquals([sent[0]?.state, sent[0]?.term, sent[0]?.heartbeat], ["running", 5, undefined]);
});

Deno.test("a claim and its heartbeats are dated no earlier than they were sent, by a store that cuts its time", async () => {
  const { virtual, store, scheduler } = await setting({
    timeout: MINUTE,
    heartbeatInterval: 1_000,
    task: () => never(),
  });
  await virtual.advance(777);
  store.storeTime = () => Math.floor(virtual.nowMs / 1_000) * 1_000;
  const dates: [number, number][] = [];
  const write = store.write;
  store.write = (key, value, version, options) => {
    const { heartbeat, started } = JSON.parse(new TextDecoder().decode(value));
    dates.push([Date.parse(heartbeat ?? started), virtual.nowMs]);
    return write(key, value, version, options);
  };
  store.script = async (call) => {
    if (call === "read") await virtual.delay(400);
    return undefined;
  };
  scheduler.start();
  await virtual.advance(10_000);
  assert(dates.length > 9);
  for (const [dated, sentAt] of dates) assertGreaterOrEqual(dated, sentAt);
  await Promise.all([scheduler.stop({ abort: true, timeout: 1 }), virtual.advance(5_000)]);
});

Deno.test("no claim is sent after stop() was called, however close to the answer of a read that is", async () => {
  for (let turns = 0; turns < 30; turns++) {
    const { virtual, store, scheduler, sent, terms } = await setting();
    let sentBefore: number | undefined;
    let runsBefore = 0;
    const stopLater = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      sentBefore ??= sent.length;
      runsBefore = terms.length;
      void scheduler.stop();
    };
    const read = store.read.bind(store);
    store.read = async (key, options) => {
      const entry = await read(key, options);
      void stopLater();
      return entry;
    };
    scheduler.start();
    await virtual.advance(20_000);
    const begun = sent.slice(sentBefore).filter(({ state }) => state === "running");
    assertEquals([begun, terms.length - runsBefore, virtual.timers], [[], 0, 0], `${turns} turns after the answer`);
  }
});

function never(): Promise<void> {
  return new Promise(() => {});
}
