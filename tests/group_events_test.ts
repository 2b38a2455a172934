// A group is an event target for the events of all its members.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Logger,
  NeatPeriodicTaskEvent,
  NeatPeriodicTaskGroup,
  NeatPeriodicTaskScheduler,
  type Run,
} from "../mod.ts";
import { KeptLog, SILENT } from "./helpers/log.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

const HOUR = 3_600_000;

function schedulerOf(virtual: VirtualTime, name: string, log: Logger = SILENT): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name,
    instance: `host of ${name}`,
    interval: HOUR,
    timeout: 10_000,
    clock: virtual.clock(),
    log,
    task: () => {},
  });
}

interface Setting {
  readonly virtual: VirtualTime;
  readonly one: NeatPeriodicTaskScheduler;
  readonly two: NeatPeriodicTaskScheduler;
  readonly group: NeatPeriodicTaskGroup;
}

function setting(log?: Logger): Setting {
  const virtual = new VirtualTime();
  const one = schedulerOf(virtual, "one", log);
  const two = schedulerOf(virtual, "two", log);
  return { virtual, one, two, group: new NeatPeriodicTaskGroup([one, two]) };
}

Deno.test("a group passes on the events of its members with all their properties", async () => {
  const { virtual, one, two, group } = setting();
  const runs: Run[] = [];
  const passed: unknown[] = [];
  one.addEventListener("finished", ({ run }) => runs.push(run));
  group.addEventListener("finished", (event) => {
    assert(event instanceof NeatPeriodicTaskEvent);
    const { type, name, instance, time, run, term, scheduled, started, outcome, durationMs, isTrusted } = event;
    passed.push({ type, name, instance, time, run, term, scheduled, started, outcome, durationMs, isTrusted });
  });
  await one.trigger();
  const [run] = runs;
  assert(run);
  const { scheduled, started } = run;
  assertEquals(passed, [{
    type: "finished",
    name: "one",
    instance: "host of one",
    time: new Date(virtual.nowMs),
    run,
    term: 1,
    scheduled,
    started,
    outcome: "finished",
    durationMs: 0,
    isTrusted: false,
  }]);
  await two.trigger();
  assertEquals(passed.length, 2);
});

Deno.test("a group passes on the events of members that are added after the listener, once each", async () => {
  const { virtual, one, group } = setting();
  const lines: string[] = [];
  group.addEventListener("start", ({ name }) => lines.push(`${name} starts`));
  group.addEventListener("start", ({ name }) => lines.push(`${name} starts, too`));
  group.addEventListener("finished", { handleEvent: ({ name }) => lines.push(`${name} finished`) });
  const three = group.add(schedulerOf(virtual, "three"));
  await three.trigger();
  await one.trigger();
  assertEquals(lines, [
    "three starts",
    "three starts, too",
    "three finished",
    "one starts",
    "one starts, too",
    "one finished",
  ]);
});

Deno.test("a group without listeners adds none to its members", () => {
  const { virtual, group } = setting();
  const types: string[] = [];
  const three = schedulerOf(virtual, "three");
  three.addEventListener = (type: string) => types.push(type);
  group.add(three);
  group.addEventListener("start", null);
  group.removeEventListener("start", () => {});
  assertEquals(types, []);
  group.addEventListener("failed", () => {});
  group.addEventListener("failed", () => {});
  assertEquals(types, ["failed"]);
});

Deno.test("a listener of a group with `once` is called once, and not once for each member", async () => {
  const { one, two, group } = setting();
  const names: string[] = [];
  group.addEventListener("finished", ({ name }) => names.push(name), { once: true });
  await Promise.all([one.trigger(), two.trigger()]);
  await two.trigger();
  assertEquals(names, ["one"]);
});

Deno.test("a listener of a group ends with its signal and with removeEventListener()", async () => {
  const { one, two, group } = setting();
  const names: string[] = [];
  const listener = ({ name }: NeatPeriodicTaskEvent): unknown => names.push(name);
  const controller = new AbortController();
  const { signal } = controller;
  group.addEventListener("finished", listener, { signal });
  // the same listener counts once, as on any target
  group.addEventListener("finished", listener, { signal });
  await one.trigger();
  controller.abort();
  await one.trigger();
  group.addEventListener("finished", listener);
  await two.trigger();
  group.removeEventListener("finished", listener);
  await two.trigger();
  assertEquals(names, ["one", "two"]);
});

