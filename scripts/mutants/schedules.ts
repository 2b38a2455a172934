import type { decide } from "../../src/core/decision.ts";
import type { RetryDelay } from "../../src/core/retry_delay.ts";
import type { isImplausible } from "../../src/record/plausibility.ts";
import type { claimedRecord } from "../../src/record/transitions.ts";
import type { jitterDelayMs } from "../../src/schedule/jitter.ts";
import type { parseTime } from "../../src/record/record_time.ts";
import type { StoreClient } from "../../src/store/client.ts";
import { type Mutant, replace, wrapFunction, wrapGetter, wrapMethod } from "./mutant.ts";

/** Faults in when to run, what may be overwritten, and what is believed of a record: promises 6, 7 and 9. */
export const SCHEDULES: readonly Mutant[] = [
  {
    breaks: 6,
    name: "a failed run is repeated immediately",
    change: wrapMethod<RetryDelay, "after">("RetryDelay.after", () => 0),
  },
  {
    breaks: 6,
    name: "due times follow from the start of the last run",
    change: wrapFunction<typeof claimedRecord>(
      "claimedRecord",
      (original, before, fields) => original(before, { ...fields, scheduledMs: fields.startedMs }),
    ),
  },
  {
    breaks: 6,
    name: "a run starts a hundredth of the interval early",
    change: wrapFunction<typeof decide>(
      "decide",
      (original, input, rules) => original({ ...input, nowMs: input.nowMs + rules.intervalMs / 100 }, rules),
    ),
  },
  {
    breaks: 6,
    name: "a trigger moves the due times",
    change: replace("timetableOf", "$PASSED ? $LATEST : unchangedDueTime($$$ARGS)", "$LATEST"),
  },
  {
    breaks: 6,
    name: "missed due times are caught up one by one",
    change: replace("timetableOf", "$PASSED ? dueTimes.latest($NEXT, $NOW) : $NEXT", "$NEXT"),
  },
  {
    breaks: 6,
    name: "a run counts for the due time after the latest one",
    change: replace(
      "timetableOf",
      "$PASSED ? $LATEST : unchangedDueTime($$$ARGS)",
      "$PASSED ? afterMs : unchangedDueTime($$$ARGS)",
    ),
  },
  {
    breaks: 6,
    name: "jitter differs from process to process",
    change: wrapFunction<typeof jitterDelayMs>(
      "jitterDelayMs",
      (_original, _name, jitterMs) => Math.floor(Math.random() * jitterMs),
    ),
  },
  {
    breaks: 6,
    name: "the due time of another schedule is trusted",
    change: replace("nextDueTime", "isDelayed || $PASSED", "true"),
  },
  {
    breaks: "schedule",
    name: "a due time that an old schedule has promised is dropped",
    change: replace("nextDueTime", "isDelayed || $OPEN", "isDelayed"),
  },
  {
    breaks: "schedule",
    name: "a delayed first run is put off at each start",
    change: replace("nextDueTime", "isDelayed || $OPEN", "$OPEN"),
  },
  {
    breaks: 6,
    name: "a new schedule applies to the time before the first read",
    change: replace("laterDueTime", "Math.max($LAST, $SINCE)", "$LAST"),
  },
  {
    breaks: 6,
    name: "a due time is run again if its jitter is longer now",
    change: replace("laterDueTime", "lastDueMs + dueTimes.delayMs", "lastDueMs"),
  },
  {
    breaks: 6,
    name: "a schedule applies from a read that has found no record",
    change: replace("StoreClient.#update", "if ($VERSION !== null) this.#sinceMs = $SINCE", "this.#sinceMs = $SINCE"),
  },
  {
    breaks: "schedule",
    name: "a replica that writes the next due time takes the preferred place",
    change: replace(
      "StoreClient.#keep",
      '$STATE === "running" && $WRITE === this.#lastWrite',
      "$WRITE === this.#lastWrite",
    ),
  },
  {
    breaks: 7,
    name: "foreign data is overwritten",
    change: wrapFunction<typeof decide>(
      "decide",
      (original, input, rules) =>
        original(input.found.kind === "foreign" ? { ...input, found: { kind: "none" } } : input, rules),
    ),
  },
  {
    breaks: 7,
    name: "a record of the next version counts as of this one",
    change: replace("parseRecord", "$VERSION > VERSION", "$VERSION > VERSION + 1"),
  },
  {
    breaks: 9,
    name: "times in the future are believed",
    change: wrapFunction<typeof isImplausible>("isImplausible", (_original, ms) => Number.isNaN(ms)),
  },
  {
    breaks: 9,
    name: "a lease that was watched to its end does not count as over",
    change: wrapFunction<typeof decide>(
      "decide",
      (original, input, rules) => original({ ...input, seenForMs: 0 }, rules),
    ),
  },
  {
    breaks: 9,
    name: "each read counts as the first of its version",
    change: wrapMethod<StoreClient, "read">("StoreClient.read", (client, original, limits) => {
      client.forget();
      return original(limits);
    }),
  },
  {
    breaks: 9,
    name: "standbys wait for the longest of their fallback delays",
    change: replace("timetableOf", "Math.min($LEASE, $LAST, $QUARTER, $DEADLINE)", "Math.max($LEASE, $LAST, $QUARTER)"),
  },
  {
    breaks: 9,
    name: "standbys do not check early in a run where the store has no clock",
    change: replace("leaseCheckMs", "$AHEAD ? dueMs + $EARLY * (1 + jitter) : Infinity", "Infinity"),
  },
  {
    breaks: 9,
    name: "standbys see heartbeats late where the store has no clock",
    change: replace("leaseCheckMs", "$NEW && $SEEN < $QUARTER ? $TIME : Infinity", "Infinity"),
  },
  {
    breaks: 9,
    name: "standbys see the first heartbeat late where the store has no clock",
    change: replace("leaseCheckMs", "heartbeatMs !== undefined || $OURS", "heartbeatMs !== undefined"),
  },
  {
    breaks: "schedule",
    name: "standbys check a short lease many times a second",
    change: replace("leaseCheckMs", "Math.max($THIRD, MIN_DELAY_MS)", "$THIRD"),
  },
  {
    breaks: "schedule",
    name: "standbys check early in a run though the store has a clock",
    change: replace("leaseCheckMs", "hasStoreClock || $LONG", "$LONG"),
  },
  {
    breaks: "schedule",
    name: "standbys check early in a run however long its lease is",
    change: replace("leaseCheckMs", "hasStoreClock || $LONG", "hasStoreClock"),
  },
  {
    breaks: "schedule",
    name: "standbys repeat the early check of a run that has not begun",
    change: replace("leaseCheckMs", "isStandby && nowMs < dueMs", "isStandby"),
  },
  {
    breaks: "schedule",
    name: "standbys go on to check a lease that is not renewed",
    change: replace("leaseCheckMs", "$RENEWED && seenForMs < $QUARTER", "$RENEWED"),
  },
  {
    breaks: "schedule",
    name: "every replica claims without reading first",
    change: wrapGetter<StoreClient, "ownRecord">(
      "StoreClient.ownRecord",
      ({ known }) => known?.found.kind === "record" ? known.found.record : undefined,
    ),
  },
  {
    breaks: "schedule",
    name: "standbys wait for a preferred replica that gave its place up",
    change: replace("hasPreferred", "$BY && $OWNER !== NO_OWNER", "$BY"),
  },
  {
    breaks: "record",
    name: "all runs are kept",
    change: replace("RecentRuns.with", "words.splice($START, WORDS_A_RUN)", "void 0"),
  },
  {
    breaks: "record",
    name: "the last run that finished is not kept",
    change: replace("RecentRuns.with", "isOldestLastFinished ? WORDS_A_RUN : 0", "0"),
  },
  {
    breaks: "record",
    name: "times as Dart writes them are not read",
    change: wrapFunction<typeof parseTime>(
      "parseTime",
      (original, value) => original(typeof value === "string" && !/T.*\.\d{3}Z$/.test(value) ? "" : value),
    ),
  },
];
