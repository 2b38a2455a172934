import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Clock, MemoryStore, type StatusStore } from "../../mod.ts";
import { SAMPLE_TASKS, type SampleTask } from "../../internal/dashboard/sample_tasks.ts";
import { pauseTask } from "../../src/control.ts";
import { LiveTasks } from "../../src/dashboard/live_tasks.ts";
import { storeSource } from "../../src/monitoring/task_source.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { rewrite, type Shown, shown, type ShownOptions } from "./setup.ts";

interface Message {
  readonly now: number;
  readonly title: string;
  readonly parts: Readonly<Record<string, string>>;
}

/** A viewer that keeps what it gets. */
class Viewer {
  readonly messages: Message[] = [];
  signs = 0;
  id: string | undefined;
  hasEnded = false;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(response: Response) {
    assertEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert(response.body);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    void this.#read();
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      for (const line of value.split("\n")) {
        if (line.startsWith("id: ")) this.id = line.slice(4);
        if (line === "event: alive") this.signs++;
        else if (line.startsWith("data: {")) this.messages.push(JSON.parse(line.slice(6)));
      }
    }
    this.hasEnded = true;
  }
}

const TASKS: readonly SampleTask[] = SAMPLE_TASKS.filter(({ name }) =>
  name.startsWith("clean-up") || name === "backup"
);
const FAILED: SampleTask = {
  ...TASKS[0] ?? SAMPLE_TASKS[0],
  agoMs: 0,
  fields: { state: "failed", failures: 1, error: "no luck", instance: "web-9" },
} as SampleTask;

interface Watched extends Shown {
  readonly calls: { lists: number; reads: number };
  readonly view: (path?: string, init?: RequestInit) => Promise<Viewer>;
}

async function watched(options: ShownOptions = {}): Promise<Watched> {
  const calls = { lists: 0, reads: 0 };
  const wrap = (store: Shown["store"]): StatusStore => ({
    read: (key, callOptions) => {
      calls.reads++;
      return store.read(key, callOptions);
    },
    write: store.write.bind(store),
    list: (callOptions) => {
      calls.lists++;
      return store.list(callOptions);
    },
  });
  const all = await shown({ tasks: TASKS, isStore: true, wrap, ...options });
  const view = async (path = "/events", init: RequestInit = {}): Promise<Viewer> => {
    const viewer = new Viewer(await all.app.request(path, init));
    await settle(all);
    return viewer;
  };
  return { ...all, calls, view };
}

/** Lets streams pass on what was written. */
async function settle({ time }: Pick<Shown, "time">, ms = 0): Promise<void> {
  await time.advance(ms);
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
    await time.settle();
  }
}

Deno.test("a viewer gets the row that has changed and what follows from it, and nothing else", async () => {
  const all = await watched();
  const viewer = await all.view();
  assertEquals(Object.keys(viewer.messages[0]?.parts ?? {}).sort(), ["alert", "chips", "count", "rows", "summary"]);
  await settle(all, 20_000);
  assertEquals(viewer.messages.length, 1);
  await pauseTask(all.store, "backup", { by: "Ada", clock: all.time.clock() });
  await settle(all, 5_000);
  // the paused task moves up, as those with a notice are before those that are well; it was first by name before
  assertEquals(Object.keys(viewer.messages[1]?.parts ?? {}).sort(), ["chips", "row-backup", "summary"]);
  assertStringIncludes(viewer.messages[1]?.parts["row-backup"] ?? "", "paused by Ada");
  await rewrite(all.store, { ...FAILED, name: "clean-up/uploads" }, all.time.nowMs);
  await settle(all, 5_000);
  const { title, parts = {} } = viewer.messages[2] ?? {};
  assertEquals(title, "(1) Tasks");
  // the order of the rows is another one
  assert(parts["rows"]?.indexOf("clean-up") !== -1 && parts["summary"]?.includes("1 task needs attention"));
  await viewer.leave();
});

