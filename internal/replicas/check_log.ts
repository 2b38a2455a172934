/**
 * Checks a log of replicas against the promises of the package.
 *
 * @module
 */
import { type History, historyOf, type LoggedProcess, type LoggedRun, type LoggedWrite, stallAt } from "./history.ts";
import { isType, type LogEntry } from "./log.ts";
import { leaseMarginMs, MAX_DELAY_MS, maxCheckDelayMs, type ReplicaSettings } from "./settings.ts";

/** A promise that was broken. */
export interface Violation {
  readonly kind: "overlap" | "stale write" | "other";
  readonly atMs: number;
  readonly message: string;
}

/** What a log shows. */
export interface Findings {
  /** In the order of time. */
  readonly violations: readonly Violation[];
  readonly runs: number;
  /** Terms that were claimed but not run, as the process was killed or delayed. */
  readonly termsWithoutRun: number;
  /** Runs that overlapped a later one, as a pause outlasted their lease, and that reported it. */
  readonly overtaken: number;
  /** Writes to the sink that came after those of a later run and were refused. */
  readonly staleWrites: number;
  /** The longest time from a due time to its claim. */
  readonly maxClaimDelayMs: number;
  /** The shortest time from a claim to its deadline. */
  readonly minSlackMs: number;
}

/**
 * Checks a log against the promises.
 *
 * @param entries The log in the order of its lines.
 * @param settings What the replicas were set to.
 */
export function checkLog(entries: readonly LogEntry[], settings: ReplicaSettings): Findings {
  const history = historyOf(entries);
  const overlaps = checkOverlaps(history, settings);
  const terms = checkTerms(history, settings);
  const dueTimes = checkDueTimes(history, settings);
  const sink = checkSink(entries, history);
  const violations = [
    ...checkRuns(history),
    ...overlaps.violations,
    ...terms.violations,
    ...dueTimes.violations,
    ...sink.violations,
  ];
  return {
    violations: violations.sort((one, other) => one.atMs - other.atMs),
    runs: history.runs.length,
    termsWithoutRun: terms.withoutRun,
    overtaken: overlaps.overtaken,
    staleWrites: sink.refused,
    maxClaimDelayMs: dueTimes.maxClaimDelayMs,
    minSlackMs: dueTimes.minSlackMs,
  };
}

function violation(atMs: number, message: string): Violation {
  return { kind: "other", atMs, message };
}

/** A run ends, and does not start before it is due. */
function checkRuns({ runs }: History): Violation[] {
  return runs.flatMap(({ term, fromMs, toMs, scheduledMs }) => [
    ...(toMs === Infinity ? [violation(fromMs, `term ${term} has not ended`)] : []),
    ...(fromMs < scheduledMs ? [violation(fromMs, `term ${term} started before it was due`)] : []),
  ]);
}

/** Two runs overlap only if a pause outlasted the lease of the first, which then reports it. */
function checkOverlaps({ runs, writes }: History, settings: ReplicaSettings) {
  const violations: Violation[] = [];
  const overtaken = new Set<LoggedRun>();
  for (const [index, run] of runs.entries()) {
    for (const later of runs.slice(index + 1).filter(({ fromMs }) => fromMs < run.toMs)) {
      const state = unexplainedOverlap(run, later, writes, settings);
      if (!state) overtaken.add(run);
      else {
        const message = `terms ${run.term} and ${later.term} overlap, ${state}`;
        violations.push({ kind: "overlap", atMs: later.fromMs, message });
      }
    }
  }
  return { violations, overtaken: overtaken.size };
}

