/**
 * Adds what a soak knows to the log of its replicas.
 *
 * @module
 */
import type { Span } from "../../internal/replicas/history.ts";
import { isType, type LogEntry } from "../../internal/replicas/log.ts";

/**
 * Adds the outages to a log, and corrects false conflicts.
 *
 * During an outage all replicas wait for the store, even those that have not just called it: no run can be claimed. A conflict
 * is false if the server accepted the write before: runtimes repeat a request by themselves when its connection breaks, and
 * the repetition conflicts with the first one.
 *
 * @param entries The log.
 * @param outages When the store could not be reached.
 * @param written The ids of the writes that the server has accepted.
 */
export function correctedLog(
  entries: readonly LogEntry[],
  outages: readonly Span[],
  written: ReadonlySet<string>,
): readonly LogEntry[] {
  const corrected = entries.map((entry): LogEntry =>
    entry.type === "answered" && entry.answer === "conflict" && written.has(entry.write)
      ? { ...entry, answer: "written" }
      : entry
  );
  const waits = entries.filter(isType("joined")).flatMap(({ pid, atMs }) =>
    outages.filter(({ toMs }) => toMs > atMs).map((outage): LogEntry => ({
      type: "read",
      failed: true,
      pid,
      sentMs: Math.max(outage.fromMs, atMs),
      atMs: outage.toMs,
    }))
  );
  return [...corrected, ...waits];
}

/** At the start of an outage, runs in progress repeat their writes until their leases are over. */
const SETTLING_MS = 2_000;

/**
 * Returns how many store calls a second the scheduler of each replica makes in outages on average, without their first seconds.
 * One call of each process in each outage does not count: calls once a second are two in 1.1 s.
 *
 * @returns The rate, or nothing if no outage was long enough.
 */
export function callsInOutages(
  entries: readonly LogEntry[],
  outages: readonly Span[],
  replicas: number,
): number | undefined {
  const spans = outages.map(({ fromMs, toMs }) => ({ fromMs: fromMs + SETTLING_MS, toMs }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
  if (spans.length === 0) return undefined;
  let calls = 0;
  for (const own of Map.groupBy(entries, ({ pid }) => pid).values()) {
    // reads are logged if they fail, as they do in an outage
    const sent = own.flatMap((entry) =>
      entry.type === "sent" ? [entry.atMs] : entry.type === "read" ? [entry.sentMs] : []
    );
    for (const { fromMs, toMs } of spans) {
      calls += Math.max(0, sent.filter((ms) => fromMs <= ms && ms < toMs).length - 1);
    }
  }
  return calls / replicas / (totalLengthMs(spans) / 1_000);
}

/** Returns the length of all spans together. */
export function totalLengthMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
