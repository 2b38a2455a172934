import { assertEquals } from "@std/assert";
import { type MemorySample, memoryTrend } from "./memory.ts";
import { details, linesOf, table } from "./report.ts";
import type { Violation } from "../../internal/replicas/check_log.ts";
import type { SoakResult } from "./run.ts";

const sample = (second: number, heapBytes = 5e6): MemorySample => ({ atMs: second * 1_000, rssBytes: 5e7, heapBytes });
const LEVEL = Array.from({ length: 40 }, (_, second) => sample(second));
const FINDINGS = {
  violations: [],
  runs: 100,
  termsWithoutRun: 2,
  overtaken: 3,
  staleWrites: 4,
  maxClaimDelayMs: 900,
  minSlackMs: 100,
};
const GOOD: SoakResult = {
  server: "a store",
  findings: FINDINGS,
  disruptions: { kills: 5, pauses: 6 },
  faults: new Map([["reset", 7], ["down", 8]]),
  outages: { count: 1, longestMs: 6_000, totalMs: 6_000 },
  inOutages: { calls: 0.9, requests: 9 },
  crashes: 0,
  badStops: [],
  unhandled: [],
  memory: memoryTrend(LEVEL),
};

const failing = (change: Partial<SoakResult>) =>
  linesOf({ ...GOOD, ...change }).filter(({ isGood }) => isGood === false).map(({ label }) => label);
const broken = (kind: Violation["kind"]) =>
  failing({ findings: { ...FINDINGS, violations: [{ kind, atMs: 0, message: "" }] } });

Deno.test("linesOf() has no failure if all promises were kept", () => {
  assertEquals(failing({}), []);
});

Deno.test("linesOf() marks each failure in its own line", () => {
  const leak = LEVEL.map((_, second) => sample(second, 5e6 * (1 + second / 40)));
  assertEquals(failing({ memory: memoryTrend(leak) }), ["heap by quarters, MiB"]);
  assertEquals(failing({ memory: memoryTrend([]) }), ["RSS by quarters, MiB", "heap by quarters, MiB"]);
  assertEquals(failing({ crashes: 1 }), ["crashed processes"]);
  assertEquals(failing({ badStops: [137] }), ["stops with another exit code than 0"]);
  assertEquals(failing({ unhandled: ["Error"] }), ["unhandled rejections"]);
  assertEquals(failing({ inOutages: { calls: 1.1, requests: 9 } }), ["calls in outages"]);
  assertEquals(failing({ findings: { ...FINDINGS, runs: 0 } }), ["runs"]);
  assertEquals(broken("overlap"), ["overlaps without a reported pause"]);
  assertEquals(broken("stale write"), ["stale writes accepted"]);
  assertEquals(broken("other"), ["other promises broken"]);
});

Deno.test("table() shows every line, and details() what they count", () => {
  const result = { ...GOOD, unhandled: ["Error: failed"], badStops: [1] };
  const lines = linesOf(result);
  const shown = table(lines).split("\n");
  assertEquals(shown.length, lines.length);
  assertEquals(shown.filter((line) => line.startsWith("FAIL")).length, 2);
  assertEquals(shown.find((line) => line.includes("faults"))?.replace(/ +/g, " "), " faults down 8, reset 7");
  assertEquals(details(result), ["unhandled: Error: failed", "exit codes: 1"]);
});
