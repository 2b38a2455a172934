/** Tests of cron schedules for `node:test`. Runtimes differ in their time zone data and in how they show offsets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cron } from "@neat/periodic-task/cron";
import { CLOCK_CHANGE_ROWS } from "../cron/clock_change_rows.ts";

for (const { expression, timeZone, period: [from, to], due } of CLOCK_CHANGE_ROWS) {
  test(`cron("${expression}") is due ${due.length} times from ${from} to ${to} in ${timeZone}`, () => {
    const schedule = cron(expression, { timeZone });
    const found: string[] = [];
    let next = schedule.next(new Date(Date.parse(from) - 1));
    for (; next && next < new Date(to); next = schedule.next(next)) found.push(next.toISOString());
    // the date of a due time is that of the start or of the end of the period
    const dates = [from, to].map((text) => text.slice(0, 10));
    const expected = due.map((time) => dates.map((date) => new Date(`${date}T${time}`).toISOString()));
    assert.equal(found.length, expected.length, found.join());
    for (const [index, iso] of found.entries()) assert.ok(expected[index]?.includes(iso), iso);
  });
}

test("cron() refuses a time zone that the runtime does not know", () => {
  assert.throws(() => cron("@daily", { timeZone: "Mars/Phobos" }), { name: "RangeError", message: /Mars\/Phobos/ });
  assert.throws(() => cron("60 * * * *"), { name: "RangeError", message: /Invalid value for minute: 60$/ });
});