Deno.test("a page that is up to date gets nothing, and one that is not gets all", async () => {
  const all = await watched();
  const page = await (await all.app.request("/")).text();
  const [, address = ""] = /data-events="([^"]*)"/.exec(page) ?? [];
  const fresh = await all.view(`/${address.replaceAll("&amp;", "&")}`);
  assertEquals(fresh.messages, []);
  const stale = await all.view("/events?version=abc");
  assertEquals(stale.messages.length, 1);
  const reconnected = await all.view("/events?version=abc", { headers: { "last-event-id": stale.id ?? "" } });
  assertEquals(reconnected.messages, []);
  for (const viewer of [fresh, stale, reconnected]) await viewer.leave();
});

Deno.test("the stream of a task has its parts alone, and that of a filter the rows of the filter", async () => {
  const all = await watched();
  const task = await all.view("/events?name=backup");
  assert(Object.keys(task.messages[0]?.parts ?? {}).includes("condition"));
  const filtered = await all.view("/events?q=sessions");
  assertEquals(filtered.messages[0]?.parts["rows"]?.match(/<tr /g)?.length, 1);
  await rewrite(all.store, { ...FAILED, name: "clean-up/sessions" }, all.time.nowMs);
  await settle(all, 5_000);
  assertEquals(task.messages.length, 1);
  assertEquals(filtered.messages.length, 2);
  for (const viewer of [task, filtered]) await viewer.leave();
});

Deno.test("all viewers share one loop, which ends when nobody looks", async () => {
  const all = await watched();
  const viewers = [await all.view(), await all.view(), await all.view("/events?name=backup")];
  for (const { messages } of viewers) assertEquals(messages.length, 1);
  assertEquals(all.calls.lists, 1);
  await settle(all, 10_000);
  assertEquals(all.calls.lists, 3);
  for (const viewer of viewers) await viewer.leave();
  await settle(all, 60_000);
  assertEquals([all.calls.lists, all.time.timers], [3, 0]);
  const again = await all.view();
  assertEquals([again.messages.length, all.calls.lists], [1, 4]);
  await again.leave();
  await settle(all);
  assertEquals(all.time.timers, 0);
});

Deno.test("a viewer that comes as the last one leaves starts another loop", async () => {
  const all = await watched();
  for (let round = 0; round < 5; round++) {
    const one = await all.view();
    await settle(all, 100 * round);
    await one.leave();
    const other = new Viewer(await all.app.request("/events"));
    await settle(all, 300);
    assertEquals(other.messages.length, 1);
    const { lists } = all.calls;
    await settle(all, 10_000);
    assertEquals(all.calls.lists - lists, 2);
    await other.leave();
    await settle(all);
    assertEquals(all.time.timers, 0);
  }
});

Deno.test("a stream that nobody reads ends, even if the server does not cancel it", async () => {
  const all = await watched();
  const { body } = await all.app.request("/events");
  await settle(all);
  assert(all.time.timers > 0);
  for (let second = 0; second < 120; second += 5) await settle(all, 5_000);
  assertEquals(all.time.timers, 0);
  await body?.cancel();
});

Deno.test("streams end when the viewer leaves, and all at the signal of the option", async () => {
  const ending = new AbortController();
  const all = await watched({ signal: ending.signal });
  const one = await all.view();
  const other = await all.view();
  await one.leave();
  await settle(all);
  assertEquals([one.hasEnded, other.hasEnded], [true, false]);
  ending.abort();
  await settle(all);
  assertEquals([other.hasEnded, all.time.timers], [true, 0]);
  const late = await all.view();
  assertEquals([late.hasEnded, all.time.timers], [true, 0]);
});

Deno.test("a stream without changes is kept alive", async () => {
  const all = await watched();
  const viewer = await all.view();
  for (let second = 0; second < 20; second += 5) await settle(all, 5_000);
  assert(viewer.signs >= 3, `${viewer.signs}`);
  await viewer.leave();
});

