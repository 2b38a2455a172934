// Schedulers with schedules, over weeks and years of virtual time.

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MemoryStore, NeatPeriodicTaskScheduler, type Schedule, type ScheduleTaskOptions } from "../../mod.ts";
import { cases } from "../helpers/cases.ts";
import { KeptLog } from "../helpers/log.ts";
import { dailyAt, MONTHLY, patternOf, scheduleOf } from "../helpers/schedules.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

interface Fixture {
  readonly virtual: VirtualTime;
  readonly store: MemoryStore;
  readonly log: KeptLog;
  /** The due times and the starts of the runs. */
  readonly runs: { readonly due: string; readonly startedMs: number }[];
}

function fixture(start?: string): Fixture {
  return { virtual: new VirtualTime(start), store: new MemoryStore(), log: new KeptLog(), runs: [] };
}

function scheduler(
  { virtual, store, log, runs }: Fixture,
  options: Partial<ScheduleTaskOptions> & Pick<ScheduleTaskOptions, "schedule">,
): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "scheduled",
    timeout: 10 * MINUTE,
    store,
    clock: virtual.clock(),
    log,
    task: ({ scheduled }) => void runs.push({ due: scheduled.toISOString(), startedMs: virtual.nowMs }),
    ...options,
  });
}

const dues = ({ runs }: Fixture): string[] => runs.map(({ due }) => due.slice(0, 16));

Deno.test("a task on schedule does not run when its scheduler starts, but at each due time", async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  await using one = scheduler(given, { schedule: dailyAt(9, { workdays: true }) });
  one.start();
  await given.virtual.advance(5 * DAY);
  assertEquals(dues(given), ["2026-02-02T09:00", "2026-02-03T09:00", "2026-02-04T09:00"]);
  for (const { due, startedMs } of given.runs) assertEquals(startedMs, Date.parse(due));
});

Deno.test('firstRun: "immediately" runs a task that has never run at once, and then at its due times', async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  await using one = scheduler(given, { schedule: dailyAt(9), firstRun: "immediately" });
  one.start();
  await given.virtual.advance(DAY);
  assertEquals(dues(given), ["2026-01-30T12:00", "2026-01-31T09:00"]);
});

Deno.test('firstRun: "on-schedule" lets the first run of an interval wait for an interval', async () => {
  const { virtual, log } = fixture();
  const starts: number[] = [];
  const begin = virtual.nowMs;
  await using one = new NeatPeriodicTaskScheduler({
    name: "interval",
    interval: HOUR,
    timeout: MINUTE,
    firstRun: "on-schedule",
    clock: virtual.clock(),
    log,
    task: ({ scheduled }) => void starts.push(scheduled.getTime() - begin),
  });
  one.start();
  await virtual.advance(2 * HOUR);
  assertEquals(starts, [HOUR, 2 * HOUR]);
});

Deno.test("a due time at which no replica was there is made up for, also before the first run", async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  {
    await using one = scheduler(given, { schedule: dailyAt(9) });
    one.start();
    await given.virtual.advance(HOUR);
  }
  given.virtual.nowMs = Date.parse("2026-01-31T10:00:00.000Z");
  await using other = scheduler(given, { schedule: dailyAt(9) });
  other.start();
  await given.virtual.advance(MINUTE);
  assertEquals(dues(given), ["2026-01-31T09:00"]);
});

Deno.test("a deployment with another schedule takes effect without a lost or doubled run", async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  const hours = [3, 4, 2, 13, 12];
  for (const hour of hours) {
    // three replicas, deployed one after another at noon
    const replicas = [0, 1, 2].map(() => scheduler(given, { schedule: dailyAt(hour) }));
    for (const replica of replicas) {
      replica.start();
      await given.virtual.advance(MINUTE);
    }
    await given.virtual.advance(DAY - 10 * MINUTE);
    await Promise.all([...replicas.map((replica) => replica.stop()), given.virtual.advance(7 * MINUTE)]);
  }
  assertEquals(dues(given), [
    "2026-01-31T03:00",
    "2026-02-01T04:00",
    "2026-02-02T02:00",
    // deployed at noon of the 2nd
    "2026-02-02T13:00",
    // replaced at noon of the 3rd, by a schedule whose due time of that day has just passed
    "2026-02-03T13:00",
  ]);
});

