// A group with `concurrency`: how many runs go on at once, and the order in which they get their turn.

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type CommonTaskOptions,
  MemoryStore,
  NeatPeriodicTaskGroup,
  type NeatPeriodicTaskGroupOptions,
  NeatPeriodicTaskScheduler,
  type Schedule,
} from "../mod.ts";
import { SILENT } from "./helpers/log.ts";
import { ScriptedStore } from "./helpers/scripted_store.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;

const HOURLY: Schedule = { next: (after) => new Date(Math.floor(after.getTime() / HOUR) * HOUR + HOUR) };

interface TaskOptions extends Partial<CommonTaskOptions> {
  /** The length of a run.  @default {10} */
  readonly minutes?: number;
  readonly intervalMs?: number;
  /** Whether the task is due at every full hour, and not first at its start. */
  readonly isScheduled?: boolean;
}

/** Tasks in virtual time, and a log of their starts and ends. */
class Tasks {
  readonly virtual = new VirtualTime();
  readonly #beginMs = this.virtual.nowMs;
  /** Each as `minute: name starts` or `minute: name ends`. */
  readonly lines: string[] = [];
  /** The tasks that run at the moment. */
  readonly running = new Set<string>();
  mostAtOnce = 0;

  scheduler(
    name: string,
    options: TaskOptions = {},
  ): NeatPeriodicTaskScheduler {
    const { minutes = 10, intervalMs = HOUR, isScheduled = false, ...others } = options;
    return new NeatPeriodicTaskScheduler({
      ...isScheduled ? { schedule: HOURLY } : { interval: intervalMs },
      name,
      timeout: 30 * MINUTE,
      clock: this.virtual.clock(),
      log: SILENT,
      task: () => this.run(name, minutes),
      ...others,
    });
  }

  group(names: readonly string[], concurrency: number): NeatPeriodicTaskGroup {
    return new NeatPeriodicTaskGroup(names.map((name) => this.scheduler(name)), { concurrency });
  }

  async run(name: string, minutes: number): Promise<void> {
    this.running.add(name);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running.size);
    this.#note(`${name} starts`);
    await this.virtual.delay(minutes * MINUTE);
    this.running.delete(name);
    this.#note(`${name} ends`);
  }

  #note(line: string): void {
    this.lines.push(`${Math.floor((this.virtual.nowMs - this.#beginMs) / MINUTE)}: ${line}`);
  }
}

function member(group: NeatPeriodicTaskGroup, name: string): NeatPeriodicTaskScheduler {
  const scheduler = [...group].find((scheduler) => scheduler.name === name);
  assert(scheduler);
  return scheduler;
}

Deno.test("`concurrency` must be a whole number from 1 on", () => {
  for (const concurrency of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => new NeatPeriodicTaskGroup([], { concurrency }),
      RangeError,
      '"concurrency" must be a whole number',
    );
  }
  const wrong: [unknown, string][] = [
    [{ concurrency: "2" }, '"concurrency" must be a number'],
    [{ concurency: 2 }, 'did you mean "concurrency"?'],
    [null, "its options must be an object"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => new NeatPeriodicTaskGroup([], options as NeatPeriodicTaskGroupOptions), TypeError, message);
  }
  new NeatPeriodicTaskGroup([], { concurrency: undefined });
});

Deno.test("a scheduler may be in one group with a limit, and in others without", () => {
  const tasks = new Tasks();
  const one = tasks.scheduler("one");
  const two = tasks.scheduler("two");
  const limited = new NeatPeriodicTaskGroup([one], { concurrency: 1 });
  new NeatPeriodicTaskGroup([one, two]);
  const message = 'Cannot add the scheduler as it is in another group with a limit: current value is "one"';
  assertThrows(() => new NeatPeriodicTaskGroup([two, one], { concurrency: 1 }), Error, message);
  // the group that was refused has not limited its members
  limited.add(two);
  const other = new NeatPeriodicTaskGroup([], { concurrency: 1 });
  assertThrows(() => other.add(one), Error, message);
  assertEquals([...other], []);
});

