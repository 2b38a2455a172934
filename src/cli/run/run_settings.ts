/**
 * The settings of the command `run`, from its arguments. Pure, but for the schedule that it loads.
 *
 * @module
 */
import type { Schedule } from "../../schedule/schedule.ts";
import type { Invocation, OptionSpecs } from "../command.ts";
import { parseDuration, shortDuration } from "../duration_text.ts";
import { messageOf } from "../store_access.ts";
import { UsageError } from "../usage_error.ts";

/** The options of `run`. */
export const RUN_OPTIONS: OptionSpecs = {
  "name": { value: "NAME", short: "n", help: "the name of the task, the same on all replicas" },
  "every": { value: "DURATION", help: "the time from one due time to the next" },
  "cron": { value: "EXPRESSION", help: 'or a cron expression, such as "0 3 * * *"' },
  "time-zone": { value: "ZONE", help: "the time zone of --cron (default: UTC)" },
  "timeout": { value: "DURATION", help: "the longest run; then SIGTERM" },
  "grace": { value: "DURATION", help: "from SIGTERM to SIGKILL (default: 10s)" },
  "lease": { value: "DURATION", help: "how soon a killed replica is replaced (default: 1m)" },
  "retry-delay": { value: "DURATION", help: "failed run to the next, or none (default: grows)" },
  "start-deadline": { value: "DURATION", help: "give a run up that starts later than that" },
  "check-every": { value: "DURATION", help: "how soon requests and pauses are seen (default: 1m)" },
  "instance": { value: "NAME", help: "the name of this replica (default: host)" },
  "once": { help: "run if a run is due within a minute, and exit" },
};

/** The settings of `run`. All durations are in milliseconds. */
export interface RunSettings {
  readonly name: string;
  readonly dueTimes: { readonly interval: number } | { readonly schedule: Schedule };
  /** How long the program may run. */
  readonly timeoutMs: number;
  /** How long it has from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** The lease of a run with heartbeats; absent if there are none. */
  readonly leaseMs: number | undefined;
  /** The time from the start of a failed run to the next, by the number of failures in a row. */
  readonly retryDelayMs: (failures: number) => number;
  /** How late a run may start; absent if there is no limit. */
  readonly startDeadlineMs: number | undefined;
  /** The longest time between two checks of the record. */
  readonly checkMs: number;
  readonly instance: string;
  readonly isOnce: boolean;
}

const DEFAULT_GRACE_MS = 10_000;

const DEFAULT_LEASE_MS = 60_000;

/** A lease shorter than this may end before a store on the network answers. */
const SHORT_LEASE_MS = 1_000;

const DEFAULT_CHECK_MS = 60_000;

/** Longer than any gap between due times: a failed run is not repeated before the next one. In milliseconds. */
export const NO_RETRY_MS: number = 1_000_000 * 86_400_000;

/** The longest delay by default, in milliseconds. */
const MAX_RETRY_MS = 30 * 86_400_000;

/** The time that the scheduler needs after SIGKILL to see the end of the program. */
const MARGIN_MS = 5_000;

/** Returns how long the scheduler waits for the end of the program: longer than its timeout and its grace. */
export function schedulerTimeoutMs({ timeoutMs, graceMs }: Pick<RunSettings, "timeoutMs" | "graceMs">): number {
  return timeoutMs + graceMs + MARGIN_MS;
}

/**
 * Reads the settings.
 *
 * @throws {UsageError} If an option is missing or cannot be used.
 */
export async function runSettingsOf(invocation: Invocation): Promise<RunSettings> {
  const { values, flags, io: { host } } = invocation;
  const duration = (option: string): number | undefined => {
    const text = values[option];
    return text === undefined ? undefined : parseDuration(text, option, "run");
  };
  const name = required(values["name"], "--name NAME");
  const timeoutMs = duration("timeout");
  if (timeoutMs === undefined) throw new UsageError("run needs --timeout DURATION", "run");
  const graceMs = duration("grace") ?? DEFAULT_GRACE_MS;
  return {
    name,
    dueTimes: await dueTimesOf(values, duration("every")),
    timeoutMs,
    graceMs,
    leaseMs: leaseOf(duration("lease"), schedulerTimeoutMs({ timeoutMs, graceMs }), graceMs),
    retryDelayMs: retryDelayOf(values["retry-delay"], timeoutMs),
    startDeadlineMs: duration("start-deadline"),
    checkMs: duration("check-every") ?? DEFAULT_CHECK_MS,
    instance: values["instance"] ?? host,
    isOnce: flags.has("once"),
  };
}

/**
 * Returns the delay of repetitions. By default it doubles with each failure in a row, from twice the timeout on, as it begins with the
 * start of the run: a program that hangs leaves the host as much time as it took.
 */
function retryDelayOf(given: string | undefined, timeoutMs: number): RunSettings["retryDelayMs"] {
  if (given === "none") return () => NO_RETRY_MS;
  if (given === undefined) return (failures) => Math.min(timeoutMs * 2 ** failures, Math.max(timeoutMs, MAX_RETRY_MS));
  const delayMs = parseDuration(given, "retry-delay", "run");
  return () => delayMs;
}

/** Returns a warning for each option that is allowed but probably unwanted. */
export function unwantedOptions({ dueTimes, timeoutMs, leaseMs }: RunSettings): string[] {
  const warnings: string[] = [];
  if ("interval" in dueTimes && timeoutMs > dueTimes.interval) {
    const lengths = [timeoutMs, dueTimes.interval].map(shortDuration);
    warnings.push(`--timeout of ${lengths[0]} is longer than --every of ${lengths[1]}: due runs may be skipped`);
  }
  if (leaseMs !== undefined && leaseMs < SHORT_LEASE_MS) {
    warnings.push(`--lease of ${shortDuration(leaseMs)} leaves little time for the store`);
  }
  return warnings;
}

function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`run needs ${option}`, "run");
  return value;
}

/** A run that cannot take much longer than the lease needs no heartbeats. Of the lease the program needs its grace at the end. */
function leaseOf(givenMs: number | undefined, timeoutMs: number, graceMs: number): number | undefined {
  if (givenMs === undefined) {
    const leaseMs = Math.max(DEFAULT_LEASE_MS, graceMs * 2);
    return timeoutMs > leaseMs * 2 ? leaseMs : undefined;
  }
  if (givenMs < graceMs * 2) throw new UsageError("--lease must be at least twice --grace", "run");
  return givenMs < timeoutMs ? givenMs : undefined;
}

async function dueTimesOf(
  values: Invocation["values"],
  everyMs: number | undefined,
): Promise<RunSettings["dueTimes"]> {
  const { cron: expression, "time-zone": timeZone } = values;
  if ((everyMs === undefined) === (expression === undefined)) {
    throw new UsageError("run needs either --every DURATION or --cron EXPRESSION", "run");
  }
  if (everyMs !== undefined) {
    if (timeZone !== undefined) throw new UsageError("--time-zone belongs to --cron", "run");
    return { interval: everyMs };
  }
  const cron = await loadCron();
  try {
    return { schedule: cron(expression ?? "", { timeZone }) };
  } catch (error) {
    throw new UsageError(messageOf(error), "run");
  }
}

async function loadCron(): Promise<typeof import("../../cron.ts")["cron"]> {
  try {
    return (await import("../../cron.ts")).cron;
  } catch (error) {
    throw new UsageError(`--cron needs the package croner; run "npm install croner": ${messageOf(error)}`, "run");
  }
}
