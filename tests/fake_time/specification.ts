/**
 * What a scheduler does while time is faked. It must hold under every library that fakes time, whether the library took hold
 * before our module was imported or after, so it asks of it no more than a {@linkcode Fake} and of its runner nothing.
 */
import assert from "node:assert/strict";
import type { NeatPeriodicTaskScheduler } from "../../mod.ts";
import type { Fake } from "./fake.ts";
import { FakeTimeSetup } from "./fake_time_setup.ts";

/** One sentence of the specification. */
export interface Sentence {
  readonly name: string;
  /** Rejects if it doesn't hold. */
  check(): Promise<void>;
}

const SENTENCES: Readonly<Record<string, (setup: FakeTimeSetup) => Promise<void>>> = {
  "starts every run at its due time, however long the runs take": async (setup) => {
    const starts: number[] = [];
    const scheduler = setup.scheduler({
      interval: { seconds: 30 },
      minCycle: { seconds: 5 },
      timeout: { seconds: 20 },
      task: async () => {
        starts.push(setup.seconds);
        await setup.sleep(10);
      },
    });
    scheduler.start();
    await setup.pass(75);
    assert.deepEqual(starts, [0, 30, 60]);
    assert.deepEqual(setup.lines, [
      '0 info ### [START] neat-periodic-task: "task"',
      '10 info ### [FINISHED] neat-periodic-task: "task"',
      '15 info ### [ALIVE] neat-periodic-task: "task"',
      '30 info ### [START] neat-periodic-task: "task"',
      '40 info ### [FINISHED] neat-periodic-task: "task"',
      '45 info ### [ALIVE] neat-periodic-task: "task"',
      '60 info ### [START] neat-periodic-task: "task"',
      '70 info ### [FINISHED] neat-periodic-task: "task"',
      '75 info ### [ALIVE] neat-periodic-task: "task"',
    ]);
    await scheduler.stop();
  },

  "runs when time leaps from one slot to the next": async (setup) => {
    const slots: number[] = [];
    const scheduler = setup.scheduler({
      interval: { hours: 1 },
      store: setup.store(),
      task: (run) => void slots.push(setup.secondsOf(run.scheduled)),
    });
    scheduler.start();
    await setup.leap(3_600);
    assert.deepEqual(slots, [0, 3_600]);
    await setup.leap(3_600);
    assert.deepEqual(slots, [0, 3_600, 7_200]);
    assert.deepEqual(setup.linesOf("warn", "error"), []);
    await scheduler.stop();
  },

  "takes a run that ended in time for finished, even if time leaps beyond its timeout": async (setup) => {
    const scheduler = setup.scheduler({ timeout: { seconds: 20 }, task: () => setup.sleep(3) });
    scheduler.start();
    await setup.leap(60);
    assert.equal((await scheduler.status()).state, "finished");
    assert.deepEqual(setup.linesOf("warn", "error"), []);
    await scheduler.stop();
  },

  "aborts a run at its timeout, not a moment before": async (setup) => {
    const signals: AbortSignal[] = [];
    const scheduler = setup.scheduler({
      timeout: { seconds: 5 },
      retryDelay: { seconds: 30 },
      task: (run) => {
        signals.push(run.signal);
        return setup.aborted(run.signal);
      },
    });
    // clocks that are not faked go on meanwhile
    scheduler.addEventListener("start", () => setup.spendRealTime());
    scheduler.start();
    await setup.leap(4.999);
    const [signal] = signals;
    assert.equal(signal?.aborted, false);
    await setup.leap(0.001);
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason.name, "TimeoutError");
    assert.deepEqual(setup.lines, [
      '0 info ### [START] neat-periodic-task: "task"',
      '5 error ### [FAILED] neat-periodic-task: "task", timeout exceeded! TimeoutError',
    ]);
    assert.equal((await scheduler.status()).recent[0]?.outcome, "timeout");
    await scheduler.stop();
  },

  "repeats a failed run after the retry delay": async (setup) => {
    const starts: number[] = [];
    const scheduler = setup.scheduler({
      retryDelay: (failures) => failures * 10_000,
      task: () => {
        starts.push(setup.seconds);
        if (starts.length < 3) throw new RangeError("no luck");
      },
    });
    scheduler.start();
    await setup.pass(120, 5);
    assert.deepEqual(starts, [0, 10, 30, 120]);
    assert.equal(setup.lines[1], '0 error ### [FAILED] neat-periodic-task: "task" RangeError');
    await scheduler.stop();
  },

  "keeps a run alive by its heartbeat for longer than its lease": async (setup) => {
    const scheduler = setup.scheduler({
      timeout: { minutes: 5 },
      heartbeatInterval: { seconds: 10 },
      heartbeatTimeout: { seconds: 30 },
      task: () => setup.sleep(95),
    });
    scheduler.start();
    await setup.pass(94);
    assert.equal(setup.secondsOf((await scheduler.status()).heartbeat), 90);
    await setup.pass(1);
    assert.equal((await scheduler.status()).state, "finished");
    await scheduler.stop();
    assert.equal(setup.hasTimers(), false);
  },

  "runs at once when it is triggered, and keeps the slots": async (setup) => {
    const starts: number[] = [];
    const scheduler = setup.scheduler({
      interval: { seconds: 30 },
      task: () => void starts.push(setup.seconds),
    });
    scheduler.start();
    await setup.pass(10);
    assert.equal((await scheduler.trigger()).outcome, "finished");
    await setup.pass(25);
    assert.deepEqual(starts, [0, 10, 30]);
    await scheduler.stop();
  },

  "waits for the run in progress when it stops, and leaves no timer": async (setup) => {
    const scheduler = setup.scheduler({ task: () => setup.sleep(10) });
    scheduler.start();
    await setup.pass(3);
    const stopping = setup.settledAt(scheduler.stop());
    await setup.pass(10);
    assert.deepEqual(await stopping, { at: 10, value: { clean: true, abandoned: 0 } });
    assert.equal(setup.lines.at(-1), '10 info ### [FINISHED] neat-periodic-task: "task"');
    assert.equal(setup.hasTimers(), false);
  },

  "aborts the run in progress when it is told to, and leaves no timer": async (setup) => {
    const reasons: unknown[] = [];
    const scheduler = setup.scheduler({
      task: async (run) => {
        await setup.aborted(run.signal).catch((reason) => reasons.push(reason.name));
      },
    });
    scheduler.start();
    await setup.pass(3);
    assert.deepEqual(await scheduler.stop({ abort: true }), { clean: true, abandoned: 0 });
    assert.deepEqual(reasons, ["AbortError"]);
    assert.equal(setup.seconds, 3);
    assert.equal(setup.hasTimers(), false);
  },

  "stops within its time limit, whatever the task does, and leaves no timer": async (setup) => {
    const scheduler = setup.scheduler({ timeout: { minutes: 5 }, task: () => new Promise(() => {}) });
    scheduler.start();
    await setup.pass(3);
    const stopping = setup.settledAt(scheduler.stop({ timeout: { seconds: 7 } }));
    await setup.pass(10);
    assert.deepEqual(await stopping, { at: 10, value: { clean: false, abandoned: 1 } });
    assert.equal(setup.hasTimers(), false);
  },

  "leaves no timer when it stops between two runs": async (setup) => {
    const scheduler = setup.scheduler({ task: () => {} });
    scheduler.start();
    await setup.pass(3);
    await scheduler.stop();
    assert.equal(setup.hasTimers(), false);
  },

  "leaves no timer when it stops after an error of the store": async (setup) => {
    const scheduler = setup.scheduler({
      store: { read: () => Promise.reject(new Error("down")), write: () => Promise.reject(new Error("down")) },
      task: () => {},
    });
    scheduler.start();
    await setup.pass(3);
    await scheduler.stop();
    assert.equal(setup.hasTimers(), false);
  },

  "waits for longer than a timer can": async (setup) => {
    const days = 86_400;
    const starts: number[] = [];
    const scheduler = setup.scheduler({
      interval: { days: 60 },
      maxCycle: { days: 200 },
      timeout: { days: 30 },
      task: (run) => {
        starts.push(setup.seconds / days);
        if (starts.length === 2) return setup.aborted(run.signal);
      },
    });
    scheduler.start();
    await setup.pass(10);
    assert.equal(setup.lines.length, 2, "after START and FINISHED it waits");
    await setup.pass(91 * days, days / 2);
    // where time goes in steps, a timer that ends within one is noticed at its end
    assert.deepEqual(starts.map(Math.floor), [0, 60, 90]);
    assert.deepEqual(setup.linesOf("warn", "error").map((line) => line.split(" ").slice(1).join(" ")), [
      'error ### [FAILED] neat-periodic-task: "task", timeout exceeded! TimeoutError',
    ]);
    await scheduler.stop();
    assert.equal(setup.hasTimers(), false);
  },
};

/** How many sentences there are. */
export const LENGTH: number = Object.keys(SENTENCES).length;

/**
 * The whole of it.
 *
 * @param fake The library that fakes time.
 * @param Scheduler The class as it was imported, before or while the library took hold.
 */
export function specification(fake: Fake, Scheduler: typeof NeatPeriodicTaskScheduler): readonly Sentence[] {
  return Object.entries(SENTENCES).map(([name, check]) => ({
    name,
    check: async () => {
      fake.install();
      const setup = new FakeTimeSetup(fake, Scheduler);
      try {
        await check(setup);
      } finally {
        setup.clear();
        fake.restore();
      }
    },
  }));
}