Deno.test("a group with concurrency 1 runs its tasks one after the other, in the order of their due times", async () => {
  const tasks = new Tasks();
  const group = tasks.group(["one", "two", "three"], 1);
  group.start();
  await tasks.virtual.advance(HOUR - 1);
  assertEquals(tasks.lines, [
    "0: one starts",
    "10: one ends",
    "10: two starts",
    "20: two ends",
    "20: three starts",
    "30: three ends",
  ]);
  await group.stop();
  assertEquals(tasks.virtual.timers, 0);
});

Deno.test("a group with concurrency 2 runs two tasks at once, and a due time is kept however long a run waits", async () => {
  const tasks = new Tasks();
  const group = new NeatPeriodicTaskGroup(
    ["one", "two", "three", "four", "five"].map((name) => tasks.scheduler(name, { isScheduled: true })),
    { concurrency: 2 },
  );
  const scheduled: number[] = [];
  const begin = tasks.virtual.nowMs;
  group.addEventListener("start", (event) => {
    if (event.name === "five") scheduled.push((event.scheduled.getTime() - begin) / MINUTE);
  });
  group.start();
  await tasks.virtual.advance(3 * HOUR - 1);
  assertEquals([tasks.mostAtOnce, tasks.lines.length], [2, 5 * 2 * 2]);
  assertEquals(tasks.lines.filter((line) => line.includes("five")), [
    "80: five starts",
    "90: five ends",
    "140: five starts",
    "150: five ends",
  ]);
  assertEquals(scheduled, [60, 120]);
  await group.stop();
});

Deno.test("explain() shows that a run waits for its turn, and until when the record is not checked", async () => {
  const tasks = new Tasks();
  const group = tasks.group(["one", "two"], 1);
  group.start();
  await tasks.virtual.advance(1_000);
  const until = new Date(tasks.virtual.nowMs - 1_000 + HOUR);
  assertEquals(member(group, "two").explain(), {
    state: "started",
    reason: "concurrency",
    message: `The group runs as many tasks as it may. The next check is at ${until.toISOString()}`,
    until,
    abandoned: 0,
  });
  await tasks.virtual.advance(10 * MINUTE);
  assertEquals(member(group, "two").explain().reason, "running");
  await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
});

Deno.test("a run that waits for its turn is left to another replica, and the turn is passed on", async () => {
  const tasks = new Tasks();
  const store = new MemoryStore();
  const shared = tasks.scheduler("shared", { store });
  const group = new NeatPeriodicTaskGroup([tasks.scheduler("one"), shared, tasks.scheduler("three")], {
    concurrency: 1,
  });
  const other = tasks.scheduler("shared", { store, minutes: 1, instance: "other" });
  // a member without a store would be the first to ask
  for (const scheduler of group) {
    scheduler.start();
    await tasks.virtual.advance(1_000);
  }
  await tasks.virtual.advance(MINUTE - 3_000);
  assertEquals([shared.explain().reason, (await shared.status()).state], ["concurrency", "idle"]);
  other.start();
  await tasks.virtual.advance(30 * MINUTE);
  assertEquals(tasks.lines, [
    "0: one starts",
    "1: shared starts",
    "2: shared ends",
    "10: one ends",
    "10: three starts",
    "20: three ends",
  ]);
  assertEquals([shared.explain().reason, (await shared.status()).term], ["not-due", 1]);
  await Promise.all([group.stop(), other.stop()]);
});

Deno.test("a run that waits for its turn longer than an interval is checked meanwhile, and leaves the queue", async () => {
  const tasks = new Tasks();
  const store = new ScriptedStore();
  const shared = tasks.scheduler("shared", { store });
  const busy = tasks.scheduler("busy", { minutes: 150, timeout: 3 * HOUR, intervalMs: 4 * HOUR });
  const group = new NeatPeriodicTaskGroup([busy, shared], { concurrency: 1 });
  group.start();
  await tasks.virtual.advance(MINUTE);
  const other = tasks.scheduler("shared", { store: store.inner, minutes: 1 });
  other.start();
  const reads = store.count("read");
  await tasks.virtual.advance(HOUR);
  assertEquals([store.count("read") > reads, store.count("read") <= reads + 2], [true, true]);
  assert(shared.explain().reason !== "concurrency");
  await Promise.all([group.stop({ abort: true, timeout: 1_000 }), other.stop(), tasks.virtual.advance(HOUR)]);
});

