import { DueCheck } from "../../../src/simulator/checks/due_check.ts";
import { START_MS } from "../../../src/simulator/machine_clock.ts";
import { finds, INTERVAL_MS, LEASE_MS } from "./check_fixture.ts";

finds(DueCheck, "a claim before it is due", ["not-early"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS - 500);
  fixture.claim(one, 2, { scheduledMs: START_MS });
});

finds(DueCheck, "a retry before it is due", ["not-early"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "failed", owner: "owner-1", term: 1, startedMs: START_MS, scheduledMs: START_MS });
  await fixture.advance(LEASE_MS - 500);
  fixture.claim(one, 2, { scheduledMs: START_MS });
});

finds(DueCheck, "a claim for a time that is not on the grid", ["on-the-grid"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS + 500);
  fixture.claim(one, 2);
});
