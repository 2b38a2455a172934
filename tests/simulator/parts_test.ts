import { assert, assertEquals, assertRejects } from "@std/assert";
import { Chance } from "../../src/testing/simulator/chance.ts";
import { Machine } from "../../src/testing/simulator/machine.ts";
import { CALL_FAULTS, Network } from "../../src/testing/simulator/network.ts";
import { Process } from "../../src/testing/simulator/process.ts";
import { viewOf } from "../../src/testing/simulator/record_view.ts";
import { RecordStore } from "../../src/testing/simulator/record_store.ts";
import { Stats } from "../../src/testing/simulator/stats.ts";
import { StoreClock } from "../../src/testing/simulator/store_clock.ts";
import { VirtualTime } from "../../src/testing/simulator/virtual_time.ts";

interface Parts {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly stats: Stats;
  readonly machine: Machine;
  readonly process: Process;
  /** Lets time pass, and notes what happens with the time at which it does. */
  readonly pass: (ms: number) => Promise<void>;
  readonly notes: string[];
  readonly note: (what: string) => void;
}

function parts({ fault = "", rate = 1, heedsSignals = true } = {}): Parts {
  const time = new VirtualTime();
  const traits = { latencyMs: 10, faultRate: fault ? 1 : 0, maxDelayMs: 5_000, faults: new Set([fault]) };
  const stats = new Stats();
  const network = new Network(time, traits, stats);
  const machine = new Machine(time, 1, { index: 0, offsetMs: 0, rate, lagMs: 0, heedsSignals });
  const notes: string[] = [];
  return {
    time,
    network,
    stats,
    machine,
    process: new Process(time, network, machine, new StoreClock(time, 0)),
    pass: (ms) => time.runUntil(time.nowMs + ms, () => true),
    notes,
    note: (what) => void notes.push(`${Math.round(time.nowMs)} ${what}`),
  };
}

Deno.test("events happen in the order of their times, and at the same time in that of their calls", async () => {
  const { time, pass, notes, note } = parts();
  for (const ms of [30, 10, 20, 10]) time.after(ms, () => note("event"));
  time.after(10, () => note("last")).callback = undefined;
  await pass(25);
  assertEquals(notes, ["10 event", "10 event", "20 event"]);
  await pass(100);
  assertEquals([notes.length, time.nowMs], [4, 125]);
});

Deno.test("where there is no setImmediate, promises settle between events all the same", async () => {
  const { time, pass, notes, note } = parts();
  const scope = globalThis as { setImmediate?: unknown };
  const { setImmediate } = scope;
  scope.setImmediate = undefined;
  try {
    time.after(1, async () => {
      for (let turn = 0; turn < 100; turn++) await undefined;
      note("settled");
    });
    time.after(2, () => note("next"));
    await pass(10);
  } finally {
    scope.setImmediate = setImmediate;
  }
  assertEquals(notes, ["1 settled", "2 next"]);
});

Deno.test("chance of one purpose has nothing in common with that of another", () => {
  const [one, same, other] = [new Chance(7, "a", 1), new Chance(7, "a", 1), new Chance(7, "a", 2)];
  const numbers = (chance: Chance): number[] => Array.from({ length: 20 }, () => chance.next());
  const first = numbers(one);
  assertEquals(first, numbers(same));
  assert(!numbers(other).some((number) => first.includes(number)));
  assert(new Chance(7 + 2 ** 40, "a", 1).next() !== first[0]);
});

Deno.test("chance keeps to its bounds", () => {
  const chance = new Chance(1, "bounds");
  for (let round = 0; round < 1_000; round++) {
    const magnitude = chance.magnitude(3, 1_000);
    assert(magnitude >= 3 && magnitude <= 1_000);
    assert([2, 3, 4].includes(chance.whole(2, 4)));
    assert(["a", "b"].includes(chance.weighted({ a: 1, b: 2, c: 0 })));
  }
});

Deno.test("a process that is paused gets its timers and answers when it is resumed, in the order that is asked for", async () => {
  for (const [order, expected] of [["timers first", "timer"], ["answers first", "answer"]] as const) {
    const { process, pass, notes, note } = parts();
    process.clock.setTimer(() => note("timer"), 100);
    void process.call(() => 1).then(() => note("answer"));
    process.pause();
    await pass(1_000);
    assertEquals(notes, []);
    process.resume(order);
    await pass(1);
    assertEquals([notes.length, notes[0]], [2, `1000 ${expected}`]);
  }
});