Deno.test("trigger() waits for its turn", async () => {
  const tasks = new Tasks();
  const group = tasks.group(["one", "two"], 1);
  const outcomes: string[] = [];
  const answers = ["one", "two", "two"].map((name) =>
    member(group, name).trigger().then(({ outcome }) => outcomes.push(`${name} ${outcome}`))
  );
  await tasks.virtual.advance(15 * MINUTE);
  assertEquals(outcomes, ["one finished"]);
  await tasks.virtual.advance(5 * MINUTE);
  await Promise.all(answers);
  assertEquals(outcomes, ["one finished", "two finished", "two finished"]);
  assertEquals([tasks.mostAtOnce, tasks.virtual.timers], [1, 0]);
});

Deno.test("stop() while a run waits for its turn returns immediately, answers its trigger, and frees its place", async () => {
  const tasks = new Tasks();
  const group = tasks.group(["one", "two", "three"], 1);
  group.start();
  await tasks.virtual.advance(MINUTE);
  const triggered = member(group, "two").trigger();
  await tasks.virtual.settle();
  assertEquals(await member(group, "two").stop(), { clean: true, abandoned: 0 });
  assertEquals(await triggered, { outcome: "stopped" });
  await tasks.virtual.advance(10 * MINUTE);
  assertEquals([...tasks.running], ["three"]);
  await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
  assertEquals(tasks.virtual.timers, 0);
});

Deno.test("stop() at any moment around a turn passes the slot on", async () => {
  for (let ms = 0; ms < 40; ms++) {
    const tasks = new Tasks();
    const store = new ScriptedStore();
    store.script = async () => {
      await tasks.virtual.delay(10);
      return undefined;
    };
    const two = tasks.scheduler("two", { store, minutes: 1 });
    const group = new NeatPeriodicTaskGroup(
      [tasks.scheduler("one", { minutes: 1 }), two, tasks.scheduler("three", { minutes: 1 })],
      { concurrency: 1 },
    );
    group.start();
    await tasks.virtual.advance(MINUTE + ms);
    const stopped = two.stop();
    await tasks.virtual.advance(5 * MINUTE);
    await stopped;
    assert(tasks.lines.some((line) => line.endsWith("three ends")), `stopped ${ms} ms after the turn`);
    assertEquals([tasks.mostAtOnce, two.state], [1, "stopped"]);
    await group.stop();
    assertEquals(tasks.virtual.timers, 0);
  }
});

Deno.test("a slot that gets free at any moment of a check is taken at once", async () => {
  for (let turns = 0; turns < 150; turns++) {
    const tasks = new Tasks();
    const end = Promise.withResolvers<void>();
    const store = new ScriptedStore();
    // the first run ends some turns of the microtask queue after the answer to the check of the second member
    store.script = async () => {
      await end.promise;
      return undefined;
    };
    const task = async (): Promise<void> => {
      await end.promise;
      for (let turn = 0; turn < turns; turn++) await undefined;
    };
    const group = new NeatPeriodicTaskGroup(
      [tasks.scheduler("one", { task }), tasks.scheduler("two", { store })],
      { concurrency: 1 },
    );
    group.start();
    await tasks.virtual.advance(1_000);
    end.resolve();
    await tasks.virtual.advance(1_000);
    assertEquals(tasks.lines, ["0: two starts"], `after ${turns} turns`);
    await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
  }
});

Deno.test("a store that is away at a turn does not hold up the other tasks", async () => {
  const tasks = new Tasks();
  const store = new ScriptedStore();
  const group = new NeatPeriodicTaskGroup(
    [tasks.scheduler("away", { store }), tasks.scheduler("near")],
    { concurrency: 1 },
  );
  // its last run makes the first member the preferred replica, which claims without a read where there is no limit
  member(group, "away").start();
  await tasks.virtual.advance(MINUTE);
  member(group, "near").start();
  await tasks.virtual.advance(30 * MINUTE);
  store.script = () => ({ hangs: true });
  tasks.lines.length = 0;
  await tasks.virtual.advance(54 * MINUTE);
  assertEquals(tasks.lines, ["70: near starts", "80: near ends"]);
  store.script = () => undefined;
  await tasks.virtual.advance(20 * MINUTE);
  assertEquals(tasks.lines.at(-1)?.endsWith("away ends"), true);
  await group.stop();
});

