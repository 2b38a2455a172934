/**
 * The judge: whether what a log tells is what the package promises.
 *
 * @module
 */
import type { Entry } from "./log.ts";
import { BLINK_MS, checkMs, marginMs, type Rules } from "./settings.ts";
import { type Body, is, type Process, silenceAt, type Story, storyOf, type Write } from "./story.ts";

/** A promise that was broken, and when. */
export interface Breach {
  readonly atMs: number;
  readonly message: string;
}

/** What the judge has found. */
export interface Findings {
  readonly breaches: readonly Breach[];
  readonly runs: number;
  /** The terms that were claimed and not run, as the process was killed or held up. */
  readonly termsWithoutRun: number;
  /** The runs that another one overlapped, as a pause had outlasted their lease, which they have reported. */
  readonly overtaken: number;
  /** The writes to the sink that came after those of a later run, and were refused. */
  readonly staleWrites: number;
  /** How long at most a slot was due before it was claimed. */
  readonly latestMs: number;
  /** By how much the claim that came closest to its deadline was ahead of it. */
  readonly spareMs: number;
}

/**
 * Checks a log against the promises.
 *
 * @param entries The log, in the order of its lines.
 * @param rules What the replicas were set to.
 */
export function checkLog(entries: readonly Entry[], rules: Rules): Findings {
  const story = storyOf(entries);
  const overlaps = checkOverlaps(story, rules);
  const terms = checkTerms(story, rules);
  const slots = checkSlots(story, rules);
  const sink = checkSink(entries, story);
  const all = [...checkLife(story), ...overlaps.breaches, ...terms.breaches, ...slots.breaches, ...sink.breaches];
  return {
    breaches: all.sort((one, other) => one.atMs - other.atMs),
    runs: story.bodies.length,
    termsWithoutRun: terms.withoutRun,
    overtaken: overlaps.overtaken,
    staleWrites: sink.refused,
    latestMs: slots.latestMs,
    spareMs: slots.spareMs,
  };
}

/** A body ends, and does not begin before its run is due. */
function checkLife({ bodies }: Story): Breach[] {
  return bodies.flatMap(({ term, fromMs, toMs, scheduledMs }) => [
    ...(toMs === Infinity ? [{ atMs: fromMs, message: `term ${term} has not ended` }] : []),
    ...(fromMs < scheduledMs ? [{ atMs: fromMs, message: `term ${term} began before it was due` }] : []),
  ]);
}

function checkOverlaps({ bodies, writes, processes }: Story, { leaseMs }: Rules) {
  const breaches: Breach[] = [];
  const overtaken = new Set<Body>();
  for (const [index, body] of bodies.entries()) {
    for (const later of bodies.slice(index + 1).filter(({ fromMs }) => fromMs < body.toMs)) {
      const process = processes.get(body.pid)!;
      const silence = silenceAt(process, later.fromMs);
      const signs = writes.filter(({ record, pid, fate, sentMs }) =>
        record.term === body.term && pid === body.pid && fate === "written" && sentMs < later.fromMs
      );
      const signMs = signs.at(-1)?.sentMs ?? body.fromMs;
      const names = `terms ${body.term} and ${later.term}`;
      const broken = !silence
        ? "run at once, although the first was not paused"
        : body.toMs > silence.toMs + BLINK_MS
        ? `run at once, ${body.toMs - silence.toMs} ms after the end of the first one's pause`
        : later.fromMs < signMs + leaseMs
        ? "run at once, although the lease of the first was not over"
        : !hasReported(process, later.fromMs, silence.toMs + leaseMs)
        ? "run at once, which the first has not reported"
        : undefined;
      if (broken) breaches.push({ atMs: later.fromMs, message: `${names} ${broken}` });
      else overtaken.add(body);
    }
  }
  return { breaches, overtaken: overtaken.size };
}

/** Whether a process has told of a run overtaken, or had no time to. */
function hasReported({ says, leftMs }: Process, sinceMs: number, latestMs: number): boolean {
  const isReport = /\[FAILED\]|leaselost|the outcome was not recorded/;
  return leftMs < latestMs ||
    says.some(({ atMs, message }) => atMs >= sinceMs && atMs <= latestMs && isReport.test(message));
}

function checkTerms({ bodies, writes, processes }: Story, { leaseMs }: Rules) {
  const breaches: Breach[] = [];
  let withoutRun = 0;
  const claims = writes.filter(isClaim);
  const winners = Map.groupBy(claims.filter(({ fate }) => fate === "written"), ({ record }) => record.term);
  for (const [term, won] of winners) {
    if (won.length > 1) breaches.push({ atMs: won[1]!.sentMs, message: `term ${term} was claimed by two` });
  }
  for (const [index, body] of bodies.entries()) {
    const { term, pid, fromMs } = body;
    const claim = claimOf(body, writes);
    if (!claim || claim.fate === "not written") {
      breaches.push({ atMs: fromMs, message: `term ${term} was not claimed` });
    } else if (fromMs > claim.sentMs + leaseMs + BLINK_MS && !silenceAt(processes.get(pid)!, fromMs)) {
      breaches.push({ atMs: fromMs, message: `term ${term} began when its lease was over` });
    }
    const last = bodies[index - 1]?.term ?? 0;
    if (term <= last) breaches.push({ atMs: fromMs, message: `term ${term} came after term ${last}` });
    for (let lost = last + 1; lost < term; lost++) {
      if (claims.some((claim) => claim.record.term === lost && isHindered(claim, processes, leaseMs))) withoutRun++;
      else breaches.push({ atMs: fromMs, message: `term ${lost} is missing` });
    }
  }
  return { breaches, withoutRun };
}

