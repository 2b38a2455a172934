/**
 * What a log tells, put together: the bodies, the writes, and the processes with what held them up.
 *
 * @module
 */
import type { Entry, SentRecord } from "./log.ts";
import { BLINK_MS, RECOVERY_MS } from "./settings.ts";

/** A stretch of time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One execution of the task. */
export interface Body extends Span {
  readonly pid: number;
  readonly term: number;
  readonly scheduledMs: number;
}

/** A write to the store, with all attempts at it. */
export interface Write {
  readonly pid: number;
  readonly record: SentRecord;
  readonly sentMs: number;
  /** Whether it is known to have been made, known not to have been, or neither. */
  readonly fate: "written" | "not written" | "unknown";
}

/** A process that took part. */
export interface Process {
  readonly pid: number;
  readonly joinedMs: number;
  /** When it was killed or told to stop. */
  readonly leftMs: number;
  /** When nothing in it could happen: it was paused, or did not get to its timers. One that was killed then ended so. */
  readonly silences: readonly Span[];
  /** When it had to wait for the store, or after an error of it. */
  readonly waits: readonly Span[];
  /** What its scheduler has warned of. */
  readonly says: readonly { readonly atMs: number; readonly message: string }[];
}

/** What a log tells. */
export interface Story {
  /** In the order in which they began. */
  readonly bodies: readonly Body[];
  /** In the order in which they were sent. */
  readonly writes: readonly Write[];
  readonly processes: ReadonlyMap<number, Process>;
}

type Happened<What> = Entry & { readonly what: What };

/** Puts together what a log tells. */
export function storyOf(entries: readonly Entry[]): Story {
  const processes = new Map<number, Process>();
  for (const [pid, own] of Map.groupBy(entries, ({ pid }) => pid)) processes.set(pid, processOf(pid, own));
  const bodies = entries.filter(is("began")).map(({ pid, term, scheduledMs, atMs: fromMs }): Body => {
    const end = entries.find((entry) => entry.what === "ended" && entry.pid === pid && entry.term === term);
    return { pid, term, scheduledMs, fromMs, toMs: end?.atMs ?? endOf(processes.get(pid)!) };
  });
  const sent = Map.groupBy(entries.filter(is("sends")), ({ write }) => write);
  const writes = [...sent.values()].map((attempts) => writeOf(attempts, entries));
  return {
    bodies: bodies.sort((one, other) => one.fromMs - other.fromMs),
    writes: writes.sort((one, other) => one.sentMs - other.sentMs),
    processes,
  };
}

/** A test for entries of one kind. */
export function is<What extends Entry["what"]>(what: What): (entry: Entry) => entry is Happened<What> {
  return (entry): entry is Happened<What> => entry.what === what;
}

/** The silence in which a moment lies, or which it follows in no time. */
export function silenceAt({ silences }: Process, ms: number): Span | undefined {
  return silences.find(({ fromMs, toMs }) => fromMs <= ms && ms <= toMs + BLINK_MS);
}

function processOf(pid: number, entries: readonly Entry[]): Process {
  const left = entries.find(({ what }) => what === "killed" || what === "stopped");
  const leftMs = left?.atMs ?? Infinity;
  const silences: Span[] = entries.filter(is("stalled")).map(({ sinceMs, atMs }) => ({ fromMs: sinceMs, toMs: atMs }));
  const waits: Span[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.what === "paused") {
      const resumed = entries.slice(index).find(({ what }) => what === "resumed");
      silences.push({ fromMs: entry.atMs, toMs: resumed?.atMs ?? leftMs });
    } else if (entry.what === "read" || entry.what === "answered") {
      const isFailed = entry.what === "read" ? entry.failed : entry.answer === "failed";
      const isSlow = entry.atMs - entry.sentMs > BLINK_MS;
      const toMs = entry.atMs + (isFailed ? RECOVERY_MS : 0);
      if (isFailed || isSlow) waits.push({ fromMs: entry.sentMs, toMs });
    }
  }
  const joinedMs = entries.find(({ what }) => what === "joined")?.atMs ?? Infinity;
  return { pid, joinedMs, leftMs, silences: merged(silences), waits, says: entries.filter(is("says")) };
}

/** Stretches between which there was hardly time for anything are one. */
function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = all.at(-1);
    if (last && span.fromMs <= last.toMs + BLINK_MS) {
      all[all.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    } else all.push(span);
  }
  return all;
}

/** When a body ended that was not there to tell: its process was killed, perhaps in its sleep. */
function endOf(process: Process): number {
  const { leftMs, silences } = process;
  return silences.find(({ fromMs, toMs }) => fromMs <= leftMs && leftMs <= toMs)?.fromMs ?? leftMs;
}

function writeOf(attempts: readonly Happened<"sends">[], entries: readonly Entry[]): Write {
  const [{ pid, atMs: sentMs, record, write } = attempts[0]!] = attempts;
  const answers = entries.filter(is("answered")).filter((entry) => entry.write === write).map(({ answer }) => answer);
  const isSettled = answers.length === attempts.length && answers.every((answer) => answer === "conflict");
  const fate = answers.includes("written") ? "written" : isSettled ? "not written" : "unknown";
  return { pid, record, sentMs, fate };
}
