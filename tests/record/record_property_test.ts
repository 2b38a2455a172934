// Whatever a store holds: it is read without an error, foreign data is left alone, and the loop knows when to look again.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decide, type DecisionInput } from "../../src/core/decision.ts";
import { parseRecord } from "../../src/record/parse.ts";
import { serialiseRecord } from "../../src/record/serialise.ts";
import { anyKnowledge, anyRecord, anyRules, anyStatus, anyText } from "../helpers/arbitraries.ts";
import type { DecisionRules } from "../../src/core/decision.ts";
import { cases } from "../helpers/cases.ts";
import { kindOf } from "../helpers/records.ts";

type Knowledge = Omit<DecisionInput, "found">;

const utf8 = new TextEncoder();

/** Bytes that are flipped, inserted, deleted, doubled, or cut off the end. */
const anyMutations = fc.array(
  fc.record({
    kind: fc.constantFrom("flip", "insert", "delete", "double", "cut"),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...utf8.encode('{}[]":,-+.019eTZ\\'))),
  }),
  { maxLength: 4 },
);

function mutated(
  bytes: Uint8Array,
  mutations: readonly { kind: string; place: number; byte: number }[],
): Uint8Array {
  const list = [...bytes];
  for (const { kind, place, byte } of mutations) {
    const index = Math.floor(place * list.length);
    if (kind === "flip") list[index] = (list[index] ?? 0) ^ (1 << byte % 8);
    else if (kind === "insert") list.splice(index, 0, byte);
    else if (kind === "delete") list.splice(index, 1);
    else if (kind === "double") list.splice(index, 0, ...list.slice(index, index + byte));
    else list.length = index;
  }
  return Uint8Array.from(list);
}

/** Whether there is nothing, or a record of version 1 or older; told in another way than the source does. */
function mayBeRun(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // what is not UTF-8 has become U+FFFD, and doesn't come back as it was
  const again = utf8.encode(text);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) return false;
  try {
    const { format, version } = Object(JSON.parse(text.replace(/^\ufeff/, "")));
    return format === "neat-periodic-task-status" && !(typeof version === "number" && version > 1);
  } catch {
    return false;
  }
}

/** What holds for any bytes. */
function check(bytes: Uint8Array, knowledge: Knowledge, rules: DecisionRules): void {
  const found = parseRecord(bytes);
  const decision = decide({ ...knowledge, found }, rules);
  if (decision.kind === "run") {
    assert(mayBeRun(bytes), "a foreign or newer record was run");
    assert(Number.isFinite(decision.scheduledMs));
  } else if (decision.kind === "write" || decision.kind === "list") {
    assert(mayBeRun(bytes), "a foreign or newer record was written");
  } else {
    assert(Number.isFinite(decision.untilMs) && decision.untilMs > knowledge.nowMs, `until ${decision.untilMs}`);
    assert(Number.isFinite(decision.dueMs), `due ${decision.dueMs}`);
  }
  assert(mayBeRun(bytes) === (found.kind === "none" || found.kind === "record"), `taken for ${kindOf(found)}`);
  if (found.kind !== "record") return;
  // as a claim writes it, and as it is given back
  const written = serialiseRecord({ ...found.record, owner: "-", write: "HxAhcFVNQ3SPJ0J1Vp5wXA" });
  assert(written.length <= 4096, `${written.length} bytes`);
}

Deno.test("any record, some of whose fields are anything at all, is read and decided on", () => {
  fc.assert(
    fc.property(anyRecord, anyKnowledge, anyRules, (record, knowledge, rules) => {
      check(utf8.encode(JSON.stringify(record)), knowledge, rules);
    }),
    { numRuns: cases(50_000) },
  );
});

Deno.test("any record of which some bytes were changed is read and decided on", () => {
  fc.assert(
    fc.property(anyStatus, anyMutations, anyKnowledge, anyRules, (status, mutations, knowledge, rules) => {
      check(mutated(serialiseRecord(status), mutations), knowledge, rules);
    }),
    { numRuns: cases(40_000) },
  );
});

Deno.test("any bytes and any JSON are read and decided on", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => utf8.encode(text)),
    anyText(0, 100).map((text) => utf8.encode(text)),
  );
  fc.assert(fc.property(anyBytes, anyKnowledge, anyRules, check), { numRuns: cases(10_000) });
});

Deno.test("what is written is read exactly as it was", () => {
  fc.assert(
    fc.property(anyStatus, (status) => {
      const bytes = serialiseRecord(status);
      assert(bytes.length <= 4096, `${bytes.length} bytes`);
      assertEquals(parseRecord(bytes), { kind: "record", record: status });
    }),
    { numRuns: cases(10_000) },
  );
});
