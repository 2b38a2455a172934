/**
 * What the soak knows better than the replicas' own log, for the judge of that log. Pure.
 *
 * @module
 */
import type { Entry } from "../../tests/processes/log.ts";
import { is, type Span } from "../../tests/processes/story.ts";

/**
 * Adds to a log what the soak knows.
 *
 * During an outage, all replicas wait for the store, whether or not they have just asked it: no slot can be claimed. And a
 * conflict is none if the server has taken the write before: runtimes repeat a request by themselves when its connection
 * breaks, and the repetition conflicts with what it repeats.
 *
 * @param entries The log.
 * @param outages When the store could not be reached.
 * @param written The ids of the writes that the server is known to have taken.
 */
export function corrected(
  entries: readonly Entry[],
  outages: readonly Span[],
  written: ReadonlySet<string>,
): readonly Entry[] {
  const known = entries.map((entry): Entry =>
    entry.what === "answered" && entry.answer === "conflict" && written.has(entry.write)
      ? { ...entry, answer: "written" }
      : entry
  );
  const waits = entries.filter(is("joined")).flatMap(({ pid, atMs }) =>
    outages.filter(({ toMs }) => toMs > atMs).map((outage): Entry => ({
      what: "read",
      failed: true,
      pid,
      sentMs: Math.max(outage.fromMs, atMs),
      atMs: outage.toMs,
    }))
  );
  return [...known, ...waits];
}

/** At the beginning of an outage, runs under way repeat their writes until their leases are over. */
const SETTLING_MS = 2_000;

/**
 * How many calls a second the scheduler of each replica makes in outages, on average, once these have lasted a while. Each
 * process has one call in each outage free, as what is done once a second is done twice in 1.1 s.
 *
 * @returns The rate, or nothing if no outage was long enough.
 */
export function callsInOutages(
  entries: readonly Entry[],
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
      entry.what === "sends" ? [entry.atMs] : entry.what === "read" ? [entry.sentMs] : []
    );
    for (const { fromMs, toMs } of spans) {
      calls += Math.max(0, sent.filter((ms) => fromMs <= ms && ms < toMs).length - 1);
    }
  }
  return calls / replicas / (lengthMs(spans) / 1_000);
}

/** How long outages took together. */
export function lengthMs(outages: readonly Span[]): number {
  return outages.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
