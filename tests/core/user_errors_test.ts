import { assertEquals } from "@std/assert";
import {
  type NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventMap,
  NeatPeriodicTaskScheduler,
  type RunEventDetail,
} from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const TYPES: (keyof NeatPeriodicTaskEventMap)[] = [
  "alive",
  "start",
  "finished",
  "failed",
  "leaselost",
  "abandoned",
  "storeerror",
];

/** The properties of all events. */
type AnyEvent =
  & NeatPeriodicTaskEvent
  & Partial<RunEventDetail & { outcome: string; durationMs: number; error: unknown }>;

/** Runs a test in which nothing may escape as an unhandled rejection or an uncaught error. */
async function unharmed(test: () => Promise<void>): Promise<void> {
  const escaped: unknown[] = [];
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    escaped.push(event.reason);
  };
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    escaped.push(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  try {
    await test();
    // both are told of in a later turn of the event loop
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onError);
  }
  assertEquals(escaped, []);
}

const throwing: (() => unknown)[] = [
  () => {
    throw new Error("synchronously");
  },
  () => Promise.reject(new Error("later")),
  () => Promise.reject("not an Error"),
  () => {
    throw undefined;
  },
  () => ({
    get then() {
      throw new Error("in a getter");
    },
  }),
];

Deno.test("nothing that a task, listener, logger or store throws stops the loop or escapes", async () => {
  for (const fail of throwing) {
    await unharmed(async () => {
      const virtual = new VirtualTime();
      const store = new ScriptedStore();
      let tasks = 0;
      const scheduler = new NeatPeriodicTaskScheduler({
        name: "attacked",
        interval: 60_000,
        timeout: 5_000,
        store: {
          read: (key, options) => tasks % 3 === 1 ? fail() as never : store.read(key, options),
          write: (key, value, version, options) =>
            tasks % 3 === 2 ? fail() as never : store.write(key, value, version, options),
        },
        clock: virtual.clock(),
        log: { debug: fail, info: fail, warn: fail, error: fail },
        wrapRun: async (_, task) => {
          await task();
          await fail();
        },
        task: () => {
          tasks++;
          return tasks % 2 === 0 ? fail() : undefined;
        },
      });
      for (const type of TYPES) {
        scheduler.addEventListener(type, fail);
        scheduler.addEventListener(type, { handleEvent: fail });
      }
      const clockwork = setInterval(() => tasks++, 1);
      scheduler.start();
      await virtual.advance(HOUR);
      clearInterval(clockwork);
      const before = tasks;
      tasks = 3 * tasks;
      await virtual.advance(10 * 60_000);
      assertEquals(tasks > before, true);
      await Promise.all([scheduler.stop({ abort: true, timeout: 1_000 }), virtual.advance(60_000)]);
      assertEquals(virtual.timers, 0);
    });
  }
});

Deno.test("listeners are told of each kind of event with the task's name, term and times", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const told: unknown[] = [];
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "told",
    interval: HOUR,
    timeout: 60_000,
    clock: virtual.clock(),
    log: new KeptLog(),
    task: async () => {
      await virtual.delay(1_000);
      if (++runs === 2) throw new Error("no luck");
    },
  });
  const keep = ({ type, name, term, time, scheduled, started, outcome, durationMs }: AnyEvent): void => {
    const times = [time, scheduled, started].map((date) => date && (date.getTime() - begin) / 1_000);
    told.push([type, name, term, ...times, outcome, durationMs]);
  };
  for (const type of TYPES) scheduler.addEventListener(type, keep);
  scheduler.start();
  await virtual.advance(HOUR + 2_000);
  assertEquals(told, [
    ["start", "told", 1, 0, 0, 0, undefined, undefined],
    ["finished", "told", 1, 1, 0, 0, "finished", 1_000],
    ["alive", "told", undefined, 1_800, undefined, undefined, undefined, undefined],
    ["start", "told", 2, 3_600, 3_600, 3_600, undefined, undefined],
    ["failed", "told", 2, 3_601, 3_600, 3_600, "failed", 1_000],
  ]);
});

Deno.test("listeners can be removed, listen once, and be told of events of the host", async () => {
  const virtual = new VirtualTime();
  const told: string[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "told",
    interval: HOUR,
    timeout: 60_000,
    clock: virtual.clock(),
    log: new KeptLog(),
    task: () => {},
  });
  const gone = (): void => void told.push("gone");
  assertEquals(scheduler.dispatchEvent(new Event("start")), true);
  scheduler.removeEventListener("start", gone);
  scheduler.addEventListener("start", gone);
  scheduler.addEventListener("start", null);
  scheduler.addEventListener("start", () => told.push("once"), { once: true });
  scheduler.addEventListener("start", { handleEvent: (event) => void told.push(event.type) });
  scheduler.removeEventListener("start", gone);
  await scheduler.trigger();
  await scheduler.trigger();
  assertEquals(told, ["once", "start", "start"]);
});

Deno.test("a store that stops the scheduler and throws at once harms nobody", async () => {
  await unharmed(async () => {
    const virtual = new VirtualTime();
    const scheduler: NeatPeriodicTaskScheduler = new NeatPeriodicTaskScheduler({
      name: "attacked",
      interval: 60_000,
      timeout: 5_000,
      store: {
        read: () => {
          scheduler.stop();
          throw new Error("gone");
        },
        write: () => Promise.resolve(null),
      },
      clock: virtual.clock(),
      log: new KeptLog(),
      task: () => {},
    });
    scheduler.start();
    await virtual.advance(1_000);
    assertEquals([scheduler.state, virtual.timers], ["stopped", 0]);
  });
});

Deno.test("a task that writes to its run is recorded all the same", async () => {
  const virtual = new VirtualTime();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "scribbling",
    interval: HOUR,
    timeout: 5_000,
    clock: virtual.clock(),
    log: new KeptLog(),
    // an event's type can't be written
    task: (run) => void Object.assign(run, { type: "nightly" }),
  });
  scheduler.addEventListener("finished", () => {});
  assertEquals((await scheduler.trigger()).outcome, "finished");
  assertEquals((await scheduler.status()).state, "finished");
});

Deno.test("an abort listener of the task that throws is an uncaught error of the host, and the loop goes on", async () => {
  const errors: string[] = [];
  const note = (event: ErrorEvent): void => {
    event.preventDefault();
    errors.push(event.error.message);
  };
  globalThis.addEventListener("error", note);
  try {
    const virtual = new VirtualTime();
    const log = new KeptLog();
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "throwing",
      interval: 60_000,
      timeout: 5_000,
      clock: virtual.clock(),
      log,
      task: ({ signal }) => {
        signal.addEventListener("abort", () => {
          throw new Error("in an abort listener");
        });
        return virtual.delay(HOUR, signal);
      },
    });
    scheduler.start();
    await virtual.advance(19_000);
    assertEquals([log.count("timeout exceeded!"), log.count("START")], [3, 4]);
    assertEquals(new Set(errors), new Set(["in an abort listener"]));
    await Promise.all([scheduler.stop({ abort: true }), virtual.advance(1_000)]);
  } finally {
    globalThis.removeEventListener("error", note);
  }
});
