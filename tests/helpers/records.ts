// Status records as a store holds them, and what a replica may know of one. Times are counted from noon of a day.

import { assertEquals } from "@std/assert";
import {
  decide,
  type Decision,
  type DecisionInput,
  type DecisionRules,
  type WaitReason,
} from "../../src/core/decision.ts";
import { parseRecord } from "../../src/record/parse.ts";
import { RecentRuns, type RunOutcome } from "../../src/record/recent_runs.ts";
import { IntervalDueTimes } from "../../src/schedule/due_times.ts";
import type { FoundRecord, StatusRecord } from "../../src/record/status_record.ts";

/** The settings of a decision, with the interval in place of its due times. */
export type Rules = Omit<DecisionRules, "dueTimes">;

/** The rules of a decision at a fixed interval. */
export function rulesOf(rules: Partial<DecisionRules> = {}): DecisionRules {
  const all = { ...RULES, ...rules };
  return { dueTimes: new IntervalDueTimes(all.intervalMs, 0), ...all, ...rules };
}

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** The moment from which the times of the tables count. */
export const NOON_MS: number = Date.UTC(2026, 0, 31, 12);

/** An hourly task that may take ten minutes. */
export const RULES: Rules = {
  intervalMs: HOUR,
  timeoutMs: 10 * MINUTE,
  leaseMs: 10 * MINUTE,
  minCycleMs: 5 * MINUTE,
  maxCycleMs: 3 * HOUR,
  clockToleranceMs: 5 * SECOND,
  startDeadlineMs: Infinity,
};

/** A time as records hold it, so many milliseconds after noon. */
export function at(ms: number): string {
  return new Date(NOON_MS + ms).toISOString();
}

/** What a store holds: a text as it is, anything else as JSON. */
export function bytesOf(stored: unknown): Uint8Array {
  return new TextEncoder().encode(typeof stored === "string" ? stored : JSON.stringify(stored));
}

/** A record as the original writes it. */
export function original(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: at(0),
    owner: "bTcdUYhQTWOTEtcqeJbkmQ",
    ...fields,
  };
}

/** A record as this package writes it: of a run that was due and claimed at noon and ended 2 s later. */
export function ours(fields: Record<string, unknown>): Record<string, unknown> {
  return original({
    scheduled: at(0),
    term: 7,
    write: "HxAhcFVNQ3SPJ0J1Vp5wXA",
    finished: at(2_000),
    ...fields,
  });
}

/** A record of a run under way, as this package writes it at the claim. */
export function runningNow(fields: Record<string, unknown>): Record<string, unknown> {
  return ours({ state: "running", lease: 10 * MINUTE, finished: undefined, ...fields });
}

/** The kind of what was found. */
export function kindOf(found: FoundRecord): FoundRecord["kind"] {
  return found.kind;
}

/** Recent runs as a status keeps them: each so many milliseconds after noon. */
export function recentOf(...runs: (readonly [afterMs: number, length: number, outcome: RunOutcome])[]): RecentRuns {
  return runs.reduce(
    (recent, [afterMs, length, outcome]) => recent.with(NOON_MS + afterMs, length, outcome),
    RecentRuns.NONE,
  );
}

/** A record as parseRecord() parses it. */
export function statusOf(stored: unknown): StatusRecord {
  const found = parseRecord(bytesOf(stored));
  if (found.kind !== "record") throw new Error(`Cannot use the record as it is ${found.kind}`);
  return found.record;
}

/** What a replica knows; it has just read the record, and the store has a clock, unless told otherwise. */
export interface Knows extends Partial<Omit<DecisionInput, "found" | "nowMs" | "firstSeenMs">> {
  /** The present, counted from noon. */
  readonly now: number;
  /** When it first saw the record, counted from noon. */
  readonly firstSeen?: number;
}

/** All that decide() goes by. */
export function inputOf(stored: unknown, { now, firstSeen, ...knows }: Knows): DecisionInput {
  return {
    found: parseRecord(stored === null ? null : bytesOf(stored)),
    highestTerm: 7,
    nowMs: NOON_MS + now,
    firstSeenMs: NOON_MS + (firstSeen ?? now),
    seenForMs: now - (firstSeen ?? now),
    hasStoreClock: true,
    sinceMs: NOON_MS + (firstSeen ?? now),
    isFirstVersion: true,
    isPreferred: false,
    retryDelayMs: 10 * MINUTE,
    isTriggered: false,
    jitter: 0,
    standbyId: undefined,
    lot: 1,
    ...knows,
  };
}

/** A decision without the record it is based on, with its times counted from noon. */
export type Expected =
  | { run: true; scheduled: number }
  | { write: true; due: number | undefined }
  | { list: true }
  | { run: false; because: WaitReason; until: number; due: number; alive: boolean };

/** To run, for a slot. */
export function runs(scheduled: number): Expected {
  return { run: true, scheduled };
}

/** To write the record first, with a due time. */
export function writes(dueMs?: number): Expected {
  return { write: true, due: dueMs === undefined ? undefined : dueMs - NOON_MS };
}

/** To wait until a time for a run that is due at another. */
export function waits(because: WaitReason, until: number, due: number, alive = false): Expected {
  return { run: false, because, until, due, alive };
}

/** One rule of decide(). */
export interface Row {
  /** Goes on from "decide". */
  readonly name: string;
  /** What the store holds; `null` if nothing. */
  readonly record: unknown;
  readonly knows: Knows;
  readonly rules?: Partial<DecisionRules>;
  readonly expected: Expected;
}

/** What decide() makes of a row. */
export function decided({ record, knows, rules }: Omit<Row, "name" | "expected">): Expected {
  return relative(decide(inputOf(record, knows), rulesOf(rules)));
}

function relative(decision: Decision): Expected {
  if (decision.kind === "run") return runs(decision.scheduledMs - NOON_MS);
  if (decision.kind === "write") return writes(decision.record.dueMs);
  if (decision.kind === "list") return { list: true };
  const { reason, untilMs, dueMs, isAlive } = decision;
  return waits(reason, untilMs - NOON_MS, dueMs - NOON_MS, isAlive);
}

/** Makes each row a test. */
export function testRows(rows: readonly Row[]): void {
  for (const row of rows) {
    Deno.test(`decide() ${row.name}`, () => assertEquals(decided(row), row.expected));
  }
}