Deno.test("a monthly task runs twelve times a year, and logs ALIVE at least every maxCycle", async () => {
  const given = fixture("2026-01-01T00:00:01.000Z");
  await using one = scheduler(given, { schedule: MONTHLY });
  one.start();
  let silentMs = 0;
  for (let hours = 0; hours < 365 * 24; hours++) {
    const lines = given.log.lines.length;
    await given.virtual.advance(HOUR);
    silentMs = given.log.lines.length > lines ? 0 : silentMs + HOUR;
    assert(silentMs <= 4 * HOUR, "no line for longer than maxCycle");
  }
  assertEquals(given.runs.length, 12);
  assert(given.log.lines.every((line) => /ALIVE|START|FINISHED/.test(line)));
});

Deno.test("a schedule that ends leaves the scheduler waiting, and explains it", async () => {
  const given = fixture();
  const { virtual } = given;
  await using one = scheduler(given, { schedule: scheduleOf(virtual.nowMs + HOUR, virtual.nowMs + 3 * HOUR) });
  one.start();
  await virtual.advance(30 * DAY);
  assertEquals(given.runs.length, 2);
  assertEquals(one.explain().reason, "schedule-ended");
  assertEquals((await one.status()).due, undefined);
});

Deno.test("jitter moves each due time of a task by the same delay on every replica", async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  const options = { schedule: dailyAt(9), jitter: HOUR };
  await using one = scheduler(given, options);
  await using other = scheduler(given, options);
  one.start();
  other.start();
  await given.virtual.advance(2 * DAY);
  await one.stop();
  await given.virtual.advance(2 * DAY);
  const delays = given.runs.map(({ due }) => Date.parse(due) % DAY - 9 * HOUR);
  assertEquals(delays.length, 4);
  assertEquals(new Set(delays).size, 1);
  assert(delays[0]! > 0 && delays[0]! < HOUR);
});

Deno.test('firstRun: "immediately" with jitter runs a task with a schedule once, also if its process restarts all the time', async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  const options = { schedule: dailyAt(9), firstRun: "immediately", jitter: HOUR } as const;
  for (let restarts = 0; restarts < 60; restarts++) {
    await using one = scheduler(given, options);
    one.start();
    await given.virtual.advance(MINUTE);
  }
  assertEquals(given.runs.length, 1);
  const afterMs = given.runs[0]!.startedMs - Date.parse("2026-01-30T12:00:00.000Z");
  assert(afterMs > 0 && afterMs < HOUR, `${afterMs}`);
});

Deno.test("jitter longer than the gaps of a schedule loses no due time, also if the process restarts all the time", async () => {
  const given = fixture("2026-01-30T12:00:00.000Z");
  const gapMs = 10 * MINUTE;
  const options = { schedule: patternOf(given.virtual.nowMs, [gapMs]), timeout: MINUTE, jitter: 10 * HOUR };
  for (let restarts = 0; restarts < 60; restarts++) {
    await using one = scheduler(given, options);
    one.start();
    await given.virtual.advance(7 * MINUTE);
  }
  const dueTimes = given.runs.map(({ due }) => Date.parse(due));
  assert(dueTimes.length >= 40, `${dueTimes.length}`);
  dueTimes.slice(1).forEach((dueMs, index) => assertEquals(dueMs - dueTimes[index]!, gapMs));
});

Deno.test("a trigger before a due time that jitter has delayed leaves that due time as it is", async () => {
  const given = fixture("2026-01-30T08:30:00.000Z");
  const { virtual } = given;
  await using one = scheduler(given, { schedule: dailyAt(9), jitter: 10 * HOUR });
  one.start();
  await virtual.advance(30 * MINUTE + 1);
  const { due } = await one.status();
  assert(due && due.getTime() > virtual.nowMs, `${due}`);
  await Promise.all([one.trigger(), virtual.advance(1)]);
  await virtual.advance(DAY);
  assertEquals(given.runs.length, 2);
  assertEquals(given.runs[1]!.due, due.toISOString());
});

