// Warnings of times in a record that cannot be right.

import { assertEquals } from "@std/assert";
import { implausibilities } from "../../src/record/plausibility.ts";
import { at, DAY, NOON_MS, ours, RULES, SECOND, statusOf } from "../helpers/records.ts";

const ROWS: [name: string, fields: Record<string, unknown>, warnings: string[]][] = [
  ["a record of the past", {}, []],
  ["times within the tolerance", { started: at(5 * SECOND), paused: at(5 * SECOND) }, []],
  ["times of the future", { started: at(6 * SECOND), requested: at(DAY) }, [
    "implausible times in the record, which counts as written now: started, requested",
  ]],
  ["a time that cannot be read", { scheduled: "noon" }, [
    "implausible times in the record, which counts as written now: scheduled",
  ]],
  ["a request without a readable time", { requested: "soon" }, [
    "the request in the record has no readable time and is ignored",
  ]],
  ["a pause without a readable time", { paused: "soon" }, []],
  ["a lease of eleven days", { lease: 11 * DAY }, [
    `the lease of ${11 * DAY} ms in the record is too long and counts as ${DAY} ms`,
  ]],
];

for (const [name, fields, warnings] of ROWS) {
  Deno.test(`implausibilities() warns of ${warnings.length > 0 ? name : `nothing for ${name}`}`, () => {
    assertEquals(implausibilities(statusOf(ours({ finished: undefined, ...fields })), NOON_MS, RULES), warnings);
  });
}
