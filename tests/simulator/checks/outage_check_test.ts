import { OutageCheck } from "../../../src/simulator/checks/outage_check.ts";
import { accepts, finds } from "./check_fixture.ts";

finds(OutageCheck, "too many attempts in an outage", ["outage-rate"], (fixture) => {
  const one = fixture.scheduler();
  fixture.isOut = true;
  for (let count = 0; count < 10; count++) fixture.sendRead(one);
});

finds(OutageCheck, "an outage that no attempt follows", ["outage-recovery"], async (fixture) => {
  const call = fixture.sendRead(fixture.scheduler());
  fixture.history.callEnded(call, true);
  fixture.notify("outageEnded", undefined);
  await fixture.advance(20_000);
});

accepts(OutageCheck, "an outage that an attempt follows", async (fixture) => {
  const one = fixture.scheduler();
  fixture.history.callEnded(fixture.sendRead(one), true);
  fixture.notify("outageEnded", one.process.machine);
  await fixture.advance(5_000);
  fixture.sendRead(one);
  await fixture.advance(20_000);
});
