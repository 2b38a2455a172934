import { StopCheck } from "../../../src/simulator/checks/stop_check.ts";
import type { ObservedTrigger } from "../../../src/simulator/observations.ts";
import { finds } from "./check_fixture.ts";

finds(StopCheck, "a stop that resolves with a wrong result", ["stop-leaves-nothing"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.run(one, 1);
  fixture.resolve(fixture.stop(one));
});

finds(StopCheck, "a timer that is left after a stop", ["stop-leaves-nothing"], (fixture) => {
  const one = fixture.scheduler();
  one.process.clock.setTimer(() => {}, 1_000);
  fixture.resolve(fixture.stop(one));
});

finds(StopCheck, "a call after a stop has resolved", ["stop-leaves-nothing"], (fixture) => {
  const one = fixture.scheduler();
  fixture.resolve(fixture.stop(one));
  fixture.sendRead(one);
});

finds(StopCheck, "a claim after a stop", ["stop-starts-nothing"], (fixture) => {
  const one = fixture.scheduler();
  fixture.stop(one);
  fixture.claim(one, 1);
});

finds(StopCheck, "a run after a stop", ["stop-starts-nothing"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.stop(one);
  fixture.run(one, 1);
});

finds(StopCheck, "a stop that takes too long", ["stop-resolves"], async (fixture) => {
  const stop = fixture.stop(fixture.scheduler(), 1_000);
  await fixture.advance(4_000);
  fixture.resolve(stop);
});

finds(StopCheck, "a stop that never resolves", ["stop-resolves"], async (fixture) => {
  fixture.stop(fixture.scheduler());
  await fixture.advance(200_000);
  fixture.notify("finished");
});

finds(StopCheck, "a trigger that never resolves", ["trigger-resolves"], async (fixture) => {
  const trigger: ObservedTrigger = { scheduler: fixture.scheduler(), calledMs: 0, result: undefined, error: undefined };
  fixture.notify("triggerCalled", trigger);
  await fixture.advance(300_000);
  fixture.notify("finished");
});

finds(StopCheck, "a trigger that resolves with a run that did not end", ["trigger-resolves"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  const { run } = fixture.run(one, 1);
  const result = { outcome: "finished" as const, run: run as never };
  fixture.notify("triggerCalled", { scheduler: one, calledMs: 0, result, error: undefined });
  fixture.notify("finished");
});
