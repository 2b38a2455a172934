// From when a lease counts, and that signs of life and the outcome never get in each other's way.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { LeaseLostError, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

Deno.test("a lease counts from when its last confirmed heartbeat was sent, however late that was answered", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  let lostAt: number | undefined;
  let reason: unknown;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "beating",
    interval: HOUR,
    timeout: 60_000,
    heartbeatInterval: 1_000,
    heartbeatTimeout: 3_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: ({ signal }) =>
      virtual.delay(50_000, signal).catch((error) => {
        reason = error;
        lostAt = virtual.nowMs - begin;
      }),
  });
  scheduler.start();
  await virtual.advance(1_500);
  // sent at 2 s and answered at 3.5 s; later ones fail
  store.script = async (call) => {
    if (virtual.nowMs - begin > 2_000) return { fails: new Error("gone") };
    if (call === "write") await virtual.delay(1_500);
    return undefined;
  };
  await virtual.advance(10_000);
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(lostAt, 5_000);
  store.script = () => undefined;
  await virtual.advance(10 * 60_000);
});

Deno.test("an outcome never collides with a heartbeat, however close to its answer the task returns", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const virtual = new VirtualTime();
    const store = new ScriptedStore();
    const log = new KeptLog();
    const conflicts: number[] = [];
    let end = (): void => {};
    const write = store.write.bind(store);
    store.write = async (key, value, version, options) => {
      const answer = await write(key, value, version, options);
      if (answer === null) conflicts.push(virtual.nowMs);
      if (new TextDecoder().decode(value).includes("heartbeat")) void later(turns, end);
      return answer;
    };
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "beating",
      interval: HOUR,
      timeout: 60_000,
      heartbeatInterval: 1_000,
      store,
      clock: virtual.clock(),
      log,
      task: () => new Promise<void>((resolve) => end = resolve),
    });
    scheduler.start();
    await virtual.advance(1_000);
    const where = `${turns} turns after the answer`;
    assertEquals([(await store.record("beating")).state, conflicts], ["finished", []], where);
    assertEquals(store.count("write"), 4, where);
    await scheduler.stop();
  }
});

/** Calls after so many turns of the microtask queue. */
async function later(turns: number, call: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await undefined;
  call();
}
