// To be bundled for Node and Bun: <runtime> BUNDLE ENDING [URL of a fake of Cloud Storage]
//
// Does what the ending says with a scheduler, and then nothing more: the program has to end by itself. What it waits for in between
// is an hour off, so that a timer that is left over shows. The last line tells which timers are left, where the runtime tells that.

import process from "node:process";
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskOptions, Run, StatusStore } from "@neat/periodic-task";
import { GcsStore } from "@neat/periodic-task/stores/gcs";

const SILENT = { info() {}, warn() {}, error() {} };
const HOUR = { hours: 1 };

function make(options: Partial<NeatPeriodicTaskOptions> = {}): NeatPeriodicTaskScheduler {
  const task = (): void => console.log("run");
  return new NeatPeriodicTaskScheduler({ name: "task", interval: HOUR, timeout: HOUR, task, log: SILENT, ...options });
}

/** A task that ends with the reason of its signal. */
function untilAborted({ signal }: Run): Promise<never> {
  console.log("run");
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** A task that never ends, whatever its signal says. */
function never(): Promise<never> {
  console.log("run");
  return new Promise(() => {});
}

/** The next event of a kind. */
function heard(scheduler: NeatPeriodicTaskScheduler, type: keyof NeatPeriodicTaskEventMap): Promise<unknown> {
  return new Promise((resolve) => scheduler.addEventListener(type, resolve, { once: true }));
}

/** Starts a scheduler, waits for an event, and stops. */
async function until(
  type: keyof NeatPeriodicTaskEventMap,
  options: Partial<NeatPeriodicTaskOptions> = {},
  stop?: Parameters<NeatPeriodicTaskScheduler["stop"]>[0],
): Promise<void> {
  const scheduler = make(options);
  const event = heard(scheduler, type);
  scheduler.start();
  await event;
  // for the loop to reach its next timer
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(JSON.stringify(await scheduler.stop(stop)));
}

/** A store whose calls come to this from a moment on. */
function storeThat(fails: () => Promise<never> | undefined): StatusStore {
  const inner = new MemoryStore();
  return {
    read: async (key, options) => await fails() ?? await inner.read(key, options),
    write: async (key, value, version, options) => await fails() ?? await inner.write(key, value, version, options),
  };
}

const failing = (): Promise<never> => Promise.reject(new Error("down"));

const ENDINGS: Readonly<Record<string, () => unknown>> = {
  "made and left alone": () => make(),
  "triggered and stopped": async () => {
    const scheduler = make();
    await scheduler.trigger();
    console.log(JSON.stringify(await scheduler.stop()));
  },
  "triggered and never stopped": async () => console.log((await make().trigger()).outcome),
  "started and stopped": () => until("finished"),
  "stopped with heartbeats": async () => {
    const scheduler = make({ heartbeatInterval: HOUR, heartbeatTimeout: { hours: 2 } });
    scheduler.start();
    await heard(scheduler, "finished");
    await scheduler.stop();
  },
  "aborted": () => until("start", { task: untilAborted, heartbeatInterval: HOUR }, { abort: true }),
  "left behind by stop": () => until("start", { task: never, heartbeatInterval: HOUR }, { timeout: 50 }),
  "a long time for stop": () => until("finished", {}, { timeout: HOUR }),
  "a timeout": () => until("failed", { task: untilAborted, timeout: 100, retryDelay: HOUR }),
  "left behind by a timeout": () => until("abandoned", { task: never, timeout: 100, retryDelay: HOUR }),
  "a failure": () => until("failed", { task: () => Promise.reject(new Error("no luck")), retryDelay: HOUR }),
  "a lost lease": () => {
    let isDown = false;
    const task = (run: Run): Promise<never> => {
      isDown = true;
      return untilAborted(run);
    };
    const store = storeThat(() => isDown ? failing() : undefined);
    return until("leaselost", { store, task, heartbeatInterval: 20, heartbeatTimeout: 200, retryDelay: HOUR });
  },
  "a failed store": () => until("storeerror", { store: storeThat(failing) }),
  "a store that never answers": async () => {
    const scheduler = make({ store: storeThat(() => new Promise<never>(() => {})) });
    scheduler.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify(await scheduler.stop({ abort: true, timeout: 50 })));
  },
  "a store over HTTP": () => {
    const store = new GcsStore({ bucket: "bucket", apiEndpoint: process.argv[3]! });
    // a new name, as other programs have left their records
    return until("finished", { store, name: crypto.randomUUID() });
  },
  "a group": async () => {
    const names = ["backup", "clean-up"];
    const group = new NeatPeriodicTaskGroup(names.map((name) => make({ name })));
    const finished = Promise.all([...group].map((scheduler) => heard(scheduler, "finished")));
    group.start();
    await finished;
    console.log(JSON.stringify([...await group.stop()]));
  },
};

/** The timers that keep the program from ending. Bun doesn't tell. */
function timers(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /timeout|immediate/i.test(kind));
}

async function main(): Promise<void> {
  const ending = process.argv[2] ?? "";
  if (ending === "list") return console.log(JSON.stringify(Object.keys(ENDINGS)));
  await ENDINGS[ending]!();
  // an immediate of the runtime's own may still be on its way
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(`the end, with ${timers().length} timers`);
}

main();
