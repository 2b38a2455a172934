// What is read from the fields of a record: what can't be read has the meaning of its absence.

import { assertEquals } from "@std/assert";
import { parseRecord } from "../../src/record/parse.ts";
import type { StatusRecord } from "../../src/record/status_record.ts";
import { at, bytesOf, kindOf, NOON_MS, original, ours, recentOf, statusOf } from "../helpers/records.ts";

const NO_TIMES = [
  0,
  NOON_MS,
  true,
  [],
  {},
  "",
  "noon",
  "Sat, 31 Jan 2026 12:00:00 GMT",
  "2026-01-31",
  "2026-01-31T12:00Z",
  "2026-13-01T00:00:00.000Z",
  "2026-01-32T00:00:00.000Z",
  "2026-01-31T25:00:00.000Z",
  "2026-01-31T12:60:00.000Z",
  "2026-01-31T12:00:00.000+99:99",
  "2026-01-31T12:00:00.Z",
  "2026-01-31T::::::::Z",
  "2026-01-31T12345678Z",
  "2026-01-31T12:00:00.000Z ",
  "\n2026-01-31T12:00:00.000Z",
  "-000000-01-01T00:00:00.000Z",
  "+275760-09-13T00:00:00.001Z",
  "999999-12-31T23:59:59.999Z",
];

Deno.test("parseRecord() takes each time that it can't read for NaN", () => {
  for (const time of NO_TIMES) {
    const { startedMs, heartbeatMs, scheduledMs, finishedMs, requestedMs } = statusOf(
      ours({ started: time, heartbeat: time, scheduled: time, finished: time, requested: time }),
    );
    assertEquals([startedMs, heartbeatMs, scheduledMs, finishedMs, requestedMs], Array(5).fill(NaN), `${time}`);
  }
});

Deno.test("parseRecord() takes a start that is missing for one that it can't read, as every record needs one", () => {
  for (const started of [undefined, null]) assertEquals(statusOf(ours({ started })).startedMs, NaN);
});

Deno.test("parseRecord() reads times of other zones", () => {
  assertEquals(statusOf(original({ started: "2026-01-31T13:30:00.000+01:30" })).startedMs, NOON_MS);
  assertEquals(statusOf(original({ started: "2026-01-31T04:00:00-08:00" })).startedMs, NOON_MS);
});

Deno.test("parseRecord() reads fractions of a second of any length", () => {
  for (const [fraction, ms] of [["1", 100], ["12", 120], ["123", 123], ["1239", 123], ["123456789", 123]] as const) {
    assertEquals(statusOf(original({ started: `2026-01-31T12:00:00.${fraction}Z` })).startedMs, NOON_MS + ms);
  }
});

Deno.test("parseRecord() reads the first and the last time that there is", () => {
  assertEquals(statusOf(original({ started: "-271821-04-20T00:00:00.000Z" })).startedMs, -864e13);
  assertEquals(statusOf(original({ started: "+275760-09-13T00:00:00.000Z" })).startedMs, 864e13);
});

/** What a field of a record is read as. */
const FIELDS: [field: string, value: unknown, read: Partial<StatusRecord>][] = [
  ["state", "idle", { state: "idle" }],
  ["state", "failed", { state: "failed", failures: 1 }],
  ["state", "paused", { state: "running" }],
  ["state", "Finished", { state: "running" }],
  ["state", "toString", { state: "running" }],
  ["state", null, { state: "running" }],
  ["state", ["finished"], { state: "running" }],
  ["owner", undefined, { owner: "-" }],
  ["owner", "", { owner: "-" }],
  ["owner", 17, { owner: "-" }],
  ["term", 0, { term: 0 }],
  ["term", 8e14, { term: 8e14 }],
  ["term", -1, { term: 0 }],
  ["term", 1.5, { term: 0 }],
  ["term", "9", { term: 0 }],
  ["term", 1e-300, { term: 0 }],
  ["term", Number.MAX_SAFE_INTEGER, { term: Number.MAX_SAFE_INTEGER }],
  ["term", 2 ** 53, { term: Number.MAX_SAFE_INTEGER }],
  ["term", 1e308, { term: Number.MAX_SAFE_INTEGER }],
  ["lease", 0.5, { leaseMs: 0.5 }],
  ["lease", 864e12, { leaseMs: 864e12 }],
  ["lease", 0, { leaseMs: undefined }],
  ["lease", -5, { leaseMs: undefined }],
  ["lease", 864e12 + 1, { leaseMs: undefined }],
  ["lease", "60000", { leaseMs: undefined }],
  ["write", "", { write: undefined }],
  ["write", 5, { write: undefined }],
  ["failures", 12, { failures: 12 }],
  ["failures", -12, { failures: 0 }],
  ["failures", null, { failures: 0 }],
  ["error", "", { error: undefined }],
  ["error", { message: "no" }, { error: undefined }],
  ["paused", "since Monday", { pausedMs: 0 }],
  ["paused", true, { pausedMs: 0 }],
  ["paused", null, { pausedMs: undefined }],
  ["requested", null, { requestedMs: undefined }],
  ["recent", { 0: {}, length: 1 }, { recent: recentOf() }],
  ["recent", "finished", { recent: recentOf() }],
];

for (const [field, value, read] of FIELDS) {
  const shown = JSON.stringify(value) ?? "nothing";
  Deno.test(`parseRecord() reads ${field} ${shown.length > 40 ? `${shown.slice(0, 40)}...` : shown}`, () => {
    const status = statusOf(ours({ [field]: value }));
    assertEquals(status, { ...statusOf(ours({})), ...read });
  });
}

Deno.test("parseRecord() keeps the recent runs that it can read", () => {
  const good = { start: at(0), length: 5, outcome: "finished" };
  const recent = [
    good,
    null,
    7,
    "finished",
    [good],
    { ...good, start: "noon" },
    { ...good, start: undefined },
    { ...good, length: -1 },
    { ...good, length: 1.5 },
    { ...good, length: "5" },
    { ...good, outcome: 5 },
    { ...good, outcome: ["finished"] },
    { ...good, outcome: undefined },
    { ...good, outcome: "two words" },
    { ...good, outcome: "too-long-a" },
    { ...good, outcome: "aborted" },
  ];
  assertEquals(statusOf(ours({ recent })).recent, recentOf([0, 5, "finished"], [0, 5, "aborted"]));
});

Deno.test("parseRecord() knows every outcome of a run", () => {
  const outcomes = ["finished", "failed", "timeout", "leaselost", "aborted"];
  const recent = outcomes.map((outcome) => ({ start: at(0), length: 0, outcome }));
  assertEquals(statusOf(ours({ recent })).recent.toArray().map((run) => run.outcome as string), outcomes);
});

Deno.test("parseRecord() keeps the last 20 of more recent runs", () => {
  const recent = Array.from({ length: 33 }, (_, length) => ({ start: at(0), length, outcome: "finished" }));
  const lengths = statusOf(ours({ recent })).recent.toArray().map((run) => run.length);
  assertEquals(lengths, Array.from({ length: 20 }, (_, index) => 13 + index));
});

Deno.test("parseRecord() does not overflow the stack, however deep the JSON", () => {
  const depth = 200_000;
  assertEquals(kindOf(parseRecord(bytesOf("[".repeat(depth) + "]".repeat(depth)))), "foreign");
});
