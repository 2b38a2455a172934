import { ClaimCheck } from "../../../src/simulator/checks/claim_check.ts";
import { accepts, finds, LEASE_MS, record } from "./check_fixture.ts";

finds(ClaimCheck, "a run without a claim of its own", ["confirmed-claim"], (fixture) => {
  fixture.run(fixture.scheduler(), 1);
});

finds(ClaimCheck, "a run on a claim that is not confirmed", ["confirmed-claim"], (fixture) => {
  const one = fixture.scheduler();
  fixture.send(one, record({ state: "running", owner: "owner-1", term: 1 }));
  fixture.run(one, 1);
});

finds(ClaimCheck, "a claim that is run twice", ["confirmed-claim"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.run(one, 1);
  fixture.run(one, 1);
});

finds(ClaimCheck, "a run that starts after the end of its lease", ["time-left"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  await fixture.advance(LEASE_MS + 100);
  fixture.run(one, 1);
});

finds(ClaimCheck, "a confirmed claim that is not run", ["claim-runs"], (fixture) => {
  fixture.claim(fixture.scheduler(), 1);
  fixture.notify("stepDone");
});

finds(ClaimCheck, "a run that goes on although its record has another owner", ["lost-lease"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.run(one, 1);
  const value = record({ state: "running", owner: "another", term: 2 });
  fixture.history.callEnded(fixture.send(one, record({ state: "running", owner: "owner-1", term: 1 })), true);
  const call = fixture.sendRead(one);
  fixture.history.readAnswered(call, { value, version: "v" });
  fixture.notify("stepDone");
});

finds(ClaimCheck, "a heartbeat of a run that is over", ["late-heartbeat"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.end(fixture.run(one, 1));
  fixture.send(one, record({ state: "running", owner: "owner-1", term: 1 }));
});

finds(ClaimCheck, "a claim before the end of another lease", ["lease-respected"], async (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  await fixture.advance(LEASE_MS - 500);
  fixture.claim(other, 2);
});

accepts(ClaimCheck, "a claim after the end of another lease", async (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  await fixture.advance(LEASE_MS + 500);
  fixture.claim(other, 2);
});
