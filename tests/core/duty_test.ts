// Which standbys check a due time, and what a claim does to their list.

import { assertEquals } from "@std/assert";
import { type Duty, dutyOf, handedOn, standbysAfterClaim, takesPlace } from "../../src/core/duty.ts";
import type { StatusRecord, TaskState } from "../../src/record/status_record.ts";
import { ours, statusOf } from "../helpers/records.ts";

function recordWith(ids: string, term = 8, state: TaskState = "finished"): StatusRecord {
  return statusOf(ours({ state, term, standbys: [...ids].map((id) => ({ id, until: term + 1 })) }));
}

/** The listed ids, the id of the replica, the term, the state, and the duty. */
const DUTIES: readonly [ids: string, id: string | undefined, term: number, state: TaskState, expected: Duty][] = [
  ["", undefined, 8, "finished", "each-due-time"],
  ["abc", undefined, 8, "finished", "each-due-time"],
  ["abc", "b", 8, "finished", "each-due-time"],
  ["abcd", undefined, 8, "finished", "rarely"],
  ["abcd", "e", 8, "finished", "rarely"],
  ["abcd", "a", 8, "finished", "each-due-time"],
  ["abcd", "b", 8, "finished", "not-the-next"],
  ["abcd", "c", 8, "finished", "each-due-time"],
  ["abcd", "d", 8, "finished", "not-the-next"],
  ["abcd", "a", 9, "finished", "not-the-next"],
  ["abcd", "b", 9, "failed", "each-due-time"],
  // still those whose turn it was when the run of term 9 was due
  ["abcd", "a", 9, "running", "each-due-time"],
  ["abcd", "b", 9, "running", "not-the-next"],
];

for (const [ids, id, term, state, expected] of DUTIES) {
  Deno.test(`dutyOf() of ${id ?? "none"} among "${ids}" after term ${term}, ${state}: ${expected}`, () => {
    assertEquals(dutyOf(recordWith(ids, term, state), id), expected);
  });
}

Deno.test("dutyOf() gives two of four listed standbys each due time, and each of them every second one", () => {
  for (let term = 1; term < 9; term++) {
    const onDuty = [..."abcd"].filter((id) => dutyOf(recordWith("abcd", term), id) === "each-due-time");
    assertEquals(onDuty, term % 2 === 0 ? ["a", "c"] : ["b", "d"]);
  }
});

Deno.test("takesPlace() is for one of eight standbys that find a free place, and are not listed", () => {
  assertEquals([0, 0.124, 0.125, 1].map((lot) => takesPlace(recordWith("abc"), "e", lot)), [true, true, false, false]);
  assertEquals(takesPlace(recordWith("abc"), undefined, 0), true);
  assertEquals(takesPlace(recordWith("abc"), "b", 0), false);
  assertEquals(takesPlace(recordWith("abcd"), "e", 0), false);
});

/** The listed ids, the id of the replica that claims, whether the run is overdue, and the ids after the claim. */
const CLAIMS: readonly [ids: string, id: string | undefined, isOverdue: boolean, expected: string][] = [
  ["abcd", undefined, false, "a b c d"],
  ["abcd", "c", false, "a b d"],
  ["abcd", "c", true, "a b d"],
  // it was the turn of "a" and "c"
  ["abcd", "b", true, "d"],
  ["abcd", "e", true, "b d"],
  ["abc", "e", true, "a b c"],
];

for (const [ids, id, isOverdue, expected] of CLAIMS) {
  Deno.test(`standbysAfterClaim() by ${id ?? "none"} of "${ids}"${isOverdue ? ", overdue" : ""}: "${expected}"`, () => {
    assertEquals(standbysAfterClaim(recordWith(ids), id, isOverdue).map(({ id }) => id).join(" "), expected);
  });
}

Deno.test("standbysAfterClaim() leaves out those who are not listed for the next term", () => {
  const record = statusOf(ours({ term: 8, standbys: [{ id: "a", until: 8 }, { id: "b", until: 9 }] }));
  assertEquals(standbysAfterClaim(record, undefined, false), [{ id: "b", until: 9 }]);
});

/** The listed ids and the term, and who is next and who is listed after it by "z". */
const TURNS: readonly [ids: string, term: number, preferred: string | undefined, listed: string][] = [
  ["", 8, undefined, ""],
  ["a", 8, "a", "z"],
  ["ab", 8, "a", "z b"],
  ["ab", 9, "b", "a z"],
  // the run was the turn of "b" and "d", or of "a" and "c"
  ["abcd", 8, "b", "a z c d"],
  ["abcd", 9, "a", "z b c d"],
  ["abcd", 10, "d", "a b c z"],
  ["abcd", 11, "c", "a b z d"],
];

for (const [ids, term, preferred, listed] of TURNS) {
  Deno.test(`handedOn() of a run of term ${term} with "${ids}": to ${preferred ?? "nobody"}`, () => {
    const record = handedOn(recordWith(ids, term), "z", 0);
    assertEquals([record.preferred, record.standbys.map(({ id }) => id).join(" ")], [preferred, listed]);
  });
}
