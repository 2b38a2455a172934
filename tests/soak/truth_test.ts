/**
 * What a soak tells the judge of its log, and what it reads from the log itself.
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { callsInOutages, corrected } from "../../scripts/soak/truth.ts";
import { checkLog } from "../processes/check_log.ts";
import type { Answer, Entry } from "../processes/log.ts";
import { checkMs, ON_DENO_KV as RULES } from "../processes/settings.ts";

const INTERVAL = RULES.intervalMs;
const NONE: ReadonlySet<string> = new Set();

/** A run of a process that takes 100 ms, whose claim has an answer. */
function run(pid: number, term: number, atMs: number, scheduledMs = atMs, answer: Answer = "written"): Entry[] {
  const [claim, end] = [`claim ${term}`, `end ${term}`];
  const record = { term, scheduledMs, startedMs: atMs };
  return [
    { pid, atMs, what: "sends", write: claim, record: { ...record, state: "running" } },
    { pid, atMs: atMs + 1, what: "answered", write: claim, answer, sentMs: atMs },
    { pid, atMs: atMs + 2, what: "began", term, scheduledMs },
    { pid, atMs: atMs + 100, what: "ended", term },
    { pid, atMs: atMs + 101, what: "sends", write: end, record: { ...record, state: "finished" } },
    { pid, atMs: atMs + 102, what: "answered", write: end, answer: "written", sentMs: atMs + 101 },
  ];
}

const joined = (pid: number, atMs = -1_000): Entry => ({ pid, atMs, what: "joined" });
const breaches = (entries: readonly Entry[]) => checkLog(entries, RULES).breaches.map(({ message }) => message);

Deno.test("a slot in an outage need not be claimed, and one after it must be", () => {
  const outage = { fromMs: INTERVAL - 10, toMs: 5 * INTERVAL };
  const log = (claimMs: number) => [joined(1), joined(2), ...run(1, 1, 0), ...run(2, 2, claimMs, INTERVAL)];
  assertEquals(breaches(log(outage.toMs)).length, 1);
  assertEquals(breaches(corrected(log(outage.toMs), [outage], NONE)), []);
  assertEquals(breaches(corrected(log(outage.toMs + 3 * INTERVAL + checkMs(RULES)), [outage], NONE)).length, 1);
  assertEquals(breaches(corrected(log(outage.toMs), [{ fromMs: -500, toMs: -400 }], NONE)).length, 1);
});

Deno.test("an outage excuses nobody from overlapping", () => {
  const log = [joined(1), joined(2), ...run(1, 1, 0), ...run(2, 2, 50)];
  assertEquals(breaches(corrected(log, [{ fromMs: 0, toMs: 500 }], NONE)), [
    "terms 1 and 2 run at once, although the first was not paused",
  ]);
});

Deno.test("an outage that was over when a process joined does not concern it", () => {
  const waits = corrected([joined(1, 0), joined(2, 200)], [{ fromMs: -100, toMs: 100 }], NONE).slice(2);
  assertEquals(waits, [{ pid: 1, what: "read", failed: true, sentMs: 0, atMs: 100 }]);
});

Deno.test("a conflict with what the server has taken was none", () => {
  const log = [joined(1), ...run(1, 1, 0, 0, "conflict")];
  assertEquals(breaches(corrected(log, [], NONE)), ["term 1 was not claimed"]);
  assertEquals(breaches(corrected(log, [], new Set(["claim 1"]))), []);
  assertEquals(breaches(corrected(log, [], new Set(["end 1"]))), ["term 1 was not claimed"]);
});

Deno.test("calls in outages are counted once these have lasted a while, but for each process's first", () => {
  const outage = { fromMs: 0, toMs: 12_000 };
  const read = (pid: number, sentMs: number): Entry => ({ pid, atMs: sentMs + 1, what: "read", failed: true, sentMs });
  const often = Array.from({ length: 20 }, (_, index) => read(1, index * 100));
  const steady = Array.from({ length: 11 }, (_, index) => read(2, 1_999 + index * 1_000));
  assertEquals(callsInOutages(often, [outage], 1), 0);
  assertAlmostEquals(callsInOutages([...often, ...steady], [outage], 1)!, 0.9);
  assertAlmostEquals(callsInOutages([...often, ...steady], [outage], 2)!, 0.45);
  assertEquals(callsInOutages(steady, [{ fromMs: 0, toMs: 2_000 }], 1), undefined);
});
