import { ChangeCheck } from "../../../src/simulator/checks/change_check.ts";
import { accepts, finds } from "./check_fixture.ts";

const FINISHED = { state: "finished", owner: "owner-1", term: 1 } as const;
const RUNNING = { state: "running", owner: "owner-1", term: 1 } as const;
const PAUSED = { pausedMs: 1_000 };
const REQUESTED = { requestedMs: 1_000 };

finds(ChangeCheck, "a claim of a paused task", ["paused-task"], (fixture) => {
  fixture.put({ ...FINISHED, ...PAUSED });
  fixture.claim(fixture.scheduler(), 2, PAUSED);
});

finds(ChangeCheck, "an outcome that drops a pause", ["kept-change"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.put({ ...RUNNING, ...PAUSED });
  fixture.write(one, FINISHED);
});

finds(ChangeCheck, "a heartbeat that pauses a task again", ["kept-change"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.put({ ...RUNNING, ...PAUSED });
  fixture.put(RUNNING);
  fixture.write(one, { ...RUNNING, ...PAUSED });
});

finds(ChangeCheck, "a heartbeat that drops a request", ["kept-change"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.put({ ...RUNNING, ...REQUESTED });
  fixture.write(one, RUNNING);
});

finds(ChangeCheck, "a claim that keeps a request", ["kept-change"], (fixture) => {
  fixture.put({ ...FINISHED, ...REQUESTED });
  fixture.claim(fixture.scheduler(), 2, REQUESTED);
});

finds(ChangeCheck, "an outcome that restores the request of its claim", ["kept-change"], (fixture) => {
  const one = fixture.scheduler();
  fixture.put({ state: "idle", ...REQUESTED });
  fixture.claim(one, 1);
  fixture.write(one, { ...FINISHED, ...REQUESTED });
});

accepts(ChangeCheck, "a claim that removes a request, and a release that restores it", (fixture) => {
  const one = fixture.scheduler();
  fixture.put({ ...FINISHED, ...REQUESTED });
  fixture.claim(one, 2);
  fixture.write(one, { ...FINISHED, owner: "-", term: 2, ...REQUESTED });
});

finds(ChangeCheck, "a confirmed pause that is not in the record", ["kept-change"], (fixture) => {
  fixture.put(FINISHED);
  fixture.settle("pause", true);
});

finds(ChangeCheck, "a pause that ends before it is resumed", ["kept-change"], (fixture) => {
  fixture.put({ ...FINISHED, ...PAUSED });
  fixture.settle("pause", true);
  fixture.put(FINISHED);
});

accepts(ChangeCheck, "a pause that is resumed, and one that is not confirmed", (fixture) => {
  fixture.put({ ...FINISHED, ...PAUSED });
  fixture.settle("pause", true);
  fixture.settle("resume", false);
  fixture.put(FINISHED);
  fixture.settle("pause", false);
});

finds(ChangeCheck, "a confirmed request that is lost before a claim", ["request-served"], async (fixture) => {
  fixture.claim(fixture.scheduler(), 1);
  await fixture.advance(1_000);
  fixture.put({ ...RUNNING, ...REQUESTED });
  fixture.settle("request", true);
  fixture.put(RUNNING);
  fixture.notify("finished");
});

accepts(ChangeCheck, "a confirmed request that is claimed", async (fixture) => {
  fixture.put({ ...FINISHED, ...REQUESTED });
  fixture.settle("request", true);
  await fixture.advance(1_000);
  fixture.claim(fixture.scheduler(), 2);
  fixture.notify("finished");
});
