// Which replica ran a task, and why another one goes on.

import { assert, assertEquals } from "@std/assert";
import {
  type IntervalTaskOptions,
  MemoryStore,
  type NeatPeriodicTaskEventMap,
  NeatPeriodicTaskScheduler,
  type StatusStore,
} from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

interface Replicas {
  readonly virtual: VirtualTime;
  readonly store: MemoryStore;
  readonly takeovers: NeatPeriodicTaskEventMap["takeover"][];
  readonly log: KeptLog;
}

function replicas(): Replicas {
  return { virtual: new VirtualTime(), store: new MemoryStore(), takeovers: [], log: new KeptLog() };
}

function replica(
  { virtual, store, takeovers, log }: Replicas,
  instance: string,
  options: Partial<IntervalTaskOptions> = {},
): NeatPeriodicTaskScheduler {
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "shared",
    instance,
    interval: HOUR,
    timeout: 10 * MINUTE,
    store,
    clock: virtual.clock(),
    log,
    task: () => {},
    ...options,
  });
  scheduler.addEventListener("takeover", (event) => takeovers.push(event));
  return scheduler;
}

Deno.test("instance is in the record, in status() and in every event", async () => {
  const given = replicas();
  await using one = replica(given, "host-a");
  const instances: string[] = [];
  for (const type of ["alive", "start", "finished"] as const) {
    one.addEventListener(type, ({ instance }) => instances.push(`${type} ${instance}`));
  }
  one.start();
  await given.virtual.advance(HOUR - 1);
  assertEquals((await one.status()).instance, "host-a");
  assertEquals(instances, ["start host-a", "finished host-a", "alive host-a"]);
  assertEquals(given.takeovers, []);
});

Deno.test("FAILED is logged and dispatched with the instance", async () => {
  const given = replicas();
  const logged: unknown[][] = [];
  const log = { info: () => {}, warn: () => {}, error: (...args: unknown[]) => void logged.push(args) };
  const error = new Error("no disk");
  await using one = replica(given, "host-a", { log, task: () => Promise.reject(error) });
  let instance: string | undefined;
  one.addEventListener("failed", (event) => instance = event.instance);
  await one.trigger();
  assertEquals(logged, [['### [FAILED] neat-periodic-task: "shared"', error, 'instance "host-a"']]);
  assertEquals(instance, "host-a");
});

Deno.test("the default instance is the same for all schedulers of a process", async () => {
  const names = await Promise.all(["one", "other"].map(async (name) => {
    await using scheduler = new NeatPeriodicTaskScheduler({
      name,
      interval: HOUR,
      timeout: MINUTE,
      log: new KeptLog(),
      task: () => {},
    });
    await scheduler.trigger();
    return (await scheduler.status()).instance;
  }));
  assert(names[0] !== undefined && names[0] === names[1], `${names}`);
});

Deno.test("a replica that crashes during a run is taken over from as its lease is over", async () => {
  const given = replicas();
  // its clock stands still, so that its outcome is never written
  const crashed = new VirtualTime();
  const holder = replica(given, "host-a", { clock: crashed.clock(), task: () => crashed.delay(HOUR) });
  holder.start();
  await crashed.settle();
  await using other = replica(given, "host-b");
  other.start();
  await given.virtual.advance(12 * MINUTE);
  assertEquals(given.takeovers.map(({ from, reason, instance }) => [from, reason, instance]), [
    ["host-a", "lease-over", "host-b"],
  ]);
  assert(given.log.lines.some((line) => line.includes('took over from "host-a": its lease is over')));
});

const SHORT_LEASES: { readonly by: string; readonly options: Partial<IntervalTaskOptions> }[] = [
  { by: "timeout", options: { timeout: 5_000 } },
  { by: "heartbeats", options: { heartbeatTimeout: 5_000 } },
];

