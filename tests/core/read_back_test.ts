// What a record that is read back says about a write that was not clearly answered.

import { assertEquals } from "@std/assert";
import { judgeReadBack } from "../../src/core/claim.ts";
import { type FoundRecord, NEVER_RUN, type StatusRecord } from "../../src/record/status_record.ts";
import type { RecordEntry } from "../../src/store/record_store.ts";

const OURS = { ...NEVER_RUN, state: "running" as const, owner: "us", term: 5, write: "w2" } satisfies StatusRecord;
const WRITE = { record: OURS, version: "v1", owner: "us" };

function entry(found: FoundRecord, version: string | null): RecordEntry {
  return { found, version, storeTime: undefined };
}

function record(fields: Partial<StatusRecord>, version = "v2"): RecordEntry {
  return entry({ kind: "record", record: { ...OURS, ...fields } }, version);
}

type Verdict = ReturnType<typeof judgeReadBack>;

const ROWS: [name: string, read: RecordEntry, isUnanswered: boolean, verdict: Verdict][] = [
  ["our write id", record({}), true, { outcome: "written", version: "v2" }],
  ["our write id after a conflict, as an earlier try took effect", record({}), false, {
    outcome: "written",
    version: "v2",
  }],
  ["another owner", record({ owner: "them", write: "w9" }), true, { outcome: "lost", isRefused: false }],
  ["another owner after a conflict", record({ owner: "them", write: "w9" }), false, {
    outcome: "lost",
    isRefused: false,
  }],
  ["an earlier write of ours", record({ write: "w1" }), true, { outcome: "open", version: "v2", record: OURS }],
  ["a request added to our record", record({ write: "w1", requestedMs: 7 }), false, {
    outcome: "open",
    version: "v2",
    record: { ...OURS, requestedMs: 7 },
  }],
  ["the old version after no answer", record({ owner: "them", write: "w0" }, "v1"), true, {
    outcome: "open",
    version: "v1",
    record: OURS,
  }],
  ["the old version after a conflict", record({ owner: "them", write: "w0" }, "v1"), false, {
    outcome: "lost",
    isRefused: true,
  }],
  ["no record any more", entry({ kind: "none" }, null), true, { outcome: "lost", isRefused: false }],
  ["foreign data", entry({ kind: "foreign", description: "notes" }, "v2"), true, {
    outcome: "lost",
    isRefused: false,
  }],
];

for (const [name, read, isUnanswered, verdict] of ROWS) {
  Deno.test(`judgeReadBack() judges ${name}`, () => {
    assertEquals<Verdict>(judgeReadBack(read, WRITE, isUnanswered), verdict);
  });
}

Deno.test("judgeReadBack() judges a first record that is not there after no answer", () => {
  const write = { ...WRITE, version: null };
  const none = entry({ kind: "none" }, null);
  assertEquals<Verdict>(judgeReadBack(none, write, true), { outcome: "open", version: null, record: OURS });
  assertEquals<Verdict>(judgeReadBack(none, write, false), { outcome: "lost", isRefused: true });
});