Deno.test("a call that was abandoned does not count, as its run has ended", async () => {
  const tasks = new Tasks();
  const group = new NeatPeriodicTaskGroup(
    [tasks.scheduler("stuck", { task: () => new Promise(() => {}) }), tasks.scheduler("near")],
    { concurrency: 1 },
  );
  group.start();
  await tasks.virtual.advance(30 * MINUTE - 1);
  assertEquals(tasks.lines, []);
  await tasks.virtual.advance(MINUTE);
  assertEquals([tasks.lines, member(group, "stuck").explain().abandoned], [["30: near starts"], 1]);
  await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
});

Deno.test("a slot is free while the outcome of its run is recorded", async () => {
  const tasks = new Tasks();
  const store = new ScriptedStore();
  const group = new NeatPeriodicTaskGroup(
    [tasks.scheduler("away", { store }), tasks.scheduler("near")],
    { concurrency: 1 },
  );
  member(group, "away").start();
  await tasks.virtual.advance(MINUTE);
  member(group, "near").start();
  store.script = () => ({ hangs: true });
  await tasks.virtual.advance(10 * MINUTE);
  assertEquals(tasks.lines, ["0: away starts", "10: away ends", "10: near starts"]);
  store.script = () => undefined;
  await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
});

Deno.test("a member that runs when it is added counts, and its next run waits", async () => {
  const tasks = new Tasks();
  const early = tasks.scheduler("early");
  early.start();
  await tasks.virtual.advance(MINUTE);
  const group = new NeatPeriodicTaskGroup([early], { concurrency: 1 });
  group.add(tasks.scheduler("late")).start();
  await tasks.virtual.advance(15 * MINUTE);
  assertEquals(tasks.lines, ["0: early starts", "10: early ends", "10: late starts"]);
  await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
});

Deno.test("a run whose start deadline passes while it waits for its turn is given up", async () => {
  const tasks = new Tasks();
  const group = new NeatPeriodicTaskGroup(
    [
      tasks.scheduler("one", { isScheduled: true }),
      tasks.scheduler("hasty", { isScheduled: true, startDeadline: 5 * MINUTE }),
    ],
    { concurrency: 1 },
  );
  group.start();
  await tasks.virtual.advance(2 * HOUR - MINUTE);
  assertEquals(tasks.lines, ["60: one starts", "70: one ends"]);
  await group.stop();
});

Deno.test("a group with a limit never exceeds it, and every due run gets its turn", async () => {
  const anyTask = fc.record({
    intervalMin: fc.integer({ min: 30, max: 120 }),
    minutes: fc.integer({ min: 1, max: 5 }),
    fails: fc.boolean(),
    hasStore: fc.boolean(),
  });
  const anyTasks = fc.array(anyTask, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), anyTasks, async (concurrency, specs) => {
      const tasks = new Tasks();
      const group = new NeatPeriodicTaskGroup(
        specs.map(({ intervalMin, minutes, fails, hasStore }, index) =>
          tasks.scheduler(`${index}`, {
            intervalMs: intervalMin * MINUTE,
            // at most 6 runs of 5 minutes wait for each other: every due run ends before the next one is due
            timeout: 6 * MINUTE,
            retryDelay: intervalMin * MINUTE,
            ...hasStore ? { store: new MemoryStore() } : {},
            task: async () => {
              await tasks.run(`${index}`, minutes);
              if (fails) throw new Error("no luck");
            },
          })
        ),
        { concurrency },
      );
      group.start();
      const hours = 12;
      await tasks.virtual.advance(hours * HOUR - 1);
      assert(tasks.mostAtOnce <= concurrency);
      for (const [index, { intervalMin, fails }] of specs.entries()) {
        const starts = tasks.lines.filter((line) => line.endsWith(` ${index} starts`)).length;
        const due = Math.ceil(hours * 60 / intervalMin);
        // a failed run is repeated a delay after its start, so its due times move
        assert(starts <= due && starts >= (fails ? due - Math.ceil(due / 2) : due - 1), `${starts} of ${due} runs`);
      }
      await Promise.all([group.stop(), tasks.virtual.advance(HOUR)]);
      assertEquals([tasks.running.size, tasks.virtual.timers], [0, 0]);
    }),
    { numRuns: 100 },
  );
});
