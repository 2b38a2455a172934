/** Each check finds what it is there to find, and nothing where all is well. */
import { assertEquals } from "@std/assert";
import { ClaimCheck } from "../../src/testing/simulator/checks/claim_check.ts";
import { DueCheck } from "../../src/testing/simulator/checks/due_check.ts";
import { LivenessCheck } from "../../src/testing/simulator/checks/liveness_check.ts";
import { LogCheck } from "../../src/testing/simulator/checks/log_check.ts";
import { OutageCheck } from "../../src/testing/simulator/checks/outage_check.ts";
import { OverlapCheck } from "../../src/testing/simulator/checks/overlap_check.ts";
import { RecordCheck } from "../../src/testing/simulator/checks/record_check.ts";
import { StopCheck } from "../../src/testing/simulator/checks/stop_check.ts";
import { StoreCheck } from "../../src/testing/simulator/checks/store_check.ts";
import { BEGIN_MS } from "../../src/testing/simulator/machine_clock.ts";
import type { Scene } from "../../src/testing/simulator/scene.ts";
import type { TriggerSeen, Watcher } from "../../src/testing/simulator/seen.ts";
import { FencedSink } from "../../src/testing/simulator/sink.ts";
import { INTERVAL_MS, LEASE_MS, record, Stage } from "./stage.ts";

const recordCheck = (scene: Scene): Watcher => new RecordCheck(scene);
const claimCheck = (scene: Scene): Watcher => new ClaimCheck(scene);
const dueCheck = (scene: Scene): Watcher => new DueCheck(scene);
const logCheck = (scene: Scene): Watcher => new LogCheck(scene);
const overlapCheck = (scene: Scene): Watcher => new OverlapCheck(scene);
const stopCheck = (scene: Scene): Watcher => new StopCheck(scene);
const outageCheck = (scene: Scene): Watcher => new OutageCheck(scene);
const storeCheck = (scene: Scene): Watcher => new StoreCheck(scene);
const livenessCheck = (scene: Scene): Watcher => new LivenessCheck(scene);

/** A test that says what a check must find. */
function finds(
  what: string,
  check: (scene: Scene) => Watcher,
  promises: string[],
  play: (stage: Stage) => void | Promise<void>,
  options = {},
): void {
  Deno.test(what, async () => {
    const stage = new Stage(check, options);
    await play(stage);
    assertEquals(stage.found, promises);
  });
}

finds("a run from claim to outcome breaks no promise about the record", recordCheck, [], (stage) => {
  const one = stage.scheduler();
  stage.write(one, {});
  stage.claim(one, 1);
  stage.run(one, 1);
  stage.write(one, { state: "finished", owner: "owner-1", term: 1 });
  stage.write(one, { state: "finished", owner: "-", term: 1 });
});

finds("two writes that replace one version are found", recordCheck, ["one-successor"], (stage) => {
  const one = stage.scheduler();
  stage.write(one, {}, "v0");
  stage.write(one, { state: "running", owner: "a", term: 1 }, "v0");
});

finds("a term that does not rise with a claim is found", recordCheck, ["rising-term"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.claim(one, 1, { owner: "another" });
});

finds("an outcome over the record of another is found", recordCheck, ["stale-write"], (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  stage.claim(other, 2);
  stage.write(one, { state: "finished", owner: "owner-1", term: 2 });
});

finds("an overwritten record of someone else is found", recordCheck, ["others-data"], (stage) => {
  stage.history.look(new TextEncoder().encode("{}"));
  stage.claim(stage.scheduler(), 1);
});

finds("a run beside someone else's data is found", recordCheck, ["others-data"], (stage) => {
  const one = stage.scheduler();
  stage.history.look(new TextEncoder().encode("{}"));
  stage.run(one, 1);
});

finds("a record that the original can't read is found", recordCheck, ["readable-record"], (stage) => {
  const text = new TextDecoder().decode(record({})).replace(/"started":"[^"]*"/, '"started":"yesterday"');
  const value = new TextEncoder().encode(text);
  stage.send(stage.scheduler(), value);
  stage.history.look(value);
});

