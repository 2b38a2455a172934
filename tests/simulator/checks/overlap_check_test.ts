import { OverlapCheck } from "../../../src/simulator/checks/overlap_check.ts";
import { accepts, finds, LEASE_MS } from "./check_fixture.ts";

finds(OverlapCheck, "a run beside another", ["no-overlap"], async (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  fixture.run(one, 1);
  await fixture.advance(500);
  fixture.claim(other, 2);
  fixture.run(other, 2);
});

accepts(OverlapCheck, "a run beside one that was paused, if that is reported", async (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  const run = fixture.run(one, 1);
  const pause = { fromMs: 100, toMs: Infinity, isSuspend: false };
  one.process.machine.pauses.push(pause);
  await fixture.advance(3 * LEASE_MS);
  fixture.claim(other, 2);
  fixture.end(fixture.run(other, 2));
  pause.toMs = fixture.nowMs;
  run.reports.push("FAILED");
  fixture.end(run, "TimeoutError");
  await fixture.advance(100_000);
  fixture.notify("finished");
}, { storeClock: true });

finds(OverlapCheck, "a run that was taken over without a report", ["overlap-reported"], async (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  const run = fixture.run(one, 1);
  fixture.end(run);
  run.reports.push("FINISHED");
  await fixture.advance(2 * LEASE_MS);
  fixture.claim(other, 2);
  fixture.end(fixture.run(other, 2));
  await fixture.advance(100_000);
  fixture.notify("finished");
});

finds(OverlapCheck, "a run that goes on when its lease is over", ["abort-in-time"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  const run = fixture.run(one, 1);
  await fixture.advance(LEASE_MS + 100);
  fixture.end(run);
});

finds(OverlapCheck, "a run that is not aborted at all", ["abort-in-time"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.run(one, 1);
  await fixture.advance(LEASE_MS + 100);
  fixture.notify("finished");
});

finds(OverlapCheck, "too many unsettled calls of the task", ["bounded-calls"], (fixture) => {
  const one = fixture.scheduler();
  for (const term of [1, 2]) {
    fixture.claim(one, term);
    fixture.end(fixture.run(one, term), "TimeoutError");
  }
}, { maxAbandoned: 0 });
