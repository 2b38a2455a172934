/**
 * The table of a soak.
 */
import { assertEquals } from "@std/assert";
import { judgeMemory, type Sample } from "../../scripts/soak/memory.ts";
import { details, linesOf, table } from "../../scripts/soak/report.ts";
import type { Result } from "../../scripts/soak/run.ts";

const sample = (second: number, heapBytes = 5e6): Sample => ({ atMs: second * 1_000, rssBytes: 5e7, heapBytes });
const LEVEL = Array.from({ length: 40 }, (_, second) => sample(second));
const FINDINGS = {
  breaches: [],
  runs: 100,
  termsWithoutRun: 2,
  overtaken: 3,
  staleWrites: 4,
  latestMs: 900,
  spareMs: 100,
};
const GOOD: Result = {
  server: "a store",
  findings: FINDINGS,
  tally: { kills: 5, pauses: 6 },
  faults: new Map([["reset", 7], ["down", 8]]),
  outages: { count: 1, longestMs: 6_000, totalMs: 6_000 },
  inOutages: { calls: 0.9, requests: 9 },
  deaths: 0,
  badStops: [],
  unhandled: [],
  memory: judgeMemory(LEVEL),
};

const failing = (change: Partial<Result>) =>
  linesOf({ ...GOOD, ...change }).filter(({ isGood }) => isGood === false).map(({ label }) => label);
const broken = (message: string) => failing({ findings: { ...FINDINGS, breaches: [{ atMs: 0, message }] } });

Deno.test("a soak in which all was kept fails nowhere", () => {
  assertEquals(failing({}), []);
});

Deno.test("each thing that went wrong fails in its own line", () => {
  const leak = LEVEL.map((_, second) => sample(second, 5e6 * (1 + second / 40)));
  assertEquals(failing({ memory: judgeMemory(leak) }), ["heap by quarters, MiB"]);
  assertEquals(failing({ memory: judgeMemory([]) }), ["RSS by quarters, MiB", "heap by quarters, MiB"]);
  assertEquals(failing({ deaths: 1 }), ["process deaths not asked for"]);
  assertEquals(failing({ badStops: [137] }), ["stops that did not end with exit code 0"]);
  assertEquals(failing({ unhandled: ["Error"] }), ["unhandled rejections"]);
  assertEquals(failing({ inOutages: { calls: 1.1, requests: 9 } }), ["calls in outages"]);
  assertEquals(failing({ findings: { ...FINDINGS, runs: 0 } }), ["runs"]);
  assertEquals(broken("terms 1 and 2 run at once, although the first was not paused"), [
    "overlaps outside reported pauses",
  ]);
  assertEquals(broken("a stale write of term 1 was taken"), ["stale writes accepted"]);
  assertEquals(broken("term 2 is missing"), ["other promises broken"]);
});

Deno.test("the table shows every line, and the details what the lines count", () => {
  const result = { ...GOOD, unhandled: ["Error: no luck"], badStops: [1] };
  const lines = linesOf(result);
  const shown = table(lines).split("\n");
  assertEquals(shown.length, lines.length);
  assertEquals(shown.filter((line) => line.startsWith("FAIL")).length, 2);
  assertEquals(shown.find((line) => line.includes("faults"))?.replace(/ +/g, " "), " faults down 8, reset 7");
  assertEquals(details(result), ["unhandled: Error: no luck", "exit codes: 1"]);
});