Deno.test("an error of a group's listener is logged by the member, and further ones by the console", async (t) => {
  const warn = console.warn;
  const onConsole: unknown[][] = [];
  console.warn = (...values: unknown[]) => void onConsole.push(values);
  try {
    await t.step("the first error for an event", async () => {
      const log = new KeptLog();
      const { virtual, one, group } = setting(log);
      const calls: string[] = [];
      group.addEventListener("start", () => {
        throw new Error("thrown");
      });
      group.addEventListener("finished", () => Promise.reject(new Error("rejected")));
      group.addEventListener("finished", () => calls.push("the other listener"));
      assertEquals((await one.trigger()).outcome, "finished");
      await virtual.settle();
      assertEquals(calls, ["the other listener"]);
      const warnings = log.lines.flatMap((line, index) =>
        line.startsWith("warn") ? [[line, `${log.details[index]}`]] : []
      );
      const failed = 'warn: neat-periodic-task "one": a listener failed';
      assertEquals(warnings, [[failed, "Error: thrown"], [failed, "Error: rejected"]]);
      assertEquals(onConsole, []);
    });
    await t.step("further errors, and those for events that the user dispatches", async () => {
      const log = new KeptLog();
      const { virtual, one, group } = setting(log);
      for (const name of ["first", "second"]) group.addEventListener("start", () => Promise.reject(name));
      await one.trigger();
      await virtual.settle();
      const failed = "neat-periodic-task: a listener of the group failed";
      assertEquals([log.count("a listener failed"), onConsole], [1, [[failed, "second"]]]);
      group.dispatchEvent(new Event("start"));
      await virtual.settle();
      assertEquals(onConsole.length, 3);
    });
  } finally {
    console.warn = warn;
  }
});

Deno.test("NeatPeriodicTaskGroup.dispatchEvent() reaches the listeners of the group, and not those of members", () => {
  const { one, group } = setting();
  const lines: string[] = [];
  one.addEventListener("alive", () => lines.push("member"));
  group.addEventListener("alive", (event) => {
    lines.push("group");
    event.preventDefault();
  });
  assertEquals(group.dispatchEvent(new Event("alive", { cancelable: true })), false);
  assertEquals(group.dispatchEvent(new Event("other")), true);
  assertEquals(lines, ["group"]);
});

Deno.test("NeatPeriodicTaskGroup.addEventListener() refuses options as any target does, and adds nothing then", async () => {
  const { one, group } = setting();
  const names: string[] = [];
  const signal = "no signal" as unknown as AbortSignal;
  assertThrows(() => group.addEventListener("finished", ({ name }) => names.push(name), { signal }), TypeError);
  await one.trigger();
  assertEquals(names, []);
});

/** A scheduler of another copy of the package: other classes with the same methods. */
function foreignScheduler(name: string): { scheduler: NeatPeriodicTaskScheduler; finish: () => void } {
  const target = new EventTarget();
  class OtherEvent extends Event {
    readonly name = name;
    readonly instance = "other";
    readonly time = new Date(0);
    readonly durationMs = 5;
  }
  const scheduler = {
    name,
    state: "new",
    start() {},
    ready: () => Promise.resolve(),
    stop: () => Promise.resolve({ clean: true, abandoned: 0 }),
    trigger() {},
    status: () => Promise.resolve({ state: "idle", term: 0, failures: 0, recent: [] }),
    addEventListener: target.addEventListener.bind(target),
  };
  return {
    scheduler: scheduler as unknown as NeatPeriodicTaskScheduler,
    finish: () => void target.dispatchEvent(new OtherEvent("finished")),
  };
}

Deno.test("a group takes members of another copy of the package, and passes their events on", async () => {
  const { virtual, group } = setting();
  const lines: string[] = [];
  const { scheduler, finish } = foreignScheduler("foreign");
  group.add(scheduler);
  group.addEventListener(
    "finished",
    ({ name, instance, time, durationMs }) => lines.push(`${name} ${instance} ${time.getTime()} ${durationMs}`),
  );
  finish();
  assertEquals(lines, ["foreign other 0 5"]);
  group.start();
  await group.ready();
  assertEquals((await group.status()).get("foreign")?.status, "fulfilled");
  await Promise.all([group.stop(), virtual.advance(1_000)]);
});

Deno.test("a group with a limit refuses members of another copy of the package", () => {
  const { scheduler } = foreignScheduler("foreign");
  assertThrows(
    () => new NeatPeriodicTaskGroup([scheduler], { concurrency: 1 }),
    TypeError,
    'Cannot add the scheduler as a limit needs schedulers of the same copy of the package: current value is "foreign"',
  );
});