finds("a read of what the store held when it was sent, or later, is right", storeCheck, [], async (stage) => {
  const one = stage.scheduler();
  stage.read(one, null);
  const first = record({});
  stage.history.look(first);
  const call = stage.history.calling(one, "read", undefined, undefined);
  await stage.pass(10);
  const second = record({});
  stage.history.look(second);
  for (const [index, value] of [first, second].entries()) {
    stage.history.hasRead(call, { value: value.slice(), version: `v${index}` });
  }
});

finds("a read of what the store held before is found", storeCheck, ["fresh-read"], async (stage) => {
  const one = stage.scheduler();
  const value = record({});
  stage.history.look(value);
  stage.history.look(record({}));
  await stage.pass(10);
  stage.read(one, { value, version: "v" });
});

finds("a read of nothing while there is a record is found", storeCheck, ["fresh-read"], async (stage) => {
  stage.history.look(record({}));
  await stage.pass(10);
  stage.read(stage.scheduler(), null);
});

finds("a write that is confirmed and not carried out is found", storeCheck, ["kept-write"], (stage) => {
  const call = stage.send(stage.scheduler(), record({}));
  stage.history.hasWritten(call, null, "v");
});

finds("a version that is given twice is found", storeCheck, ["distinct-versions"], (stage) => {
  const one = stage.scheduler();
  for (const value of [record({}), record({})]) {
    stage.history.look(value);
    stage.read(one, { value, version: "v" });
  }
});

finds("a run without a claim of its own is found", claimCheck, ["known-claim"], (stage) => {
  stage.run(stage.scheduler(), 1);
});

finds("a run on a claim that may have been written is found", claimCheck, ["known-claim"], (stage) => {
  const one = stage.scheduler();
  stage.send(one, record({ state: "running", owner: "owner-1", term: 1 }));
  stage.run(one, 1);
});

finds("a claim that is run twice is found", claimCheck, ["known-claim"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.run(one, 1);
  stage.run(one, 1);
});

finds("a run that begins when its lease is over is found", claimCheck, ["time-left"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  await stage.pass(LEASE_MS + 100);
  stage.run(one, 1);
});

finds("a claim that is won and not run is found", claimCheck, ["won-claim"], (stage) => {
  stage.claim(stage.scheduler(), 1);
  stage.tell("settled");
});

finds(
  "a run that goes on although its record is seen to be another's is found",
  claimCheck,
  ["lost-lease"],
  (stage) => {
    const one = stage.scheduler();
    stage.claim(one, 1);
    stage.run(one, 1);
    const value = record({ state: "running", owner: "another", term: 2 });
    stage.history.ended(stage.send(one, record({ state: "running", owner: "owner-1", term: 1 })), true);
    const call = stage.history.calling(one, "read", undefined, undefined);
    stage.history.hasRead(call, { value, version: "v" });
    stage.tell("settled");
  },
);

finds("a heartbeat of a run that is over is found", claimCheck, ["late-heartbeat"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.end(stage.run(one, 1));
  stage.send(one, record({ state: "running", owner: "owner-1", term: 1 }));
});

finds("a claim before the end of another's lease is found", claimCheck, ["lease-respected"], async (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  await stage.pass(LEASE_MS - 500);
  stage.claim(other, 2);
});

finds("a claim after the end of another's lease is not", claimCheck, [], async (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  await stage.pass(LEASE_MS + 500);
  stage.claim(other, 2);
});

finds("a claim before it is due is found", dueCheck, ["not-early"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: BEGIN_MS });
  await stage.pass(INTERVAL_MS - 500);
  stage.claim(one, 2, { scheduledMs: BEGIN_MS });
});

finds("a retry before it is due is found", dueCheck, ["not-early"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.write(one, { state: "failed", owner: "owner-1", term: 1, startedMs: BEGIN_MS, scheduledMs: BEGIN_MS });
  await stage.pass(LEASE_MS - 500);
  stage.claim(one, 2, { scheduledMs: BEGIN_MS });
});

