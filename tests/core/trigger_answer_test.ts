// What a trigger is answered where the store gets in the way, and that an answer nobody waits for does no harm.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const ERROR = new Error("a trigger that nobody waits for");

Deno.test("a trigger that fails and that nobody waits for is no unhandled rejection", async () => {
  const escaped: unknown[] = [];
  const note = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    escaped.push(event.reason);
  };
  addEventListener("unhandledrejection", note);
  try {
    const virtual = new VirtualTime();
    const store = new ScriptedStore();
    store.script = () => ({ fails: ERROR });
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "unawaited",
      interval: 60_000,
      timeout: 5_000,
      store,
      clock: virtual.clock(),
      log: SILENT,
      task: () => {},
    });
    scheduler.trigger();
    await virtual.advance(60_000);
    // rejections are told of in a turn of the event loop
    await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals([store.calls.length, escaped], [1, []]);
    await scheduler.stop();
  } finally {
    removeEventListener("unhandledrejection", note);
  }
});

/** A task whose last run was a second ago. */
async function setting(): Promise<
  { virtual: VirtualTime; store: ScriptedStore; scheduler: NeatPeriodicTaskScheduler }
> {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await store.put("triggered", finished(virtual));
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "triggered",
    interval: 3_600_000,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
  });
  return { virtual, store, scheduler };
}

function finished(virtual: VirtualTime): Record<string, unknown> {
  return {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: new Date(virtual.nowMs - 1_000).toISOString(),
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
    write: crypto.randomUUID(),
  };
}

Deno.test("a trigger whose claim can't be settled rejects when its lease is over", async () => {
  const { virtual, store, scheduler } = await setting();
  store.script = (_, count) => count > 1 ? { fails: "gone" } : undefined;
  const answer = assertRejects(
    () => scheduler.trigger(),
    Error,
    "Cannot run the task as the claim was not answered in time",
  );
  await virtual.advance(20_000);
  await answer;
  assertEquals(scheduler.explain().state, "new");
  assertEquals(virtual.timers, 0);
});

Deno.test("a trigger whose claim is lost to a run that has ended since is served after a moment", async () => {
  const { virtual, store, scheduler } = await setting();
  const begin = virtual.nowMs;
  scheduler.start();
  await virtual.advance(1_000);
  store.script = async (call) => {
    if (call === "write" && store.count("write") === 1) await store.put("triggered", finished(virtual));
    return undefined;
  };
  let answeredAt: number | undefined;
  const answer = scheduler.trigger().finally(() => answeredAt = virtual.nowMs);
  await virtual.advance(5_000);
  assert(answeredAt !== undefined && answeredAt - begin < 4_000);
  assertEquals((await answer).outcome, "finished");
  await scheduler.stop();
});
