import { assert, assertEquals } from "@std/assert";
import { FLEETS } from "../fleet.ts";
import { callsOfRun } from "./calls.ts";
import { HEADINGS, rowOf } from "./table.ts";

const PAGE = new URL("../../docs/scaling.md", import.meta.url);

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

Deno.test("docs/scaling.md has the table that `deno task fleet` prints, as far as it is quick to simulate", async () => {
  const lines = (await Deno.readTextFile(PAGE)).split("\n").filter((line) => line.startsWith("|")).map(cellsOf);
  const start = lines.findIndex((cells) => `${cells}` === `${HEADINGS}`);
  assert(start >= 0, "the page has no such headings");
  for (const [index, fleet] of FLEETS.entries()) {
    if (fleet.replicas > 100) continue;
    assertEquals(lines[start + 2 + index], rowOf({ ...fleet, calls: await callsOfRun(fleet) }));
  }
});

Deno.test("a fleet of 100 replicas reads four times a run at most, and writes 2.05 times", async () => {
  const { reads, writes } = await callsOfRun({ replicas: 100, intervalMs: 60_000 });
  assert(reads <= 4, `${reads} reads`);
  assert(writes <= 2.05, `${writes} writes`);
});

Deno.test("rowOf() reckons calls a second and money a month", () => {
  const row = rowOf({ replicas: 3, tasks: 60, intervalMs: 60_000, calls: { reads: 3, writes: 2 } });
  // 2,592,000 runs a month
  assertEquals(row, ["3", "60", "1 min", "3.0", "2.00", "5", "$29", "$29", "$7"]);
});
