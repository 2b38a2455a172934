// What is read from a key: records of the original and ours, and what is neither.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseRecord } from "../../src/record/parse.ts";
import type { StatusRecord } from "../../src/record/status_record.ts";
import { at, bytesOf, kindOf, NOON_MS, original, ours, recentOf, statusOf } from "../helpers/records.ts";

/** A record as the original writes it, and what it says. */
const OF_THE_ORIGINAL: [name: string, json: string, expected: Partial<StatusRecord>][] = [
  ["with milliseconds", json("finished", "2026-01-31T12:00:00.123Z"), { state: "finished", startedMs: NOON_MS + 123 }],
  ["with microseconds", json("running", "2026-01-31T12:00:00.000123Z"), { state: "running", startedMs: NOON_MS }],
  ["with 999 microseconds, which are cut off", json("running", "2026-01-31T12:00:00.001999Z"), {
    state: "running",
    startedMs: NOON_MS + 1,
  }],
  ["without a fraction", json("finished", "2026-01-31T12:00:00Z"), { state: "finished", startedMs: NOON_MS }],
  ["that never ran", json("idle", "1970-01-01T00:00:00.000Z", "-"), { state: "idle", startedMs: 0, owner: "-" }],
  ["in local time, taken for UTC", json("finished", "2026-01-31T12:00:00.000"), { startedMs: NOON_MS }],
  ["with a blank for the T", json("finished", "2026-01-31 12:00:00.000Z"), { startedMs: NOON_MS }],
  ["of the year 10000", json("finished", "+010000-01-01T00:00:00.000Z"), { startedMs: Date.UTC(10000, 0, 1) }],
  ["of the year 0", json("finished", "0000-01-01T00:00:00.000Z"), { startedMs: -62_167_219_200_000 }],
  [
    "with a heartbeat",
    json("running", at(0)).replace("}", `,"heartbeat":"2026-01-31T12:00:01.500250Z"}`),
    { state: "running", startedMs: NOON_MS, heartbeatMs: NOON_MS + 1_500 },
  ],
  [
    "with a heartbeat of null",
    json("finished", at(0)).replace("}", `,"heartbeat":null}`),
    { state: "finished", startedMs: NOON_MS, heartbeatMs: undefined },
  ],
];

function json(state: string, started: string, owner = "bTcdUYhQTWOTEtcqeJbkmQ"): string {
  return `{"format":"neat-periodic-task-status","version":1,"state":"${state}","started":"${started}","owner":"${owner}"}`;
}

for (const [name, record, expected] of OF_THE_ORIGINAL) {
  Deno.test(`parseRecord() reads a record of the original ${name}`, () => {
    const status = statusOf(record);
    assertEquals({ ...status, ...expected }, status);
    assertEquals(status.owner, expected.owner ?? "bTcdUYhQTWOTEtcqeJbkmQ");
  });
}

Deno.test("parseRecord() gives what the original doesn't write the meaning of its absence", () => {
  assertEquals(statusOf(original({})), {
    state: "finished",
    startedMs: NOON_MS,
    owner: "bTcdUYhQTWOTEtcqeJbkmQ",
    heartbeatMs: undefined,
    scheduledMs: undefined,
    term: 0,
    leaseMs: undefined,
    write: undefined,
    finishedMs: undefined,
    failures: 0,
    error: undefined,
    instance: undefined,
    requestedMs: undefined,
    requestedBy: undefined,
    pausedMs: undefined,
    pausedBy: undefined,
    pauseReason: undefined,
    dueMs: undefined,
    preferred: undefined,
    standbys: [],
    recent: recentOf(),
  });
});

Deno.test("parseRecord() reads all that this package writes", () => {
  const record = ours({
    state: "failed",
    heartbeat: at(1),
    scheduled: at(2),
    term: 3,
    lease: 4.5,
    write: "abc",
    finished: at(5),
    failures: 6,
    error: "Error: no disk",
    requested: at(7),
    requestedBy: "alice",
    paused: at(8),
    pausedBy: "bob",
    pauseReason: "migration",
    due: at(9),
    instance: "host-a",
    preferred: "s-2",
    standbys: [{ id: "s-1", until: 83 }],
    recent: [{ start: at(8), length: 9, outcome: "timeout" }],
  });
  assertEquals(statusOf(record), {
    state: "failed",
    startedMs: NOON_MS,
    owner: "bTcdUYhQTWOTEtcqeJbkmQ",
    heartbeatMs: NOON_MS + 1,
    scheduledMs: NOON_MS + 2,
    term: 3,
    leaseMs: 4.5,
    write: "abc",
    finishedMs: NOON_MS + 5,
    failures: 6,
    error: "Error: no disk",
    requestedMs: NOON_MS + 7,
    requestedBy: "alice",
    pausedMs: NOON_MS + 8,
    pausedBy: "bob",
    pauseReason: "migration",
    dueMs: NOON_MS + 9,
    instance: "host-a",
    preferred: "s-2",
    standbys: [{ id: "s-1", until: 83 }],
    recent: recentOf([8, 9, "timeout"]),
  });
});