Deno.test("jitter moves the first run of tasks with an interval, whose later due times follow from it", async () => {
  const { virtual, log } = fixture();
  const starts: number[] = [];
  const begin = virtual.nowMs;
  const schedulers = Array.from({ length: 20 }, (_, index) =>
    new NeatPeriodicTaskScheduler({
      name: `tenant-${index}`,
      interval: HOUR,
      timeout: MINUTE,
      jitter: HOUR,
      clock: virtual.clock(),
      log,
      task: ({ scheduled }) => void starts.push(scheduled.getTime() - begin),
    }));
  for (const one of schedulers) one.start();
  await virtual.advance(2 * HOUR);
  assertEquals(starts.length, 40);
  assert(new Set(starts.map((start) => Math.floor(start / (6 * MINUTE)) % 10)).size >= 7, "not spread");
  assertEquals(starts.slice(20).map((start) => start - HOUR), starts.slice(0, 20));
  await Promise.all(schedulers.map((one) => one.stop()));
});

Deno.test("a replica whose wall clock is set back runs at the next due time of its schedule", async () => {
  const given = fixture("2026-01-30T08:30:00.000Z");
  const { virtual } = given;
  let aheadMs = 2 * DAY;
  const clock = { ...virtual.clock(), nowMs: () => virtual.nowMs + aheadMs };
  await using one = scheduler(given, { schedule: dailyAt(9), clock });
  one.start();
  await virtual.advance(MINUTE);
  aheadMs = 0;
  // no check notices the clock before the first due time has passed
  await virtual.advance(DAY + HOUR);
  assertEquals(dues(given), ["2026-01-31T09:00"]);
});

Deno.test("a run that cannot start within startDeadline is given up with a warning, and the next one starts", async () => {
  const given = fixture("2026-01-30T08:59:00.000Z");
  const store = new ScriptedStore(given.store);
  await using one = scheduler(given, { schedule: dailyAt(9), startDeadline: 5 * MINUTE, store });
  one.start();
  await given.virtual.advance(30_000);
  store.script = () => ({ fails: new Error("away") });
  await given.virtual.advance(HOUR);
  store.script = () => undefined;
  await given.virtual.advance(DAY + HOUR);
  assertEquals(dues(given), ["2026-01-31T09:00"]);
  const warnings = given.log.lines.filter((line) => line.includes("startDeadline"));
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /due at 2026-01-30T09:00:00.000Z could not start within startDeadline/);
});

Deno.test("a claim that is answered after startDeadline is released, and starts no run", async () => {
  const given = fixture("2026-01-30T08:59:00.000Z");
  const { virtual } = given;
  const store = new ScriptedStore(given.store);
  await using one = scheduler(given, { schedule: dailyAt(9), startDeadline: 2_000, store });
  one.start();
  await virtual.advance(30_000);
  store.script = async (call) => {
    if (call === "write") await virtual.delay(4_000);
    return undefined;
  };
  await virtual.advance(MINUTE);
  store.script = () => undefined;
  await virtual.advance(HOUR);
  assertEquals(given.runs, []);
  assertEquals((await one.status()).state, "idle");
  const [warning = ""] = given.log.lines.filter((line) => line.includes("claim was answered"));
  assertMatch(warning, /the claim was answered after startDeadline, so no run was started$/);
});

Deno.test("the repetition of a crashed run that is given up is warned of once", async () => {
  const given = fixture("2026-01-30T08:59:00.000Z");
  const { virtual } = given;
  const store = new ScriptedStore(given.store);
  const value = new TextEncoder().encode(JSON.stringify({
    format: "neat-periodic-task-status",
    version: 1,
    state: "running",
    // without a time that can be read, the lease ends by when the record was first seen
    started: "soon",
    scheduled: "2026-01-30T05:00:00.000Z",
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
    term: 1,
    lease: 60_000,
    due: "2026-01-31T05:00:00.000Z",
  }));
  await given.store.write("scheduled", value, null);
  // both clocks are read one after the other, and the second reading may be a little later
  let fraction = 0;
  const clock = virtual.clock();
  const drifting = { ...clock, monotonicMs: () => clock.monotonicMs() + (fraction = (fraction + 0.37) % 1) };
  await using one = scheduler(given, {
    schedule: dailyAt(5),
    startDeadline: 5 * MINUTE,
    maxCycle: HOUR,
    clock: drifting,
    store,
  });
  one.start();
  await virtual.advance(30_000);
  store.script = () => ({ fails: new Error("away") });
  await virtual.advance(HOUR);
  store.script = () => undefined;
  await virtual.advance(10 * HOUR);
  assertEquals(given.log.lines.filter((line) => line.includes("startDeadline")).length, 1);
});

