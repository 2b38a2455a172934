import { StoreCheck } from "../../../src/simulator/checks/store_check.ts";
import { accepts, finds, record } from "./check_fixture.ts";

accepts(StoreCheck, "a read of what the store held when it was sent or later", async (fixture) => {
  const one = fixture.scheduler();
  fixture.read(one, null);
  const first = record({});
  fixture.history.setValue(first);
  const call = fixture.sendRead(one);
  await fixture.advance(10);
  const second = record({});
  fixture.history.setValue(second);
  for (const [index, value] of [first, second].entries()) {
    fixture.history.readAnswered(call, { value: value.slice(), version: `v${index}` });
  }
});

finds(StoreCheck, "a read of what the store held before", ["fresh-read"], async (fixture) => {
  const one = fixture.scheduler();
  const value = record({});
  fixture.history.setValue(value);
  fixture.history.setValue(record({}));
  await fixture.advance(10);
  fixture.read(one, { value, version: "v" });
});

finds(StoreCheck, "a read of nothing while there is a record", ["fresh-read"], async (fixture) => {
  fixture.history.setValue(record({}));
  await fixture.advance(10);
  fixture.read(fixture.scheduler(), null);
});

finds(StoreCheck, "a confirmed write that is not carried out", ["kept-write"], (fixture) => {
  const call = fixture.send(fixture.scheduler(), record({}));
  fixture.history.writeAnswered(call, null, "v");
});

finds(StoreCheck, "a version that stands for two records", ["distinct-versions"], (fixture) => {
  const one = fixture.scheduler();
  for (const value of [record({}), record({})]) {
    fixture.history.setValue(value);
    fixture.read(one, { value, version: "v" });
  }
});

accepts(StoreCheck, "a write that is sent again with other bytes", (fixture) => {
  const one = fixture.scheduler();
  const [first, second] = [record({ write: "same" }), record({ write: "same", failures: 1 })];
  fixture.send(one, first);
  const call = fixture.send(one, second);
  fixture.history.setValue(second);
  fixture.history.writeAnswered(call, null, "v");
  fixture.read(one, { value: second, version: "v" });
});
