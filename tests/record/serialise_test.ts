// What is written: a record that the original reads, never longer than 4 KiB.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseRecord } from "../../src/record/parse.ts";
import { RecentRuns } from "../../src/record/recent_runs.ts";
import { serialiseRecord } from "../../src/record/serialise.ts";
import type { StatusRecord, TaskState } from "../../src/record/status_record.ts";
import { at, NOON_MS, ours, recentOf, statusOf } from "../helpers/records.ts";

const STATUS: StatusRecord = statusOf(
  ours({ error: "Error: no disk", failures: 2, lease: 60_000, heartbeat: "2026-01-31T12:00:05Z" }),
);

function textOf(status: StatusRecord): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(serialiseRecord(status));
}

function fieldsOf(status: StatusRecord): Record<string, unknown> {
  return JSON.parse(textOf(status));
}

function runs(count: number, first = 0): RecentRuns {
  return recentOf(...Array.from({ length: count }, (_, index) => [0, first + index, "finished"] as const));
}

function readBack(status: StatusRecord): StatusRecord {
  const found = parseRecord(serialiseRecord(status));
  assert(found.kind === "record");
  return found.record;
}

Deno.test("serialiseRecord() writes the original's fields to the letter, in its order", () => {
  const status = statusOf({
    format: "neat-periodic-task-status",
    version: 1,
    started: "2026-01-31T12:00:00Z",
    owner: "me",
  });
  assertEquals(
    textOf({ ...status, state: "finished" }),
    `{"format":"neat-periodic-task-status","version":1,"state":"finished","started":"2026-01-31T12:00:00.000Z",` +
      `"owner":"me","term":0}`,
  );
});

Deno.test("serialiseRecord() writes our fields after the original's", () => {
  const names = [
    "error",
    "failures",
    "finished",
    "heartbeat",
    "lease",
    "recent",
    "requested",
    "scheduled",
    "term",
    "write",
  ];
  const written = Object.keys(fieldsOf({ ...STATUS, requestedMs: NOON_MS, recent: runs(1) }));
  assertEquals(written.slice(0, 5), ["format", "version", "state", "started", "owner"]);
  assertEquals(written.slice(5).sort(), names);
});

Deno.test("serialiseRecord() leaves out what there is not", () => {
  const names = Object.keys(
    fieldsOf({ state: "idle", owner: "-", term: 0, failures: 0, standbys: [], recent: RecentRuns.NONE }),
  );
  assertEquals(names, ["format", "version", "state", "started", "owner", "term"]);
});

/** The times that the original can parse, as far as we need them. */
const DATE_TIME = /^(\d{4}|[+-]\d{6})-(0\d|1[012])-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/;

Deno.test("serialiseRecord() always writes what the original needs, of the types that it needs", () => {
  for (const state of ["idle", "running", "finished", "failed"] satisfies TaskState[]) {
    for (const startedMs of [undefined, 0, -1, NOON_MS + 0.75, 2e14, 864e13, -864e13]) {
      for (const owner of ["-", "bTcdUYhQTWOTEtcqeJbkmQ", "\0\ud800"]) {
        const text = textOf({ ...STATUS, state, startedMs, owner });
        const record = JSON.parse(text);
        assertEquals([record.format, record.version, record.state], ["neat-periodic-task-status", 1, state]);
        assert(text.includes(`"version":1,`), "the original casts the version to an int, which 1.0 is not");
        assertEquals(typeof record.owner, "string");
        assertMatch(record.started, DATE_TIME);
        assert(Math.abs(Date.parse(record.started)) <= 864e13);
      }
    }
  }
});

Deno.test("serialiseRecord() dates a run whose start is not known to 1970, so that the original runs at once", () => {
  assertEquals(fieldsOf({ ...STATUS, startedMs: undefined }).started, "1970-01-01T00:00:00.000Z");
});

Deno.test("serialiseRecord() writes no byte order mark and no line break", () => {
  const bytes = serialiseRecord({ ...STATUS, error: "two\nlines" });
  assertEquals(bytes[0], "{".charCodeAt(0));
  assert(!bytes.includes(10));
});