finds("a claim for a time that is not on the grid is found", dueCheck, ["on-the-grid"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: BEGIN_MS });
  await stage.pass(INTERVAL_MS + 500);
  stage.claim(one, 2);
});

finds("a run beside another is found", overlapCheck, ["no-overlap"], async (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  stage.run(one, 1);
  await stage.pass(500);
  stage.claim(other, 2);
  stage.run(other, 2);
});

finds("a run beside one that was held up is not, if that says so", overlapCheck, [], async (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  const run = stage.run(one, 1);
  const pause = { fromMs: 100, toMs: Infinity, isSuspend: false };
  one.process.machine.pauses.push(pause);
  await stage.pass(3 * LEASE_MS);
  stage.claim(other, 2);
  stage.end(stage.run(other, 2));
  pause.toMs = stage.time.nowMs;
  run.reports.push("FAILED");
  stage.end(run, "TimeoutError");
  await stage.pass(100_000);
  stage.tell("over");
}, { storeClock: true });

finds("a run that was overtaken in silence is found", overlapCheck, ["overlap-reported"], async (stage) => {
  const [one, other] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  const run = stage.run(one, 1);
  stage.end(run);
  run.reports.push("FINISHED");
  await stage.pass(2 * LEASE_MS);
  stage.claim(other, 2);
  stage.end(stage.run(other, 2));
  await stage.pass(100_000);
  stage.tell("over");
});

finds("a run that goes on when its lease is over is found", overlapCheck, ["trust-ends"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  const run = stage.run(one, 1);
  await stage.pass(LEASE_MS + 100);
  stage.end(run);
});

finds("a run that is not aborted at all is found", overlapCheck, ["trust-ends"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.run(one, 1);
  await stage.pass(LEASE_MS + 100);
  stage.tell("over");
});

finds("too many bodies are found", overlapCheck, ["bounded-bodies"], (stage) => {
  const one = stage.scheduler();
  for (const term of [1, 2]) {
    stage.claim(one, term);
    stage.end(stage.run(one, term), "TimeoutError");
  }
}, { maxAbandoned: 0 });

finds("a stop whose answer is wrong is found", stopCheck, ["stop-leaves-nothing"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.run(one, 1);
  stage.answer(stage.stop(one));
});

finds("a timer that is left by a stop is found", stopCheck, ["stop-leaves-nothing"], (stage) => {
  const one = stage.scheduler();
  one.process.clock.setTimer(() => {}, 1_000);
  stage.answer(stage.stop(one));
});

finds("a call after a stop was answered is found", stopCheck, ["stop-leaves-nothing"], (stage) => {
  const one = stage.scheduler();
  stage.answer(stage.stop(one));
  stage.history.calling(one, "read", undefined, undefined);
});

finds("a claim after a stop is found", stopCheck, ["stop-begins-nothing"], (stage) => {
  const one = stage.scheduler();
  stage.stop(one);
  stage.claim(one, 1);
});

finds("a run after a stop is found", stopCheck, ["stop-begins-nothing"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.stop(one);
  stage.run(one, 1);
});

finds("a stop that takes too long is found", stopCheck, ["stop-answers"], async (stage) => {
  const stop = stage.stop(stage.scheduler(), 1_000);
  await stage.pass(4_000);
  stage.answer(stop);
});

finds("a stop that is never answered is found", stopCheck, ["stop-answers"], async (stage) => {
  stage.stop(stage.scheduler());
  await stage.pass(200_000);
  stage.tell("over");
});

finds("a trigger that is never answered is found", stopCheck, ["triggers-answered"], async (stage) => {
  const trigger: TriggerSeen = { scheduler: stage.scheduler(), atMs: 0, result: undefined, error: undefined };
  stage.tell("triggered", trigger);
  await stage.pass(300_000);
  stage.tell("over");
});

finds("a trigger that is answered with a run that was none is found", stopCheck, ["triggers-answered"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  const { run } = stage.run(one, 1);
  const result = { outcome: "finished" as const, run: run as never };
  stage.tell("triggered", { scheduler: one, atMs: 0, result, error: undefined });
  stage.tell("over");
});