Deno.test("an outage of the store is shown as an alert until it is over", async () => {
  let isAway = false;
  const all = await watched({
    wrap: (store) => ({
      read: store.read.bind(store),
      write: store.write.bind(store),
      list: async function* (options) {
        if (isAway) throw new Error("no network");
        yield* store.list(options);
      },
    }),
  });
  const viewer = await all.view();
  isAway = true;
  await settle(all, 5_000);
  assertStringIncludes(viewer.messages.at(-1)?.parts["alert"] ?? "", "no network");
  assertStringIncludes(
    viewer.messages.at(-1)?.parts["summary"] ?? "",
    "Not known: the tasks cannot be read</strong> <span",
  );
  assertEquals(viewer.messages.at(-1)?.title, "(?) Tasks");
  const page = await (await all.app.request("/")).text();
  assert(page.includes("Not known: the tasks cannot be read") && !page.includes("No tasks yet"));
  isAway = false;
  await settle(all, 5_000);
  assertEquals(viewer.messages.at(-1)?.parts["alert"], '<div id="alert" role="alert"></div>');
  await viewer.leave();
});

Deno.test("a change in a store that can watch is shown soon, by a read of this task alone", async () => {
  const all = await watched({ wrap: (store) => store, refreshInterval: { hours: 1 } });
  const viewer = await all.view();
  await settle(all, 1_000);
  await pauseTask(all.store, "backup", { by: "Ada", clock: all.time.clock() });
  await settle(all, 1_000);
  assertStringIncludes(viewer.messages[1]?.parts["row-backup"] ?? "", "paused by Ada");
  await viewer.leave();
});

Deno.test("a run of this process is shown soon, and a takeover on the page of its task", async () => {
  const all = await watched({ isStore: false, refreshInterval: { hours: 1 } });
  const viewer = await all.view("/events?name=clean-up%2Fuploads");
  await settle(all, 1_000);
  const before = viewer.messages.length;
  const run = [...all.group].find(({ name }) => name === "clean-up/uploads")?.trigger();
  await settle(all, 1_000);
  assertEquals((await run)?.outcome, "finished");
  await settle(all, 1_000);
  assert(viewer.messages.length > before);
  const parts = Object.assign({}, ...viewer.messages.map(({ parts }) => parts));
  assertStringIncludes(parts["takeovers"], "<bdi>web-2</bdi> → <bdi>web-1</bdi>");
  assertStringIncludes(parts["facts"], "web-1");
  await viewer.leave();
  await settle(all);
  assertEquals(all.time.timers, 0);
});

/** An error that JSON cannot express. */
function unusualError(): Error {
  const error = Object.assign(new Error("no answer"), { attempts: 3n, request: {} });
  error.request = { error };
  return error;
}

Deno.test("an error of a store with a cycle and a BigInt is shown, and ends no loop", async () => {
  let isAway = true;
  const all = await watched({
    wrap: (store) => ({
      read: async (key, options) => {
        if (isAway && key === "backup") throw unusualError();
        return await store.read(key, options);
      },
      write: store.write.bind(store),
      list: store.list.bind(store),
    }),
  });
  assertStringIncludes(await (await all.app.request("/")).text(), "no answer");
  const viewer = await all.view();
  assertStringIncludes(viewer.messages[0]?.parts["rows"] ?? "", "no answer");
  isAway = false;
  await settle(all, 5_000);
  assert(!viewer.messages.at(-1)?.parts["rows"]?.includes("no answer"));
  assertEquals(viewer.messages.length, 2);
  await viewer.leave();
});