Deno.test("a process that is killed gets nothing any more, and what it has sent still lands", async () => {
  const { process, pass, notes, note } = parts();
  process.clock.setTimer(() => note("timer"), 100);
  void process.call(() => note("landed")).then(() => note("answer"));
  process.kill();
  await pass(1_000);
  assertEquals(notes.map((text) => text.split(" ")[1]), ["landed"]);
});

Deno.test("while a machine sleeps its monotonic clock and its timers stand still, and its wall clock goes on", async () => {
  const { process, machine, pass, notes, note } = parts();
  const before = [process.nowMs(), process.clock.monotonicMs()] as const;
  process.clock.setTimer(() => note("timer"), 100);
  process.pause();
  machine.clock.sleep();
  await pass(1_000);
  machine.clock.wake();
  process.resume("as it came");
  await pass(99);
  assertEquals(notes, []);
  await pass(2);
  assertEquals(notes, ["1100 timer"]);
  assertEquals([process.nowMs() - before[0], process.clock.monotonicMs() - before[1]], [1_101, 101]);
});

Deno.test("a clock of another rate fires its timers earlier or later, and one that is set fires them when it would have", async () => {
  const { process, machine, pass, notes, note } = parts({ rate: 1.05 });
  process.clock.setTimer(() => note("timer"), 1_050);
  machine.clock.jump(-3_600_000);
  await pass(999);
  assertEquals(notes, []);
  await pass(2);
  assertEquals(notes, ["1000 timer"]);
});

Deno.test("a timer that was taken back does not fire, not even after a pause", async () => {
  const { process, pass, notes, note } = parts();
  const timer = process.clock.setTimer(() => note("timer"), 10);
  process.pause();
  await pass(100);
  process.clock.clearTimer(timer);
  process.clock.clearTimer(undefined);
  process.resume("as it came");
  await pass(100);
  assertEquals([notes, process.timers.size], [[], 0]);
});

Deno.test("sleep ends with its signal", async () => {
  const { process, time, pass } = parts();
  const controller = new AbortController();
  const slept = assertRejects(() => process.sleep(1_000, controller.signal), Error, "enough");
  time.after(10, () => controller.abort(new Error("enough")));
  await pass(20);
  await slept;
  await assertRejects(() => process.sleep(1_000, controller.signal), Error, "enough");
});

/** What becomes of a call with each fault: how often it lands, whether it lands late, and what it is answered. */
const FATES: Record<typeof CALL_FAULTS[number], { lands: number[]; answers: string[] }> = {
  failBefore: { lands: [0], answers: ["failed"] },
  failAfter: { lands: [1], answers: ["failed"] },
  loseRequest: { lands: [0], answers: ["nothing"] },
  loseReply: { lands: [1], answers: ["nothing"] },
  slow: { lands: [1], answers: ["1"] },
  landLate: { lands: [1], answers: ["nothing", "failed"] },
  arriveTwice: { lands: [2], answers: ["2"] },
};

for (const fault of CALL_FAULTS) {
  Deno.test(`a call with the fault ${fault} lands and is answered as it should`, async () => {
    const seen = { lands: new Set<number>(), answers: new Set<string>() };
    const { process, pass, stats } = parts({ fault });
    for (let round = 0; round < 150; round++) {
      const before = stats.faults[fault] ?? 0;
      let [landed, answer] = [0, "nothing"];
      void process.call(() => ++landed).then((value) => answer = String(value), () => answer = "failed");
      await pass(20_000);
      // the faults that are left out are drawn too, and then nothing goes wrong
      if ((stats.faults[fault] ?? 0) === before) continue;
      seen.lands.add(landed);
      seen.answers.add(answer);
    }
    assertEquals([[...seen.lands], [...seen.answers].sort()], [FATES[fault].lands, FATES[fault].answers.sort()]);
  });
}