Deno.test("serialiseRecord() cuts an error to 500 characters, but leaves no half of a surrogate pair", () => {
  assertEquals(readBack({ ...STATUS, error: "e".repeat(900) }).error, "e".repeat(500));
  assertEquals(readBack({ ...STATUS, error: "e".repeat(498) + "😀😀" }).error, "e".repeat(498) + "😀");
  assertEquals(readBack({ ...STATUS, error: "😀".repeat(251) }).error, "😀".repeat(250));
  assertMatch(readBack({ ...STATUS, error: "e".repeat(499) + "😀" }).error!, /^e{499}[ \ufffd]?$/);
});

Deno.test("serialiseRecord() keeps an error to one line, without control characters and lone surrogates", () => {
  const { error } = readBack({ ...STATUS, error: "a\0b\nc\u001bd\u007fe\u0085f\ud800g\udc00h" });
  assertMatch(error!, /^a[ -~]?b[ -~]?c[ -~]?d[ -~]?e[ -~]?f[ -~\ufffd]?g[ -~\ufffd]?h$/);
});

Deno.test("serialiseRecord() brings all other characters of an error back as they were", () => {
  const error = 'é語😀\ufeff"\\/{}%';
  assertEquals(readBack({ ...STATUS, error }).error, error);
});

Deno.test("serialiseRecord() keeps the last 20 runs", () => {
  assertEquals(readBack({ ...STATUS, recent: runs(25) }).recent, runs(20, 5));
});

/** A status of which all is as long as it can be. */
const LONGEST: StatusRecord = {
  ...STATUS,
  startedMs: 864e13,
  heartbeatMs: 864e13,
  scheduledMs: 864e13,
  finishedMs: 864e13,
  requestedMs: 864e13,
  term: 864e12,
  leaseMs: 1.2345678901234567e-300,
  failures: 864e12,
  recent: RecentRuns.parse(
    Array(20).fill({ start: "+275760-09-13T00:00:00.000Z", length: 864000000000000, outcome: "leaselost" }),
  ),
};

Deno.test("serialiseRecord() keeps 20 runs and an error of 500 characters of any script, within 4096 bytes", () => {
  for (const unit of ["e", "é", "語", "\uffff", '"', "\\", "\u2028"]) {
    const status = { ...LONGEST, error: unit.repeat(500) };
    assert(serialiseRecord(status).length <= 4096);
    assertEquals(readBack(status), status);
  }
});

Deno.test("serialiseRecord() never writes more than 4096 bytes, whatever the error", () => {
  for (const unit of ["\0", "\n", "\x7f", "\x9f", "\ud800", "\udc00", "😀", '\0"\\', "語\ud800"]) {
    assert(serialiseRecord({ ...LONGEST, error: unit.repeat(2_000) }).length <= 4096);
  }
});

const GOOD_RUN = { start: at(0), length: 1, outcome: "failed" };

/** Runs that only another program can have written, by what is long about them. */
const LONG_RUNS: [name: string, run: Record<string, unknown>][] = [
  ["a start", { ...GOOD_RUN, start: `2026-01-31T12:00:00.${"0".repeat(5_000)}Z` }],
  ["an outcome", { ...GOOD_RUN, outcome: "o".repeat(5_000) }],
  ["a field that nobody knows", { ...GOOD_RUN, note: "n".repeat(5_000) }],
];

for (const [name, run] of LONG_RUNS) {
  Deno.test(`serialiseRecord() never writes more than 4096 bytes of what was read, though a run has ${name} of 5,000`, () => {
    const read = statusOf(ours({ error: "Error: no disk", recent: [run, GOOD_RUN] }));
    assert(serialiseRecord({ ...read, owner: "me" }).length <= 4096);
  });
}

Deno.test("serialiseRecord() of what was parsed changes nothing but the fields that nobody knows", () => {
  const record = ours({ failures: 2, error: "Error: no disk", requested: "2026-01-31T12:00:01.000Z" });
  assertEquals(fieldsOf(statusOf({ colour: "red", ...record })), record);
});
