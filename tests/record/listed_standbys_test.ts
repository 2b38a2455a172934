import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { newStandby, newStandbyId, parseStandbys, withoutStandby } from "../../src/record/listed_standbys.ts";

/** The value in a record of term 10, and the standbys that count. */
const VALUES: readonly [name: string, value: unknown, expected: readonly { id: string; until: number }[]][] = [
  ["nothing", undefined, []],
  ["another type", "abc", []],
  ["no list", { id: "a", until: 20 }, []],
  ["a standby", [{ id: "a-1_B", until: 20 }], [{ id: "a-1_B", until: 20 }]],
  ["further fields", [{ id: "a", until: 20, more: 1 }], [{ id: "a", until: 20 }]],
  ["values of other types", [null, 1, "a", [], { id: 1, until: 20 }, { id: "a", until: "20" }, { id: "a" }], []],
  ["ids that are empty, long or strange", ["", "a".repeat(17), "a b", "ä"].map((id) => ({ id, until: 20 })), []],
  ["terms that are over", [{ id: "a", until: 9 }, { id: "b", until: 10 }], [{ id: "b", until: 10 }]],
  ["terms too far ahead", [{ id: "a", until: 211 }, { id: "b", until: 210 }], [{ id: "b", until: 210 }]],
  ["terms that are no counts", [{ id: "a", until: 20.5 }, { id: "a", until: Infinity }, { id: "a", until: -1 }], []],
  ["too many", [..."abcde"].map((id) => ({ id, until: 20 })), [..."abcd"].map((id) => ({ id, until: 20 }))],
];

for (const [name, value, expected] of VALUES) {
  Deno.test(`parseStandbys() of ${name}`, () => assertEquals(parseStandbys(value, 10), expected));
}

Deno.test("newStandby() is listed for 100 to 199 terms", () => {
  assertEquals(newStandby("b", 10, 0), { id: "b", until: 110 });
  assertEquals(newStandby("b", 10, 0.999), { id: "b", until: 209 });
});

Deno.test("withoutStandby() removes one", () => {
  assertEquals(withoutStandby([{ id: "a", until: 20 }, { id: "b", until: 20 }], "a"), [{ id: "b", until: 20 }]);
});

Deno.test("newStandbyId() is random, and fits a record", () => {
  assertMatch(newStandbyId(), /^[0-9a-f]{8}$/);
  assertNotEquals(newStandbyId(), newStandbyId());
});