/** Says why no pause explains an overlap, or nothing if one does. */
function unexplainedOverlap(
  run: LoggedRun,
  later: LoggedRun,
  writes: readonly LoggedWrite[],
  { leaseMs }: ReplicaSettings,
): string | undefined {
  const { process } = run;
  const stall = stallAt(process, later.fromMs);
  if (!stall) return "although the first was not paused";
  if (run.toMs > stall.toMs + MAX_DELAY_MS) return `${run.toMs - stall.toMs} ms after the end of the first one's pause`;
  const renewals = writes.filter((write) =>
    write.record.term === run.term && write.process === process && write.outcome === "written" &&
    write.sentMs < later.fromMs
  );
  // the answer of the claim may be lost, so that nothing is known to be written
  const renewedMs = renewals.at(-1)?.sentMs ?? claimOf(run, writes)?.sentMs ?? run.fromMs;
  if (later.fromMs < renewedMs + leaseMs) return "although the lease of the first was not over";
  if (!hasReported(process, later.fromMs, stall.toMs + leaseMs)) return "and the first has not reported it";
  return undefined;
}

/** Whether a process has reported an overlap, or left before it had time to. */
function hasReported({ logged, leftMs }: LoggedProcess, sinceMs: number, latestMs: number): boolean {
  const isReport = /\[FAILED\]|leaselost|the outcome was not recorded/;
  return leftMs < latestMs ||
    logged.some(({ atMs, message }) => atMs >= sinceMs && atMs <= latestMs && isReport.test(message));
}

/** One process claims a term, terms rise by one, and a run starts on a claim with time left on its lease. */
function checkTerms({ runs, writes }: History, { leaseMs }: ReplicaSettings) {
  const violations: Violation[] = [];
  let withoutRun = 0;
  const claims = writes.filter(isClaim);
  const winners = Map.groupBy(claims.filter(({ outcome }) => outcome === "written"), ({ record }) => record.term);
  for (const [term, [, second]] of winners) {
    if (second) violations.push(violation(second.sentMs, `term ${term} was claimed twice`));
  }
  for (const [index, run] of runs.entries()) {
    const { term, process, fromMs } = run;
    const claim = claimOf(run, writes);
    if (!claim || claim.outcome === "not written") {
      violations.push(violation(fromMs, `term ${term} was not claimed`));
    } else if (fromMs > claim.sentMs + leaseMs + MAX_DELAY_MS && !stallAt(process, fromMs)) {
      violations.push(violation(fromMs, `term ${term} started when its lease was over`));
    }
    const last = runs[index - 1]?.term ?? 0;
    if (term <= last) violations.push(violation(fromMs, `term ${term} came after term ${last}`));
    for (let lost = last + 1; lost < term; lost++) {
      if (claims.some((claim) => claim.record.term === lost && wasDelayed(claim, leaseMs))) withoutRun++;
      else violations.push(violation(fromMs, `term ${lost} is missing`));
    }
  }
  return { violations, withoutRun };
}

/** Whether a write claims a run, and neither renews a claim nor gives one back. */
function isClaim({ record: { state, heartbeatMs, hasNoOwner } }: LoggedWrite): boolean {
  return state === "running" && heartbeatMs === undefined && !hasNoOwner;
}

/** Finds the claim of a run: the last one before it, as a lost claim may be followed by another for the same term. */
function claimOf({ process, term, fromMs }: LoggedRun, writes: readonly LoggedWrite[]): LoggedWrite | undefined {
  return writes.findLast((write) =>
    write.process === process && write.record.term === term && write.sentMs <= fromMs && isClaim(write)
  );
}

/** Whether something kept a claim from becoming a run. */
function wasDelayed({ process: { leftMs, stalls, waits }, sentMs }: LoggedWrite, leaseMs: number): boolean {
  const untilMs = sentMs + leaseMs;
  return leftMs <= untilMs || [...stalls, ...waits].some(({ fromMs, toMs }) => fromMs <= untilMs && toMs >= sentMs);
}

