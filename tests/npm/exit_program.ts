// RUNTIME exit_program.mjs CASE [URL of a fake of Cloud Storage]
//
// A program for Node and Bun that is bundled and run against the installed package. It runs one case, and must then exit by itself.
// Intervals, timeouts and delays are an hour unless the case needs them, so that a timer that was not cleared keeps it running. The
// last line counts the timers that are left, where the runtime lists them. `list` prints the names of the cases.

import process from "node:process";
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import type { IntervalTaskOptions, NeatPeriodicTaskEventMap, Run, StatusStore } from "@neat/periodic-task";
import { GcsStore } from "@neat/periodic-task/stores/gcs";

const SILENT = { info() {}, warn() {}, error() {} };
const HOUR = { hours: 1 };

function create(options: Partial<IntervalTaskOptions> = {}): NeatPeriodicTaskScheduler {
  const task = (): void => console.log("run");
  return new NeatPeriodicTaskScheduler({ name: "task", interval: HOUR, timeout: HOUR, task, log: SILENT, ...options });
}

/** A task that rejects with its signal's reason once it is aborted. */
function untilAborted({ signal }: Run): Promise<never> {
  console.log("run");
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** A task that never settles and ignores its signal. */
function neverSettles(): Promise<never> {
  console.log("run");
  return new Promise(() => {});
}

/** Resolves with the next event of a type. */
function nextEvent(scheduler: NeatPeriodicTaskScheduler, type: keyof NeatPeriodicTaskEventMap): Promise<unknown> {
  return new Promise((resolve) => scheduler.addEventListener(type, resolve, { once: true }));
}

/** Starts a scheduler, waits for an event, and stops the scheduler. */
async function stopAfter(
  type: keyof NeatPeriodicTaskEventMap,
  options: Partial<IntervalTaskOptions> = {},
  stop?: Parameters<NeatPeriodicTaskScheduler["stop"]>[0],
): Promise<void> {
  const scheduler = create(options);
  const event = nextEvent(scheduler, type);
  scheduler.start();
  await event;
  // the loop sets its next timer after the event
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(JSON.stringify(await scheduler.stop(stop)));
}

/** A store whose calls fail while the function returns a promise. */
function storeWith(failure: () => Promise<never> | undefined): StatusStore {
  const inner = new MemoryStore();
  return {
    read: async (key, options) => await failure() ?? await inner.read(key, options),
    write: async (key, value, version, options) => await failure() ?? await inner.write(key, value, version, options),
  };
}

const failing = (): Promise<never> => Promise.reject(new Error("down"));

const CASES: Readonly<Record<string, () => unknown>> = {
  "a scheduler that is never started": () => create(),
  "trigger() and stop()": async () => {
    const scheduler = create();
    await scheduler.trigger();
    console.log(JSON.stringify(await scheduler.stop()));
  },
  "trigger() without stop()": async () => console.log((await create().trigger()).outcome),
  "start() with keepAlive: false, and no stop()": async () => {
    const scheduler = create({ keepAlive: false });
    const finished = nextEvent(scheduler, "finished");
    scheduler.start();
    await finished;
  },
  "start() and stop()": () => stopAfter("finished"),
  "stop() after a run with heartbeats": async () => {
    const scheduler = create({ heartbeatInterval: HOUR, heartbeatTimeout: { hours: 2 } });
    scheduler.start();
    await nextEvent(scheduler, "finished");
    await scheduler.stop();
  },
  "stop({ abort }) during a run": () =>
    stopAfter("start", { task: untilAborted, heartbeatInterval: HOUR }, { abort: true }),
  "stop({ timeout }) during a task that never settles": () =>
    stopAfter("start", { task: neverSettles, heartbeatInterval: HOUR }, { timeout: 50 }),
  "stop({ timeout }) of an hour": () => stopAfter("finished", {}, { timeout: HOUR }),
  "a timeout": () => stopAfter("failed", { task: untilAborted, timeout: 100, retryDelay: HOUR }),
  "a timeout of a task that never settles": () =>
    stopAfter("abandoned", { task: neverSettles, timeout: 100, retryDelay: HOUR }),
  "a failure": () => stopAfter("failed", { task: () => Promise.reject(new Error("no connection")), retryDelay: HOUR }),
  "a lost lease": () => {
    let isDown = false;
    const task = (run: Run): Promise<never> => {
      isDown = true;
      return untilAborted(run);
    };
    const store = storeWith(() => isDown ? failing() : undefined);
    return stopAfter("leaselost", { store, task, heartbeatInterval: 20, heartbeatTimeout: 200, retryDelay: HOUR });
  },
  "a failed store": () => stopAfter("storeerror", { store: storeWith(failing) }),
  "a store that never answers": async () => {
    const scheduler = create({ store: storeWith(() => new Promise<never>(() => {})) });
    scheduler.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify(await scheduler.stop({ abort: true, timeout: 50 })));
  },
  "a store over HTTP": () => {
    const store = new GcsStore({ bucket: "bucket", apiEndpoint: process.argv[3] ?? "" });
    // a new name, because the store has the records of other programs
    return stopAfter("finished", { store, name: crypto.randomUUID() });
  },
  "a group": async () => {
    const names = ["backup", "clean-up"];
    const group = new NeatPeriodicTaskGroup(names.map((name) => create({ name })));
    const finished = Promise.all([...group].map((scheduler) => nextEvent(scheduler, "finished")));
    group.start();
    await finished;
    console.log(JSON.stringify([...await group.stop()]));
  },
};

/** Returns the timers that keep the program running. Bun does not list them. */
function timers(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /timeout|immediate/i.test(kind));
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? "";
  if (name === "list") return console.log(JSON.stringify(Object.keys(CASES)));
  const run = CASES[name];
  if (!run) throw new RangeError(`Cannot run the case as it does not exist: current value is "${name}"`);
  await run();
  // an immediate of the runtime itself may be pending
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(`exit with ${timers().length} timers`);
}

main();
