import { assertAlmostEquals, assertEquals } from "@std/assert";
import { callsInOutages, correctedLog } from "./corrections.ts";
import { checkLog } from "../../internal/replicas/check_log.ts";
import type { Answer, LogEntry } from "../../internal/replicas/log.ts";
import { DENO_KV_SETTINGS as SETTINGS, maxCheckDelayMs } from "../../internal/replicas/settings.ts";

const INTERVAL = SETTINGS.intervalMs;
const NONE: ReadonlySet<string> = new Set();

/** The entries of a run that takes 100 ms, with an answer to its claim. */
function run(pid: number, term: number, atMs: number, scheduledMs = atMs, answer: Answer = "written"): LogEntry[] {
  const [claim, end] = [`claim ${term}`, `end ${term}`];
  const record = { term, scheduledMs, startedMs: atMs };
  return [
    { pid, atMs, type: "sent", write: claim, record: { ...record, state: "running" } },
    { pid, atMs: atMs + 1, type: "answered", write: claim, answer, sentMs: atMs },
    { pid, atMs: atMs + 2, type: "started", term, scheduledMs },
    { pid, atMs: atMs + 100, type: "ended", term },
    { pid, atMs: atMs + 101, type: "sent", write: end, record: { ...record, state: "finished" } },
    { pid, atMs: atMs + 102, type: "answered", write: end, answer: "written", sentMs: atMs + 101 },
  ];
}

const joined = (pid: number, atMs = -1_000): LogEntry => ({ pid, atMs, type: "joined" });
const violations = (entries: readonly LogEntry[]) =>
  checkLog(entries, SETTINGS).violations.map(({ message }) => message);

Deno.test("correctedLog() allows no claim in an outage, but expects one after it", () => {
  const outage = { fromMs: INTERVAL - 10, toMs: 5 * INTERVAL };
  const log = (claimMs: number) => [joined(1), joined(2), ...run(1, 1, 0), ...run(2, 2, claimMs, INTERVAL)];
  assertEquals(violations(log(outage.toMs)).length, 1);
  assertEquals(violations(correctedLog(log(outage.toMs), [outage], NONE)), []);
  assertEquals(
    violations(correctedLog(log(outage.toMs + 3 * INTERVAL + maxCheckDelayMs(SETTINGS)), [outage], NONE)).length,
    1,
  );
  assertEquals(violations(correctedLog(log(outage.toMs), [{ fromMs: -500, toMs: -400 }], NONE)).length, 1);
});

Deno.test("correctedLog() does not excuse overlaps in an outage", () => {
  const log = [joined(1), joined(2), ...run(1, 1, 0), ...run(2, 2, 50)];
  assertEquals(violations(correctedLog(log, [{ fromMs: 0, toMs: 500 }], NONE)), [
    "terms 1 and 2 overlap, although the first was not paused",
  ]);
});

Deno.test("correctedLog() ignores outages before a process joined", () => {
  const waits = correctedLog([joined(1, 0), joined(2, 200)], [{ fromMs: -100, toMs: 100 }], NONE).slice(2);
  assertEquals(waits, [{ pid: 1, type: "read", failed: true, sentMs: 0, atMs: 100 }]);
});

Deno.test("correctedLog() corrects a conflict of a write that the server accepted", () => {
  const log = [joined(1), ...run(1, 1, 0, 0, "conflict")];
  assertEquals(violations(correctedLog(log, [], NONE)), ["term 1 was not claimed"]);
  assertEquals(violations(correctedLog(log, [], new Set(["claim 1"]))), []);
  assertEquals(violations(correctedLog(log, [], new Set(["end 1"]))), ["term 1 was not claimed"]);
});

Deno.test("callsInOutages() skips the first seconds, and one call of each process", () => {
  const outage = { fromMs: 0, toMs: 12_000 };
  const read = (pid: number, sentMs: number): LogEntry => ({
    pid,
    atMs: sentMs + 1,
    type: "read",
    failed: true,
    sentMs,
  });
  const often = Array.from({ length: 20 }, (_, index) => read(1, index * 100));
  const steady = Array.from({ length: 11 }, (_, index) => read(2, 1_999 + index * 1_000));
  assertEquals(callsInOutages(often, [outage], 1), 0);
  assertAlmostEquals(callsInOutages([...often, ...steady], [outage], 1)!, 0.9);
  assertAlmostEquals(callsInOutages([...often, ...steady], [outage], 2)!, 0.45);
  assertEquals(callsInOutages(steady, [{ fromMs: 0, toMs: 2_000 }], 1), undefined);
});
