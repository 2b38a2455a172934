import { assertEquals } from "@std/assert";
import { FencedSink } from "../../src/simulator/fenced_sink.ts";
import { finds } from "./checks/check_fixture.ts";

finds(FencedSink, "a term that two runs have written with", ["fenced-sink"], (_fixture, sink) => {
  assertEquals([sink.write(1, "one"), sink.write(2, "two"), sink.write(1, "one")], [true, true, false]);
  sink.write(2, "three");
});

finds(FencedSink, "a run whose term is too low", ["fenced-sink"], (fixture, sink) => {
  sink.write(2, "two");
  fixture.claim(fixture.scheduler(), 1);
  fixture.run(fixture.scheduler(), 1);
});