const WRONG: [name: string, schedule: Schedule][] = [
  ["throws", {
    next: () => {
      throw new Error("no calendar");
    },
  }],
  ["goes backwards", { next: (after) => new Date(after.getTime() - 1) }],
  ["stands still", { next: (after) => after }],
];

for (const [name, schedule] of WRONG) {
  Deno.test(`a schedule that ${name} is refused when the scheduler is created`, () => {
    const error = assertThrows(() => scheduler(fixture(), { schedule }));
    assert(error instanceof Error && error.message.includes("schedule.next()"), `${error}`);
  });

  Deno.test(`a schedule that ${name} later logs an error at growing distances, and works again when it recovers`, async () => {
    const given = fixture("2026-01-30T12:00:00.000Z");
    const { virtual, log } = given;
    const broken = { is: false, calls: 0 };
    const daily = dailyAt(9);
    await using one = scheduler(given, {
      schedule: {
        next: (after) => {
          broken.calls++;
          return broken.is ? schedule.next(after) : daily.next(after);
        },
      },
    });
    one.start();
    await virtual.advance(HOUR);
    broken.is = true;
    broken.calls = 0;
    await assertRejects(() => Promise.all([one.trigger(), virtual.advance(1)]), Error, "schedule.next()");
    await virtual.advance(DAY);
    assertEquals(one.explain().reason, "schedule-error");
    assert(log.lines.some((line) => line.startsWith("error") && line.includes("schedule.next()")));
    assert(broken.calls < 2_000, `${broken.calls} calls in a day`);
    broken.is = false;
    await virtual.advance(DAY);
    assertEquals(dues(given).at(-1), "2026-02-01T09:00");
  });
}

Deno.test("a schedule that fails during a run does not change the answer of trigger()", async () => {
  const given = fixture();
  let isBroken = false;
  const daily = dailyAt(9);
  await using one = scheduler(given, {
    schedule: { next: (after) => isBroken ? after : daily.next(after) },
    task: () => void (isBroken = true),
  });
  assertEquals((await one.trigger()).outcome, "finished");
});

Deno.test("any schedule has each due time run once or skipped because a later one had passed, none twice and none early", async () => {
  const anyGaps = fc.array(fc.integer({ min: 10 * MINUTE, max: 40 * HOUR }), { minLength: 1, maxLength: 6 });
  // replicas that start and stop, and tasks of different lengths
  const anyReplicas = fc.array(
    fc.record({ startMs: fc.integer({ min: 0, max: DAY }), forMs: fc.integer({ min: MINUTE, max: 6 * DAY }) }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(anyGaps, anyReplicas, fc.integer({ min: 0, max: MINUTE }), async (gaps, replicas, lengthMs) => {
      const given = fixture();
      const { virtual, runs } = given;
      const schedule = patternOf(virtual.nowMs + 12_345, gaps);
      const begin = virtual.nowMs;
      const started = replicas.map(async ({ startMs, forMs }) => {
        const task = async ({ scheduled }: { scheduled: Date }): Promise<void> => {
          runs.push({ due: scheduled.toISOString(), startedMs: virtual.nowMs });
          await virtual.delay(lengthMs);
        };
        const one = scheduler(given, { schedule, task });
        await virtual.delay(startMs);
        one.start();
        await virtual.delay(forMs);
        await one.stop();
      });
      await virtual.advance(8 * DAY);
      await Promise.all(started);
      let lastMs = -Infinity;
      for (const { due, startedMs } of runs) {
        const dueMs = Date.parse(due);
        assert(dueMs > lastMs, "twice, or out of order");
        assert(startedMs >= dueMs, "early");
        assertEquals(schedule.next(new Date(dueMs - 1))?.getTime(), dueMs, "not a due time");
        const next = schedule.next(new Date(dueMs));
        assert(next === null || next.getTime() > startedMs, "a later due time had passed");
        lastMs = dueMs;
      }
      assert(begin < virtual.nowMs);
    }),
    { numRuns: cases(300) },
  );
});