Deno.test("during an outage calls are refused, swallowed or not answered", async () => {
  const { process, network, machine, pass } = parts();
  const outcomes: string[] = [];
  for (const mode of ["refuse", "swallow", "mute"] as const) {
    network.outage = mode;
    let [landed, answer] = [0, "nothing"];
    void process.call(() => ++landed).then((value) => answer = String(value), () => answer = "failed");
    await pass(1_000);
    outcomes.push(`${landed} ${answer}`);
  }
  assertEquals(outcomes, ["0 failed", "0 nothing", "1 nothing"]);
  network.outage = undefined;
  machine.cut = "refuse";
  const failed = assertRejects(() => process.call(() => 1));
  await pass(100);
  await failed;
});

Deno.test("a call ends with its signal where its client heeds it, and what a server throws reaches its caller", async () => {
  const { process, pass, time } = parts();
  const controller = new AbortController();
  const ended = assertRejects(() => process.call(() => 1, controller.signal), Error, "enough");
  controller.abort(new Error("enough"));
  await ended;
  await assertRejects(() => process.call(() => 1, controller.signal), Error, "enough");
  const thrown = assertRejects(
    () =>
      process.call(() => {
        throw new Error("of the server");
      }),
    Error,
    "of the server",
  );
  await pass(100);
  await thrown;

  const deaf = parts({ heedsSignals: false });
  const other = new AbortController();
  const answered = deaf.process.call(() => Promise.resolve(1), other.signal);
  other.abort();
  await deaf.pass(100);
  assertEquals([await answered, time.nowMs], [1, 100]);
});

Deno.test("StoreClock checks what a store tells of it", () => {
  const { time } = parts();
  const use = (...told: (number | undefined)[]): string => {
    const clock = new StoreClock(time, 3_600_000);
    for (const storeTime of told) clock.told(storeTime, time.nowMs);
    return clock.use;
  };
  const { nowMs } = new StoreClock(time, 3_600_000);
  assertEquals([use(), use(undefined), use(NaN), use(nowMs), use(nowMs, nowMs)], [
    "none",
    "none",
    "none",
    "known",
    "known",
  ]);
  assertEquals([use(nowMs + 2), use(nowMs - 2), use(nowMs, undefined)], ["unknown", "unknown", "unknown"]);
  assertEquals(new StoreClock(time, 0, "known").use, "known");
});

Deno.test("StoreClock knows a clock that shows whole seconds", async () => {
  const { time, pass } = parts();
  await pass(1_900);
  const clock = new StoreClock(time, 0);
  clock.told(Math.floor(clock.nowMs / 1_000) * 1_000, time.nowMs);
  assertEquals(clock.use, "known");
});

Deno.test("the store of a world replaces the record only for who knows its version", async () => {
  for (const sharesVersions of [false, true]) {
    const { process, pass } = parts();
    const store = new RecordStore({ sharesVersions, clock: () => 5 });
    const client = store.client(process);
    const [first, second] = [new Uint8Array([1]), new Uint8Array([2])];
    const play = (async () => {
      assertEquals(await client.read("key"), null);
      const version = await client.write("key", first, null);
      assertEquals(await client.write("key", second, null), null);
      assertEquals(await client.read("key"), { value: first, version: version!, storeTime: 5 });
      const next = await client.write("key", second, version);
      assert(typeof next === "string" && next !== version);
      // equal bodies have equal versions where versions are shared
      assertEquals((await client.write("key", first, next)) === version, sharesVersions);
    })();
    await pass(1_000);
    await play;
  }
});

Deno.test("a record is read by the rules of the original", () => {
  const bytes = (record: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(record));
  const good = {
    format: "neat-periodic-task-status",
    version: 1,
    state: "idle",
    started: "2026-01-31T12:00:00.123456Z",
    owner: "-",
  };
  assertEquals([viewOf(null).kind, viewOf(bytes(good)).fault, viewOf(bytes(null)).kind], [
    "none",
    undefined,
    "foreign",
  ]);
  assertEquals(viewOf(new Uint8Array([0xff])).kind, "foreign");
  assertEquals(viewOf(bytes({ ...good, version: 2 })).kind, "newer");
  const bad = [{ version: 0 }, { state: "odd" }, { state: 1 }, { started: "noon" }, { owner: null }, { term: 0.5 }];
  for (const fields of [...bad, { error: "x".repeat(5_000) }]) {
    assert(viewOf(bytes({ ...good, ...fields })).fault, JSON.stringify(fields));
  }
});
