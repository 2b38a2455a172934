import { RecordCheck } from "../../../src/simulator/checks/record_check.ts";
import { accepts, finds, record } from "./check_fixture.ts";

accepts(RecordCheck, "a run from claim to outcome", (fixture) => {
  const one = fixture.scheduler();
  fixture.write(one, {});
  fixture.claim(one, 1);
  fixture.run(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1 });
  fixture.write(one, { state: "finished", owner: "-", term: 1 });
});

finds(RecordCheck, "two writes that replace one version", ["one-successor"], (fixture) => {
  const one = fixture.scheduler();
  fixture.write(one, {}, "v0");
  fixture.write(one, { state: "running", owner: "a", term: 1 }, "v0");
});

finds(RecordCheck, "a term that does not rise with a claim", ["rising-term"], (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.claim(one, 1, { owner: "another" });
});

finds(RecordCheck, "an outcome that overwrites the record of another run", ["stale-write"], (fixture) => {
  const [one, other] = [fixture.scheduler(0), fixture.scheduler(1)];
  fixture.claim(one, 1);
  fixture.claim(other, 2);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 2 });
});

finds(RecordCheck, "foreign data that is overwritten", ["foreign-data"], (fixture) => {
  fixture.history.setValue(new TextEncoder().encode("{}"));
  fixture.claim(fixture.scheduler(), 1);
});

finds(RecordCheck, "a run beside foreign data", ["foreign-data"], (fixture) => {
  const one = fixture.scheduler();
  fixture.history.setValue(new TextEncoder().encode("{}"));
  fixture.run(one, 1);
});

finds(RecordCheck, "a record that the original cannot read", ["readable-record"], (fixture) => {
  const text = new TextDecoder().decode(record({})).replace(/"started":"[^"]*"/, '"started":"yesterday"');
  const value = new TextEncoder().encode(text);
  fixture.send(fixture.scheduler(), value);
  fixture.history.setValue(value);
});
