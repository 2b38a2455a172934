/**
 * The settings of a scheduler: its checked options and their defaults, with all durations in milliseconds.
 *
 * @module
 */
import { cannot } from "./errors.ts";
import type { Logger } from "./log.ts";
import { checkOptions, type Durations } from "./option_checks.ts";
import type { NeatPeriodicTaskOptions } from "./options.ts";
import { isCount } from "./record/count.ts";
import { newId } from "./record/ids.ts";
import { isPrintable, MAX_TEXT_LENGTH } from "./record/text.ts";
import type { StatusStore } from "./store/store.ts";
import type { Schedule } from "./schedule/schedule.ts";
import { type DueTimes, IntervalDueTimes } from "./schedule/due_times.ts";
import { jitterDelayMs } from "./schedule/jitter.ts";
import { scheduleDueTimes } from "./schedule/schedule_due_times.ts";
import { type Clock, systemClock } from "./time/clock.ts";
import { MAX_DURATION_MS } from "./time/duration.ts";

/** The durations among the settings. */
interface DurationSettings {
  /** The interval, or the shortest of the next gaps of a schedule. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
  readonly clockToleranceMs: number;
  /** `undefined` if runs have no heartbeat. */
  readonly heartbeatIntervalMs: number | undefined;
  /** Until this time after its start or its last heartbeat, a run may still be in progress. */
  readonly leaseMs: number;
  /** Infinity if there is no limit. */
  readonly startDeadlineMs: number;
}

/** The settings of a scheduler. */
export interface Settings extends DurationSettings {
  readonly name: string;
  /** Returns the name of this replica. A function, as some runtimes allow no random numbers before the first request. */
  readonly instance: () => string;
  readonly dueTimes: DueTimes;
  /** The schedule as it was given; `undefined` with an interval. */
  readonly schedule: Schedule | undefined;
  readonly keepAlive: boolean;
  readonly rotate: boolean;
  readonly task: NeatPeriodicTaskOptions["task"];
  /** `undefined` if the record is in the scheduler's own memory. */
  readonly store: StatusStore | undefined;
  readonly retryDelay: NeatPeriodicTaskOptions["retryDelay"];
  readonly maxAbandoned: number;
  readonly log: Logger | undefined;
  /** Not read-only, as telemetry puts its own function around that of the user. Each run reads it. */
  wrapRun: NeatPeriodicTaskOptions["wrapRun"];
  readonly clock: Clock;
}

/** The longest default of `minCycle`: 5 minutes, as in Dart's `neat_periodic_task`. */
const DEFAULT_MIN_CYCLE_MS = 300_000;
/** 3 hours, as in Dart's `neat_periodic_task`. */
const DEFAULT_MAX_CYCLE_MS = 10_800_000;
const DEFAULT_CLOCK_TOLERANCE_MS = 5_000;
const DEFAULT_MAX_ABANDONED = 3;

/** The number of heartbeats in a lease, if only one of the two options is given. */
const HEARTBEATS_A_LEASE = 3;

/** The number of gaps of a schedule that its shortest gap is taken from. */
const SAMPLED_GAPS = 10;

/** A lease shorter than this may end before a store on the network answers. */
const SHORT_LEASE_MS = 1_000;

const MAX_NAME_LENGTH = 500;

/** The type of each option. */
export const OPTION_TYPES = {
  name: "required string",
  interval: "duration",
  schedule: ["next"],
  firstRun: "string",
  startDeadline: "duration",
  jitter: "duration",
  keepAlive: "boolean",
  rotate: "boolean",
  timeout: "required duration",
  task: "required function",
  store: ["read", "write", "watch?"],
  instance: "string",
  minCycle: "duration",
  maxCycle: "duration",
  heartbeatInterval: "duration",
  heartbeatTimeout: "duration",
  retryDelay: "function or duration",
  maxAbandoned: "number",
  clockTolerance: "duration",
  log: ["info", "warn", "error"],
  wrapRun: "function",
  clock: ["nowMs", "monotonicMs", "setTimer", "clearTimer", "random", "unrefTimer?"],
} as const;

const DOING = "create the scheduler";