/** Whether a write claims a run: it is no sign of life, and gives back no record that another had left as running. */
function isClaim({ record: { state, heartbeatMs, isFree } }: Write): boolean {
  return state === "running" && heartbeatMs === undefined && !isFree;
}

/** The claim of a body: the last one before it, as one that came to nothing may be followed by another for the same term. */
function claimOf({ pid, term, fromMs }: Body, writes: readonly Write[]): Write | undefined {
  return writes.findLast((write) =>
    write.pid === pid && write.record.term === term && write.sentMs <= fromMs && isClaim(write)
  );
}

/** Whether something has kept a claim from becoming a run. */
function isHindered({ pid, sentMs }: Write, processes: Story["processes"], leaseMs: number): boolean {
  const { leftMs, silences, waits } = processes.get(pid)!;
  const untilMs = sentMs + leaseMs;
  return leftMs <= untilMs || [...silences, ...waits].some(({ fromMs, toMs }) => fromMs <= untilMs && toMs >= sentMs);
}

/** Once the record lets a run begin, it is claimed as soon as any replica has had time to. */
function checkSlots({ bodies, writes, processes }: Story, rules: Rules) {
  const breaches: Breach[] = [];
  let [latestMs, spareMs] = [0, Infinity];
  for (const [index, body] of bodies.entries()) {
    const before = bodies[index - 1];
    const claim = claimOf(body, writes);
    if (!before || !claim) continue;
    const known = writes.filter(({ sentMs, record: { term } }) =>
      sentMs < claim.sentMs && term >= before.term && term < body.term
    );
    // terms that don't rise are found elsewhere
    if (known.length === 0) continue;
    const openMs = openSince(known, rules);
    const deadlineMs = Math.min(...[...processes.values()].map((process) => deadlineOf(process, openMs, rules)));
    latestMs = Math.max(latestMs, claim.sentMs - before.scheduledMs - rules.intervalMs);
    spareMs = Math.min(spareMs, deadlineMs - claim.sentMs);
    if (claim.sentMs <= deadlineMs) continue;
    const message = `term ${body.term} was claimed ${
      claim.sentMs - deadlineMs
    } ms later than it could be at the latest`;
    breaches.push({ atMs: claim.sentMs, message });
  }
  return { breaches, latestMs, spareMs };
}

/** Since when the record lets a run be claimed, by all that may have been written before. */
function openSince(writes: readonly Write[], rules: Rules): number {
  const possible = writes.filter(({ fate }) => fate !== "not written");
  const terms = [...Map.groupBy(possible, ({ record }) => record.term).values()];
  return Math.max(...terms.map((own) => {
    const ends = own.filter(({ record, fate }) => record.state !== "running" && fate === "written");
    // the others look at the slot after it, even if it was given back or has failed
    const slotMs = Math.max(...own.map(({ record }) => record.scheduledMs)) + rules.intervalMs;
    const endMs = Math.max(...ends.map(({ sentMs }) => sentMs));
    // who has then seen it running looks again when its lease is over
    const isOverInTime = ends.length > 0 && endMs < slotMs;
    return Math.max(slotMs, endMs, ...(isOverInTime ? ends : own).map((write) => opens(write, rules)));
  }));
}

function opens({ record }: Write, rules: Rules): number {
  const { state, startedMs, scheduledMs, heartbeatMs = startedMs } = record;
  if (state === "running") return heartbeatMs + rules.leaseMs + marginMs(rules);
  return state === "failed" ? startedMs + rules.retryDelayMs : scheduledMs + rules.intervalMs;
}

/** When a process will have looked and claimed, once the record lets it: sometime after whatever has held it up. */
function deadlineOf({ joinedMs, leftMs, silences, waits }: Process, openMs: number, rules: Rules): number {
  let deadlineMs = Math.max(openMs, joinedMs) + checkMs(rules);
  for (const { fromMs, toMs } of [...silences, ...waits].sort((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs <= deadlineMs) deadlineMs = Math.max(deadlineMs, toMs + checkMs(rules));
  }
  return leftMs <= deadlineMs ? Infinity : deadlineMs;
}

/** A sink that takes no term lower than the highest it has seen never takes a write of a run that was overtaken. */
function checkSink(entries: readonly Entry[], { bodies }: Story) {
  const breaches: Breach[] = [];
  let [highest, newest, refused] = [0, 0, 0];
  for (const { pid, term, atMs } of entries.filter(is("sink"))) {
    const isTaken = term >= highest;
    const index = bodies.findIndex((body) => body.pid === pid && body.term === term);
    const isStale = index < newest;
    if (isTaken && isStale) breaches.push({ atMs, message: `a stale write of term ${term} was taken` });
    if (!isTaken && !isStale) breaches.push({ atMs, message: `a write of term ${term} was refused` });
    if (!isTaken) refused++;
    highest = Math.max(highest, term);
    newest = Math.max(newest, index);
  }
  return { breaches, refused };
}