const KINDS: [name: string, stored: Uint8Array | string | null, kind: ReturnType<typeof kindOf>][] = [
  ["no entry", null, "none"],
  ["zero bytes", "", "none"],
  ["a zero byte", new Uint8Array(1), "foreign"],
  ["white space", " \n", "foreign"],
  ["text", "somebody's notes", "foreign"],
  ["half a record", JSON.stringify(ours({})).slice(0, -1), "foreign"],
  ["a record and more", JSON.stringify(ours({})) + "}", "foreign"],
  ["a record of invalid UTF-8", invalidUtf8(), "foreign"],
  ["a record in UTF-16", utf16(JSON.stringify(ours({}))), "foreign"],
  ["JSON null", "null", "foreign"],
  ["a JSON number", "1", "foreign"],
  ["a JSON text", `"neat-periodic-task-status"`, "foreign"],
  ["a JSON array", JSON.stringify([ours({})]), "foreign"],
  ["an empty object", "{}", "foreign"],
  ["another format", JSON.stringify(ours({ format: "other" })), "foreign"],
  [
    "a format in other letters",
    JSON.stringify(ours({ format: "Neat-Periodic-Task-Status" })),
    "foreign",
  ],
  [
    "a format that is a list",
    JSON.stringify(ours({ format: ["neat-periodic-task-status"] })),
    "foreign",
  ],
  ["a format by its prototype", `{"__proto__":${JSON.stringify(ours({}))}}`, "foreign"],
  [
    "a newer record of another format",
    JSON.stringify(ours({ format: "other", version: 2 })),
    "foreign",
  ],
  ["version 2", JSON.stringify(ours({ version: 2 })), "newer"],
  ["version 2 without anything else", `{"format":"neat-periodic-task-status","version":2}`, "newer"],
  ["version 1.5", JSON.stringify(ours({ version: 1.5 })), "newer"],
  ["version 1e999", JSON.stringify(ours({})).replace(`"version":1`, `"version":1e999`), "newer"],
  ["version 1", JSON.stringify(ours({})), "record"],
  ["version 1.0", JSON.stringify(ours({})).replace(`"version":1`, `"version":1.0`), "record"],
  ["version 0", JSON.stringify(ours({ version: 0 })), "record"],
  [`version "1"`, JSON.stringify(ours({ version: "1" })), "record"],
  ["no version", JSON.stringify(ours({ version: undefined })), "record"],
  ["a byte order mark before a record", "\ufeff" + JSON.stringify(ours({})), "record"],
  ["white space around a record", ` ${JSON.stringify(ours({}), null, 2)}\r\n`, "record"],
  ["a record with fields that nobody knows", JSON.stringify(ours({ colour: "red" })), "record"],
  ["nothing but a format", `{"format":"neat-periodic-task-status"}`, "record"],
];

function invalidUtf8(): Uint8Array {
  const bytes = bytesOf(ours({ error: "?" }));
  bytes[bytes.lastIndexOf("?".charCodeAt(0))] = 0xff;
  return bytes;
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer);
}

for (const [name, stored, kind] of KINDS) {
  Deno.test(`parseRecord() takes ${name} for ${kind === "record" ? "a record" : kind}`, () => {
    const found = parseRecord(typeof stored === "string" ? bytesOf(stored) : stored);
    assertEquals(kindOf(found), kind);
    if (found.kind === "foreign" || found.kind === "newer") assertMatch(found.description, /^[ -~]{5,}$/);
  });
}

Deno.test("parseRecord() tells which version a newer record is of", () => {
  const found = parseRecord(bytesOf(ours({ version: 17 })));
  assert(found.kind === "newer" && /\b17\b/.test(found.description));
});
