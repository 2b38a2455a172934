import { LivenessCheck } from "../../../src/simulator/checks/liveness_check.ts";
import { START_MS } from "../../../src/simulator/machine_clock.ts";
import { finds, INTERVAL_MS } from "./check_fixture.ts";

finds(LivenessCheck, "a due run that no scheduler claims", ["due-run"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.write(one, { state: "finished", owner: "a", term: 1, scheduledMs: START_MS });
  await fixture.advance(5 * INTERVAL_MS);
});

finds(LivenessCheck, "a record of the future that is never replaced", ["future-record"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.write(one, {
    state: "finished",
    owner: "a",
    term: 1,
    startedMs: START_MS + 9e9,
    scheduledMs: START_MS + 9e9,
  });
  await fixture.advance(8 * INTERVAL_MS);
});

finds(LivenessCheck, "a crashed holder that is never replaced", ["crash-takeover"], async (fixture) => {
  const [one] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  fixture.run(one, 1);
  one.process.kill();
  fixture.notify("killed", one);
  await fixture.advance(1.5 * INTERVAL_MS);
}, { storeClock: true });
