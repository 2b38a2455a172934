import { assert, assertEquals } from "@std/assert";
import { viewOf } from "../../src/simulator/record_view.ts";

Deno.test("viewOf() reads a record by the rules of the original", () => {
  const bytes = (record: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(record));
  const good = {
    format: "neat-periodic-task-status",
    version: 1,
    state: "idle",
    started: "2026-01-31T12:00:00.123456Z",
    owner: "-",
  };
  assertEquals([viewOf(null).kind, viewOf(bytes(good)).fault, viewOf(bytes(null)).kind], [
    "none",
    undefined,
    "foreign",
  ]);
  assertEquals(viewOf(new Uint8Array([0xff])).kind, "foreign");
  assertEquals(viewOf(bytes({ ...good, version: 2 })).kind, "newer");
  const bad = [{ version: 0 }, { state: "odd" }, { state: 1 }, { started: "noon" }, { owner: null }, { term: 0.5 }];
  for (const fields of [...bad, { error: "x".repeat(5_000) }]) {
    assert(viewOf(bytes({ ...good, ...fields })).fault, JSON.stringify(fields));
  }
});