finds("the lines of a run that failed are right", logCheck, [], (stage) => {
  const one = stage.scheduler();
  stage.log(one, "START");
  const run = stage.run(one, 1);
  stage.end(run, "TimeoutError");
  stage.log(one, "FAILED, timeout exceeded!");
  stage.tell("settled");
});

finds("a run without START is found", logCheck, ["log-lines"], (stage) => {
  stage.run(stage.scheduler(), 1);
});

finds("a run that ends without a line is found", logCheck, ["log-lines"], (stage) => {
  const one = stage.scheduler();
  stage.log(one, "START");
  stage.end(stage.run(one, 1));
  stage.tell("settled");
});

finds("a line at the wrong level is found", logCheck, ["log-lines"], (stage) => {
  stage.log(stage.scheduler(), "FAILED", "info");
});

finds("ALIVE while a run goes on is found", logCheck, ["alive-line"], (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.log(one, "ALIVE");
});

finds("ALIVE when the next run is due is found", logCheck, ["alive-line"], async (stage) => {
  const one = stage.scheduler();
  stage.claim(one, 1);
  stage.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: BEGIN_MS });
  await stage.pass(INTERVAL_MS + 5_000);
  stage.log(one, "ALIVE");
});

finds("too many attempts in an outage are found", outageCheck, ["outage-rate"], (stage) => {
  const one = stage.scheduler();
  stage.cutOff = true;
  for (let count = 0; count < 10; count++) stage.history.calling(one, "read", undefined, undefined);
});

finds("an attempt that does not come after an outage is found", outageCheck, ["outage-return"], async (stage) => {
  const call = stage.history.calling(stage.scheduler(), "read", undefined, undefined);
  stage.history.ended(call, true);
  stage.tell("storeIsBack", undefined);
  await stage.pass(20_000);
});

finds("an attempt that comes after an outage is not", outageCheck, [], async (stage) => {
  const one = stage.scheduler();
  stage.history.ended(stage.history.calling(one, "read", undefined, undefined), true);
  stage.tell("storeIsBack", one.process.machine);
  await stage.pass(5_000);
  stage.history.calling(one, "read", undefined, undefined);
  await stage.pass(20_000);
});

finds("a due run that nobody begins is found", livenessCheck, ["goes-on"], async (stage) => {
  const one = stage.scheduler();
  stage.write(one, { state: "finished", owner: "a", term: 1, scheduledMs: BEGIN_MS });
  await stage.pass(5 * INTERVAL_MS);
});

finds(
  "a record of the future that nobody ever overwrites is found",
  livenessCheck,
  ["future-record"],
  async (stage) => {
    const one = stage.scheduler();
    stage.write(one, {
      state: "finished",
      owner: "a",
      term: 1,
      startedMs: BEGIN_MS + 9e9,
      scheduledMs: BEGIN_MS + 9e9,
    });
    await stage.pass(8 * INTERVAL_MS);
  },
);

finds("a crashed holder whom nobody replaces is found", livenessCheck, ["replaced"], async (stage) => {
  const [one] = [stage.scheduler(0), stage.scheduler(1)];
  stage.claim(one, 1);
  stage.run(one, 1);
  one.process.kill();
  stage.tell("killed", one);
  await stage.pass(1.5 * INTERVAL_MS);
}, { storeClock: true });

finds("a term that two runs have sent is found", (scene) => new FencedSink(scene), ["fenced-sink"], (stage) => {
  const sink = stage.history.watchers[0] as FencedSink;
  assertEquals([sink.write(1, "one"), sink.write(2, "two"), sink.write(1, "one")], [true, true, false]);
  sink.write(2, "three");
});

finds("a run whose term is too low is found", (scene) => new FencedSink(scene), ["fenced-sink"], (stage) => {
  const sink = stage.history.watchers[0] as FencedSink;
  sink.write(2, "two");
  stage.claim(stage.scheduler(), 1);
  stage.run(stage.scheduler(), 1);
});
