import { LogCheck } from "../../../src/simulator/checks/log_check.ts";
import { START_MS } from "../../../src/simulator/machine_clock.ts";
import { accepts, finds, INTERVAL_MS } from "./check_fixture.ts";

accepts(LogCheck, "the lines of a run that failed", (fixture) => {
  const one = fixture.scheduler();
  fixture.log(one, "START");
  const run = fixture.run(one, 1);
  fixture.end(run, "TimeoutError");
  fixture.log(one, "FAILED, timeout exceeded!");
  fixture.notify("stepDone");
});

finds(LogCheck, "a run without START", ["log-lines"], (fixture) => {
  fixture.run(fixture.scheduler(), 1);
});

finds(LogCheck, "a run that ends without a line", ["log-lines"], (fixture) => {
  const one = fixture.scheduler();
  fixture.log(one, "START");
  fixture.end(fixture.run(one, 1));
  fixture.notify("stepDone");
});

finds(LogCheck, "a line at the wrong level", ["log-lines"], (fixture) => {
  fixture.log(fixture.scheduler(), "FAILED", "info");
});

finds(LogCheck, "ALIVE during a run", ["alive-line"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.log(one, "ALIVE");
});

finds(LogCheck, "ALIVE when the next run is due", ["alive-line"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS + 5_000);
  fixture.log(one, "ALIVE");
});