/** Once the record allows a run, it is claimed as soon as any replica has had time to. */
function checkDueTimes({ runs, writes, processes }: History, settings: ReplicaSettings) {
  const violations: Violation[] = [];
  let [maxClaimDelayMs, minSlackMs] = [0, Infinity];
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    const claim = claimOf(run, writes);
    if (!before || !claim) continue;
    const known = writes.filter(({ sentMs, record: { term } }) =>
      sentMs < claim.sentMs && term >= before.term && term < run.term
    );
    // terms that do not rise are found by checkTerms
    if (known.length === 0) continue;
    const allowedMs = allowedSince(known, settings);
    const deadlineMs = Math.min(...processes.map((process) => deadlineOf(process, allowedMs, settings)));
    maxClaimDelayMs = Math.max(maxClaimDelayMs, claim.sentMs - before.scheduledMs - settings.intervalMs);
    minSlackMs = Math.min(minSlackMs, deadlineMs - claim.sentMs);
    if (claim.sentMs <= deadlineMs) continue;
    const lateMs = claim.sentMs - deadlineMs;
    violations.push(violation(claim.sentMs, `term ${run.term} was claimed ${lateMs} ms after its deadline`));
  }
  return { violations, maxClaimDelayMs, minSlackMs };
}

/** Returns since when the record allows a run, after all writes that may have been made before. */
function allowedSince(writes: readonly LoggedWrite[], settings: ReplicaSettings): number {
  const possible = writes.filter(({ outcome }) => outcome !== "not written");
  const terms = [...Map.groupBy(possible, ({ record }) => record.term).values()];
  return Math.max(...terms.map((own) => {
    const ends = own.filter(({ record, outcome }) => record.state !== "running" && outcome === "written");
    // standbys check at the due time after it, even if it was given back or has failed
    const nextDueMs = Math.max(...own.map(({ record }) => record.scheduledMs)) + settings.intervalMs;
    // others may have seen it running until then
    const endMs = Math.max(...ends.map(({ settledMs }) => settledMs));
    // a standby that has seen it running then checks again when its lease is over
    const endedInTime = ends.length > 0 && endMs < nextDueMs;
    return Math.max(nextDueMs, endMs, ...(endedInTime ? ends : own).map((write) => nextClaimMs(write, settings)));
  }));
}

function nextClaimMs({ record }: LoggedWrite, settings: ReplicaSettings): number {
  const { state, startedMs, scheduledMs, heartbeatMs = startedMs } = record;
  if (state === "running") return heartbeatMs + settings.leaseMs + leaseMarginMs(settings);
  return state === "failed" ? startedMs + settings.retryDelayMs : scheduledMs + settings.intervalMs;
}

/** Returns when a process has checked and claimed at the latest, once the record allows it and nothing delays the process. */
function deadlineOf(
  { joinedMs, leftMs, stalls, waits }: LoggedProcess,
  allowedMs: number,
  settings: ReplicaSettings,
): number {
  const checkMs = maxCheckDelayMs(settings);
  let deadlineMs = Math.max(allowedMs, joinedMs) + checkMs;
  for (const { fromMs, toMs } of [...stalls, ...waits].sort((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs <= deadlineMs) deadlineMs = Math.max(deadlineMs, toMs + checkMs);
  }
  // calls are logged when they end, so one that was in progress when the process was killed is not known. None is longer than a lease
  return leftMs <= deadlineMs + settings.leaseMs ? Infinity : deadlineMs;
}

/** A sink that refuses terms lower than the highest it has seen never accepts a write of an overtaken run. */
function checkSink(entries: readonly LogEntry[], { runs }: History) {
  const violations: Violation[] = [];
  let [highest, newest, refused] = [0, 0, 0];
  for (const { pid, term, atMs } of entries.filter(isType("sink"))) {
    const isAccepted = term >= highest;
    const index = runs.findIndex((run) => run.process.pid === pid && run.term === term);
    const isStale = index < newest;
    if (isAccepted && isStale) {
      violations.push({ kind: "stale write", atMs, message: `a stale write of term ${term} was accepted` });
    }
    if (!isAccepted && !isStale) violations.push(violation(atMs, `a write of term ${term} was refused`));
    if (!isAccepted) refused++;
    highest = Math.max(highest, term);
    newest = Math.max(newest, index);
  }
  return { violations, refused };
}