for (const { by, options } of SHORT_LEASES) {
  Deno.test(`without a store clock, the end of a lease by ${by} is not waited for any longer if it was seen to begin`, async () => {
    const given = replicas();
    const { store, virtual } = given;
    let isCrashed = false;
    const never = new Promise<never>(() => {});
    const crashing: StatusStore = {
      read: (key) => isCrashed ? never : store.read(key),
      write: (...args) => isCrashed ? never : store.write(...args),
    };
    let runs = 0;
    let startedMs = 0;
    let takenOverMs = 0;
    const holder = replica(given, "host-a", {
      ...options,
      store: crashing,
      task: () => runs++ === 0 ? undefined : never,
    });
    holder.addEventListener("start", () => startedMs = virtual.nowMs);
    holder.start();
    await virtual.settle();
    // without watch(), which would show the claim
    const unwatched: StatusStore = { read: (key) => store.read(key), write: (...args) => store.write(...args) };
    await using other = replica(given, "host-b", { ...options, store: unwatched });
    other.addEventListener("takeover", () => takenOverMs ||= virtual.nowMs);
    other.start();
    await virtual.advance(HOUR + 2_000);
    isCrashed = true;
    await virtual.advance(MINUTE);
    const waitedMs = takenOverMs - startedMs;
    // the longest early check, or the heartbeat before the crash and the check after it
    const seenMs = by === "heartbeats" ? 1_700 + 3_400 : 2_500;
    const [leaseMs, spreadMs] = [5_500, 1_000];
    const limitMs = seenMs + leaseMs + spreadMs;
    assert(waitedMs > 5_000 && waitedMs <= limitMs, `${waitedMs} ms`);
  });
}

Deno.test("a replica that stops is taken over from at the next due time", async () => {
  const given = replicas();
  const one = replica(given, "host-a");
  await using other = replica(given, "host-b");
  one.start();
  await given.virtual.advance(MINUTE);
  other.start();
  await one.stop();
  await given.virtual.advance(2 * HOUR);
  assertEquals(given.takeovers.map(({ from, reason, instance }) => [from, reason, instance]), [
    ["host-a", "stopped", "host-b"],
  ]);
});

Deno.test("a replica that vanishes between two runs is taken over from after the fallback delay", async () => {
  const given = replicas();
  const vanished = replica(given, "host-a", { clock: new VirtualTime().clock() });
  await vanished.trigger();
  await using other = replica(given, "host-b");
  other.start();
  await given.virtual.advance(HOUR + 2 * MINUTE);
  assertEquals(given.takeovers.map(({ from, reason }) => [from, reason]), [["host-a", "overdue"]]);
});

Deno.test("trigger() on a standby takes over, and says so before START", async () => {
  const given = replicas();
  await using one = replica(given, "host-a");
  await using other = replica(given, "host-b");
  await one.trigger();
  given.log.lines.length = 0;
  await other.trigger();
  assertEquals(given.takeovers.map(({ reason, term }) => [reason, term]), [["triggered", 2]]);
  assert(given.log.lines[0]?.includes("took over from"), given.log.lines[0]);
  assert(given.log.lines[1]?.includes("[START]"), given.log.lines[1]);
});

Deno.test("trigger() of a paused task answers that it is paused", async () => {
  const given = replicas();
  await using one = replica(given, "host-a");
  await one.trigger();
  const entry = await given.store.read("shared");
  const record = { ...JSON.parse(new TextDecoder().decode(entry!.value)), paused: "2026-01-31T12:00:00.000Z" };
  await given.store.write("shared", new TextEncoder().encode(JSON.stringify(record)), entry!.version);
  assertEquals(await one.trigger(), { outcome: "paused" });
  assertEquals((await one.status()).paused, new Date("2026-01-31T12:00:00.000Z"));
});

Deno.test("a takeover listener that stops the scheduler prevents the run, and the claim is released", async () => {
  const given = replicas();
  const one = replica(given, "host-a");
  one.start();
  await given.virtual.advance(MINUTE);
  await one.stop();
  let runs = 0;
  const other = replica(given, "host-b", { task: () => void runs++ });
  other.addEventListener("takeover", () => void other.stop());
  other.start();
  await given.virtual.advance(2 * HOUR);
  assertEquals([given.takeovers.length, runs, other.state], [1, 0, "stopped"]);
  assertEquals((await other.status()).state, "finished");
});
