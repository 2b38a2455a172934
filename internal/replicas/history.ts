/**
 * The runs, writes and processes that a log tells of.
 *
 * @module
 */
import { type Answer, isType, type LogEntry, type SentRecord } from "./log.ts";
import { MAX_DELAY_MS, RECOVERY_MS } from "./settings.ts";

/** A span of time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One run of the task. */
export interface LoggedRun extends Span {
  readonly process: LoggedProcess;
  readonly term: number;
  readonly scheduledMs: number;
}

/** A write to the store with all attempts at it. */
export interface LoggedWrite {
  readonly process: LoggedProcess;
  readonly record: SentRecord;
  readonly sentMs: number;
  /** When it was known to be written; when it was sent if it never was. It took effect at some time in between. */
  readonly settledMs: number;
  readonly outcome: "written" | "not written" | "unknown";
}

/** A process with a replica. */
export interface LoggedProcess {
  readonly pid: number;
  readonly joinedMs: number;
  /** When it was killed or asked to stop. */
  readonly leftMs: number;
  /** When nothing in it could happen: it was paused, or its timers did not fire. */
  readonly stalls: readonly Span[];
  /** When it waited for the store, or after a store error. */
  readonly waits: readonly Span[];
  /** The warnings and errors of its scheduler. */
  readonly logged: readonly { readonly atMs: number; readonly message: string }[];
}

/** What a log tells of. */
export interface History {
  /** In the order of their starts. */
  readonly runs: readonly LoggedRun[];
  /** In the order in which they were sent. */
  readonly writes: readonly LoggedWrite[];
  readonly processes: readonly LoggedProcess[];
}

/** Puts the entries of a log together. */
export function historyOf(entries: readonly LogEntry[]): History {
  const processes = new Map<number, LoggedProcess>();
  for (const [pid, own] of Map.groupBy(entries, ({ pid }) => pid)) processes.set(pid, processOf(pid, own));
  const byPid = (pid: number): LoggedProcess => {
    const process = processes.get(pid);
    if (!process) throw new Error(`Cannot find a process in the log: current value of its id is ${pid}`);
    return process;
  };
  const runs = entries.filter(isType("started")).map(({ pid, term, scheduledMs, atMs: fromMs }): LoggedRun => {
    const process = byPid(pid);
    const end = entries.find((entry) => entry.type === "ended" && entry.pid === pid && entry.term === term);
    return { process, term, scheduledMs, fromMs, toMs: end?.atMs ?? lastMomentOf(process) };
  });
  const sent = Map.groupBy(entries.filter(isType("sent")), ({ write }) => write);
  const writes = [...sent].flatMap(([write, [first, ...repeated]]): LoggedWrite[] => {
    if (!first) return [];
    const { pid, atMs: sentMs, record } = first;
    const answers = entries.filter(isType("answered")).filter((entry) => entry.write === write);
    const settledMs = answers.find(({ answer }) => answer === "written")?.atMs ?? sentMs;
    return [{ process: byPid(pid), record, sentMs, settledMs, outcome: outcomeOf(answers, 1 + repeated.length) }];
  });
  return {
    runs: runs.sort((one, other) => one.fromMs - other.fromMs),
    writes: writes.sort((one, other) => one.sentMs - other.sentMs),
    processes: [...processes.values()],
  };
}

/** Finds the stall that contains a moment or ended shortly before it. */
export function stallAt({ stalls }: LoggedProcess, ms: number): Span | undefined {
  return stalls.find(({ fromMs, toMs }) => fromMs <= ms && ms <= toMs + MAX_DELAY_MS);
}

function processOf(pid: number, entries: readonly LogEntry[]): LoggedProcess {
  const left = entries.find(({ type }) => type === "killed" || type === "stopped");
  const leftMs = left?.atMs ?? Infinity;
  const stalls: Span[] = entries.filter(isType("stalled")).map(({ sinceMs, atMs }) => ({
    fromMs: sinceMs,
    toMs: atMs,
  }));
  const waits: Span[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.type === "paused") {
      const resumed = entries.slice(index).find(({ type }) => type === "resumed");
      stalls.push({ fromMs: entry.atMs, toMs: resumed?.atMs ?? leftMs });
    } else if (entry.type === "read" || entry.type === "answered") {
      const isFailed = entry.type === "read" ? entry.failed : entry.answer === "failed";
      const isSlow = entry.atMs - entry.sentMs > MAX_DELAY_MS;
      const toMs = entry.atMs + (isFailed ? RECOVERY_MS : 0);
      if (isFailed || isSlow) waits.push({ fromMs: entry.sentMs, toMs });
    }
  }
  const joinedMs = entries.find(({ type }) => type === "joined")?.atMs ?? Infinity;
  return { pid, joinedMs, leftMs, stalls: merged(stalls), waits, logged: entries.filter(isType("logged")) };
}

/** Joins spans with hardly any time between them. */
function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = all.at(-1);
    if (last && span.fromMs <= last.toMs + MAX_DELAY_MS) {
      all[all.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    } else all.push(span);
  }
  return all;
}

/** Returns when a run without an end entry ended: its process was killed, perhaps during a pause. */
function lastMomentOf({ leftMs, stalls }: LoggedProcess): number {
  return stalls.find(({ fromMs, toMs }) => fromMs <= leftMs && leftMs <= toMs)?.fromMs ?? leftMs;
}

function outcomeOf(
  answers: readonly { readonly answer: Answer }[],
  attempts: number,
): LoggedWrite["outcome"] {
  if (answers.some(({ answer }) => answer === "written")) return "written";
  const isRefused = answers.length === attempts && answers.every(({ answer }) => answer === "conflict");
  return isRefused ? "not written" : "unknown";
}