const INSTANCE_LENGTH = 8;

let processInstance: string | undefined;

/** Returns the default name of this process, which is drawn at its first use. */
function defaultInstance(): string {
  return processInstance ??= newId().slice(0, INSTANCE_LENGTH);
}

/** The durations among the user's options. */
type GivenDurations = Durations<typeof OPTION_TYPES>;

/**
 * Checks the options and fills in the defaults.
 *
 * @param options The options of the user.
 * @returns The settings.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If the value of an option is out of range.
 */
export function settingsOf(options: NeatPeriodicTaskOptions): Settings {
  const given = checkOptions(options, OPTION_TYPES, DOING);
  const { name, instance, task, store, maxAbandoned = DEFAULT_MAX_ABANDONED } = options;
  const { log, wrapRun, retryDelay, keepAlive = true, rotate = false, clock = systemClock } = options;
  checkText("name", name, MAX_NAME_LENGTH);
  if (instance !== undefined) checkText("instance", instance, MAX_TEXT_LENGTH);
  if (!isCount(maxAbandoned)) {
    throw new RangeError(cannot(DOING, '"maxAbandoned" must be a whole number from 0 on', maxAbandoned));
  }
  const dueTimes = dueTimesOf(options, given);
  const durations = durationsOf(given, given.intervalMs ?? shortestGapMs(dueTimes, clock.nowMs()));
  const { intervalMs, timeoutMs, minCycleMs, maxCycleMs, startDeadlineMs } = durations;
  const { clockToleranceMs, heartbeatIntervalMs, leaseMs } = durations;
  // each by its name, as V8 gives an object that is created by spreading a hidden class of its own: 800 bytes a scheduler
  return {
    intervalMs,
    timeoutMs,
    minCycleMs,
    maxCycleMs,
    startDeadlineMs,
    clockToleranceMs,
    heartbeatIntervalMs,
    leaseMs,
    dueTimes,
    schedule: options.schedule,
    name,
    instance: instance === undefined ? defaultInstance : () => instance,
    keepAlive,
    rotate,
    task,
    store,
    retryDelay,
    maxAbandoned,
    log,
    wrapRun,
    clock,
  };
}

function dueTimesOf(options: NeatPeriodicTaskOptions, { intervalMs, jitterMs = 0 }: GivenDurations): DueTimes {
  const { name, schedule } = options;
  const delayMs = jitterDelayMs(name, jitterMs);
  const firstRun = options.firstRun ?? (schedule ? "on-schedule" : "immediately");
  if (firstRun !== "immediately" && firstRun !== "on-schedule") {
    throw new RangeError(cannot(DOING, '"firstRun" must be "immediately" or "on-schedule"', firstRun));
  }
  if ((intervalMs === undefined) === (schedule === undefined)) {
    throw new TypeError(cannot(DOING, 'either "interval" or "schedule" is required', schedule && options.interval));
  }
  const isImmediate = firstRun === "immediately";
  if (schedule) return scheduleDueTimes(schedule, delayMs, isImmediate ? delayMs : undefined);
  return new IntervalDueTimes(intervalMs ?? NaN, isImmediate ? delayMs : (intervalMs ?? NaN) + delayMs);
}

/** Returns the shortest of the next gaps between due times. A schedule that fails is refused. */
function shortestGapMs(dueTimes: DueTimes, nowMs: number): number {
  let dueMs = dueTimes.after(nowMs);
  let shortestMs = Infinity;
  for (let gaps = 0; gaps < SAMPLED_GAPS && dueMs < Infinity; gaps++) {
    const nextMs = dueTimes.after(dueMs);
    shortestMs = Math.min(shortestMs, nextMs - dueMs);
    dueMs = nextMs;
  }
  return Math.min(shortestMs, MAX_DURATION_MS);
}

/** Throws unless a text can be a name. */
function checkText(option: "name" | "instance", text: string, maxLength: number): void {
  if (text !== "" && text.length <= maxLength && isPrintable(text)) return;
  throw new RangeError(cannot(DOING, `"${option}" must be 1 to ${maxLength} printable characters`, text));
}

