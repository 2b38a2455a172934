import { RateCheck } from "../../../src/simulator/checks/rate_check.ts";
import { accepts, type CheckFixture, finds } from "./check_fixture.ts";

async function readEvery(fixture: CheckFixture, ms: number): Promise<void> {
  await fixture.advance(100_000);
  const one = fixture.scheduler();
  await fixture.advance(100_000);
  for (let reads = 0; reads < 40; reads++) {
    fixture.read(one, null);
    await fixture.advance(ms);
  }
}

finds(RateCheck, "four reads a second", ["check-rate"], (fixture) => readEvery(fixture, 250));

accepts(RateCheck, "one read a second", (fixture) => readEvery(fixture, 1_000));
