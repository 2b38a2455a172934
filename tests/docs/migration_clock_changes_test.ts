// What docs/migration says about clock changes, in the zone Europe/Berlin: 02:00 to 03:00 on 28 March 2027, 03:00 to 02:00 on 31 October.

import { cron } from "@neat/periodic-task/cron";
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { defaultRepeatStrategy } from "bullmq";
import { Cron } from "croner";
import nodeCron from "node-cron";

const ZONE = "Europe/Berlin";
const SPRING = new Date("2027-03-27T12:00:00Z");
const AUTUMN = new Date("2027-10-30T12:00:00Z");

/** The two due times after a moment, by each package. */
const NEXT: Readonly<Record<string, (expression: string, from: Date) => Date[]>> = {
  "this package": (expression, from) => {
    const schedule = cron(expression, { timeZone: ZONE });
    const first = schedule.next(from) ?? from;
    return [first, schedule.next(first) ?? first];
  },
  "node-cron": (expression, from) => {
    using _ = new FakeTime(from);
    return nodeCron.createTask(expression, () => {}, { timezone: ZONE }).getNextRuns(2);
  },
  "croner": (expression, from) => new Cron(expression, { timezone: ZONE, paused: true }).nextRuns(2, from),
  // pg-boss and agenda read expressions with the same cron-parser
  "BullMQ": (expression, from) => {
    const next = (ms: number): number => Number(defaultRepeatStrategy(ms, { pattern: expression, tz: ZONE }));
    return [next(from.getTime()), next(next(from.getTime()))].map((ms) => new Date(ms));
  },
};

/** The due times in UTC, as day and time. */
const ROWS: readonly (readonly [string, Date, Readonly<Record<string, string>>])[] = [
  ["30 2 * * *", SPRING, {
    "this package": "28 01:00, 29 00:30",
    "node-cron": "29 00:30, 30 00:30",
    "croner": "28 01:00, 29 00:30",
    "BullMQ": "28 01:30, 29 00:30",
  }],
  ["30 2 * * *", AUTUMN, {
    "this package": "31 00:30, 01 01:30",
    "node-cron": "31 01:30, 01 01:30",
    "croner": "31 00:30, 01 01:30",
    "BullMQ": "31 00:30, 01 01:30",
  }],
  ["*/30 2 * * *", new Date("2027-10-31T00:15:00Z"), {
    "this package": "31 00:30, 31 01:00",
    "node-cron": "31 01:30, 01 01:00",
    "croner": "31 00:30, 31 01:00",
    "BullMQ": "31 00:30, 01 01:00",
  }],
  ["0 * * * *", new Date("2027-10-30T23:30:00Z"), {
    "this package": "31 00:00, 31 01:00",
    "node-cron": "31 01:00, 31 02:00",
    "croner": "31 00:00, 31 01:00",
    "BullMQ": "31 00:00, 31 01:00",
  }],
  ["30 2,14 * * *", new Date("2027-10-30T20:00:00Z"), {
    "this package": "31 00:30, 31 13:30",
    "node-cron": "31 01:30, 31 13:30",
    "croner": "31 00:30, 31 01:30",
    "BullMQ": "31 00:30, 31 13:30",
  }],
];

for (const [expression, from, expected] of ROWS) {
  Deno.test(`"${expression}" is due after ${from.toISOString()} as docs/migration says`, () => {
    const found = Object.entries(NEXT).map(([name, next]) => {
      const due = next(expression, from).map((date) => date.toISOString().slice(8, 16).replace("T", " "));
      return [name, due.join(", ")];
    });
    assertEquals(Object.fromEntries(found), expected);
  });
}