Deno.test("a viewer that fails ends neither the loop nor the updates of the others", async () => {
  const time = new VirtualTime();
  const live = new LiveTasks({
    source: storeSource(new MemoryStore(), { clock: time.clock() }),
    clock: time.clock(),
    refreshMs: 5_000,
    watchChanges: () => () => {},
    errorText: String,
    onRead: () => {},
  });
  let updates = 0;
  const leaveFirst = live.subscribe(() => {
    throw new Error("closed");
  });
  const leave = live.subscribe(() => void updates++);
  await time.advance(11_000);
  assertEquals([updates, live.viewers], [3, 1]);
  leaveFirst();
  leave();
  await time.advance(0);
  assertEquals(time.timers, 0);
});

Deno.test("a store with a clock that jitters causes no updates", async () => {
  const time = { nowMs: 0 };
  let jitterMs = 0;
  const all = await watched({
    wrap: (store) => ({
      read: async (key, options) => {
        const entry = await store.read(key, options);
        jitterMs = 4 - jitterMs;
        return entry && { ...entry, storeTime: time.nowMs + jitterMs };
      },
      write: store.write.bind(store),
      list: store.list.bind(store),
    }),
  });
  time.nowMs = all.time.nowMs;
  const viewer = await all.view();
  for (let second = 0; second < 20; second += 5) {
    time.nowMs += 5_000;
    await settle(all, 5_000);
  }
  assertEquals(viewer.messages.length, 1);
  await viewer.leave();
});

Deno.test("a row is rendered once for all viewers, and again when it has changed", async () => {
  const rendered: string[] = [];
  const describe = (name: string): string => {
    rendered.push(name);
    return "some words";
  };
  const all = await watched({ describe });
  const viewers = [await all.view(), await all.view(), await all.view("/events?sort=name")];
  assertEquals(rendered.length, TASKS.length);
  await settle(all, 10_000);
  assertEquals(rendered.length, TASKS.length);
  await pauseTask(all.store, "backup", { by: "Ada", clock: all.time.clock() });
  await settle(all, 5_000);
  assertEquals(rendered.slice(TASKS.length), ["backup"]);
  for (const viewer of viewers) {
    assert(Object.values(viewer.messages.at(-1)?.parts ?? {}).join().includes("paused by Ada"));
    await viewer.leave();
  }
});

Deno.test("other work of the process goes on between viewers", async () => {
  const time = new VirtualTime();
  let slowMs = 0;
  const clock = { ...boundClock(time), monotonicMs: () => time.clock().monotonicMs() + slowMs };
  const source = storeSource(new MemoryStore(), { clock });
  const live = new LiveTasks({
    source,
    clock,
    refreshMs: 5_000,
    watchChanges: () => () => {},
    errorText: String,
    onRead: () => {},
  });
  const calls: string[] = [];
  const leave = ["one", "other"].map((name) =>
    live.subscribe(() => {
      calls.push(name);
      slowMs += 20;
      if (name === "one") clock.setTimer(() => calls.push("other work"), 0);
    })
  );
  await time.advance(10);
  assertEquals(calls, ["one", "other work", "other"]);
  for (const end of leave) end();
});

function boundClock(time: VirtualTime): Clock {
  const clock = time.clock();
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    clearTimer: (timer) => clock.clearTimer(timer),
    random: () => clock.random(),
  };
}

Deno.test("a watch of the store that has ended is started again, and later for tasks that are new", async () => {
  const watches: string[] = [];
  const all = await watched({
    wrap: (store) => ({
      read: store.read.bind(store),
      write: store.write.bind(store),
      list: store.list.bind(store),
      watch: async function* (name) {
        watches.push(name);
        await Promise.reject(new Error("no connection"));
        yield;
      },
    }),
  });
  const viewer = await all.view();
  assertEquals(watches.length, TASKS.length);
  await pauseTask(all.store, "new", { create: true, clock: all.time.clock() });
  await settle(all, 5_000);
  assertEquals(watches.slice(TASKS.length), ["new"]);
  await settle(all, 5_000);
  assertEquals(watches.filter((name) => name === "backup").length, 2);
  await settle(all, 5_000);
  assertEquals(watches.filter((name) => name === "backup").length, 2);
  await viewer.leave();
});