function durationsOf(given: GivenDurations, intervalMs: number): DurationSettings {
  const { timeoutMs = NaN, heartbeatIntervalMs, heartbeatTimeoutMs } = given;
  const { clockToleranceMs = DEFAULT_CLOCK_TOLERANCE_MS } = given;
  return {
    intervalMs,
    timeoutMs,
    clockToleranceMs,
    startDeadlineMs: given.startDeadlineMs ?? Infinity,
    ...cyclesOf(given, intervalMs),
    ...heartbeatOf(heartbeatIntervalMs, heartbeatTimeoutMs, timeoutMs),
  };
}

/** Returns `minCycle` and `maxCycle`, checked by the rules of Dart's `neat_periodic_task`. Errors name a given option. */
function cyclesOf(given: GivenDurations, intervalMs: number): Pick<DurationSettings, "minCycleMs" | "maxCycleMs"> {
  const { minCycleMs = Math.min(DEFAULT_MIN_CYCLE_MS, intervalMs / 2), maxCycleMs = DEFAULT_MAX_CYCLE_MS } = given;
  // decisions limit minCycle by the gap between two due times of a schedule
  if (minCycleMs > intervalMs / 2 && given.intervalMs !== undefined) {
    const state = `"minCycle" must be at most half the interval, which is ${intervalMs / 2} ms`;
    throw new RangeError(cannot(DOING, state, minCycleMs));
  }
  if (maxCycleMs <= minCycleMs && given.maxCycleMs !== undefined) {
    throw new RangeError(
      cannot(DOING, `"maxCycle" must be longer than minCycle, which is ${minCycleMs} ms`, maxCycleMs),
    );
  }
  if (maxCycleMs <= minCycleMs) {
    const state = `"minCycle" must be shorter than maxCycle, which is ${maxCycleMs} ms`;
    throw new RangeError(cannot(DOING, state, minCycleMs));
  }
  return { minCycleMs, maxCycleMs };
}

/** Returns the interval of heartbeats and the lease. Without heartbeats the lease is the timeout. */
function heartbeatOf(
  intervalMs: number | undefined,
  leaseMs: number | undefined,
  timeoutMs: number,
): Pick<DurationSettings, "heartbeatIntervalMs" | "leaseMs"> {
  if (intervalMs === undefined && leaseMs === undefined) return { heartbeatIntervalMs: undefined, leaseMs: timeoutMs };
  if (intervalMs === undefined) {
    return { heartbeatIntervalMs: (leaseMs ?? NaN) / HEARTBEATS_A_LEASE, leaseMs: leaseMs ?? NaN };
  }
  if (leaseMs === undefined) return { heartbeatIntervalMs: intervalMs, leaseMs: intervalMs * HEARTBEATS_A_LEASE };
  if (intervalMs >= leaseMs) {
    const state = `"heartbeatInterval" must be shorter than heartbeatTimeout, which is ${leaseMs} ms`;
    throw new RangeError(cannot(DOING, state, intervalMs));
  }
  return { heartbeatIntervalMs: intervalMs, leaseMs };
}

/** Returns a warning for each setting that is allowed but probably unwanted. */
export function unwantedSettings(settings: Settings): string[] {
  const { store, dueTimes, intervalMs, timeoutMs, leaseMs, heartbeatIntervalMs } = settings;
  const gap = dueTimes.areRelative ? "interval" : "shortest time between due times";
  const lease = heartbeatIntervalMs === undefined ? "timeout" : "heartbeatTimeout";
  const warnings: string[] = [];
  if (timeoutMs > intervalMs) {
    warnings.push(
      `"timeout" of ${timeoutMs} ms is longer than the ${gap} of ${intervalMs} ms: due runs may be skipped`,
    );
  }
  if (leaseMs > timeoutMs) {
    warnings.push(
      `"${lease}" of ${leaseMs} ms is longer than the timeout of ${timeoutMs} ms: it delays the run after a crash`,
    );
  }
  if (store && leaseMs < SHORT_LEASE_MS) {
    warnings.push(`"${lease}" of ${leaseMs} ms leaves little time for the store: claims that take longer start no run`);
  }
  return warnings;
}
