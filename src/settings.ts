/**
 * From options to settings: every option checked, every default filled in, every length in milliseconds.
 *
 * @module
 */
import { type Clock, systemClock } from "./clock.ts";
import { checkOptions } from "./check_options.ts";
import { refuse } from "./errors.ts";
import { SHORT_LEASE_MS } from "./limits.ts";
import type { Logger } from "./log.ts";
import type { NeatPeriodicTaskOptions } from "./options.ts";
import { count, UNPRINTABLE } from "./status.ts";
import type { StatusStore } from "./store.ts";

/** The lengths of time among the settings. */
interface Lengths {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
  readonly clockToleranceMs: number;
  /** Absent when runs have no heartbeat. */
  readonly heartbeatIntervalMs: number | undefined;
  /** How long after its last sign of life a run of ours may still be running. */
  readonly leaseMs: number;
}

/** What a scheduler goes by. */
export interface Settings extends Lengths {
  readonly name: string;
  readonly task: NeatPeriodicTaskOptions["task"];
  /** Absent where the record is kept in memory, for this scheduler alone. */
  readonly store: StatusStore | undefined;
  readonly retryDelay: NeatPeriodicTaskOptions["retryDelay"];
  readonly maxAbandoned: number;
  readonly log: Logger | undefined;
  readonly wrapRun: NeatPeriodicTaskOptions["wrapRun"];
  readonly clock: Clock;
}

const REQUIRED = ["name", "interval", "timeout", "task"];

/** What each option has to be. */
const TYPES = {
  name: "a string",
  interval: "a duration",
  timeout: "a duration",
  task: "a function",
  minCycle: "a duration",
  maxCycle: "a duration",
  heartbeatInterval: "a duration",
  heartbeatTimeout: "a duration",
  clockTolerance: "a duration",
  retryDelay: "a function or a duration",
  maxAbandoned: "a number",
  wrapRun: "a function",
  store: "{ read(), write() }",
  log: "{ info(), warn(), error() }",
  clock: "{ nowMs(), monotonicMs(), setTimer(), clearTimer(), random() }",
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param options What the user gave.
 * @returns What the scheduler goes by.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If an option's value can't be used.
 */
export function settingsOf(options: NeatPeriodicTaskOptions): Settings {
  const { intervalMs = 0, timeoutMs = 0, heartbeatIntervalMs: beatMs = 0, heartbeatTimeoutMs, ...others } =
    checkOptions(
      options,
      TYPES,
      "create the scheduler",
      REQUIRED,
    );
  const { minCycleMs = Math.min(300_000, intervalMs / 2), maxCycleMs = 10_800_000, clockToleranceMs = 5_000 } = others;
  const { name, task, store, maxAbandoned = 3, log, wrapRun, retryDelay, clock = systemClock } = options;
  const leaseMs = heartbeatTimeoutMs ?? (beatMs * 3 || timeoutMs);
  const atLeast = (ms: number, option: string, leastMs: number, other: string): void => {
    if (ms < leastMs) refuse(RangeError, `"${option}" must be at least ${leastMs} ms, see ${other}`, ms);
  };
  atLeast(maxCycleMs, "maxCycle", minCycleMs + 1, "minCycle");
  atLeast(intervalMs, "interval", minCycleMs * 2, "minCycle");
  atLeast(leaseMs, "heartbeatTimeout", beatMs + 1, "heartbeatInterval");
  if (!name || name.length > 500 || name.search(UNPRINTABLE) >= 0) {
    refuse(RangeError, '"name" must be 1 to 500 printable characters', name);
  }
  if (count(maxAbandoned) === undefined) {
    refuse(RangeError, '"maxAbandoned" must be a whole number from 0 on', maxAbandoned);
  }
  return {
    name,
    task,
    store,
    retryDelay,
    maxAbandoned,
    log,
    wrapRun,
    clock,
    intervalMs,
    timeoutMs,
    minCycleMs,
    maxCycleMs,
    clockToleranceMs,
    heartbeatIntervalMs: beatMs || (heartbeatTimeoutMs && leaseMs / 3),
    leaseMs,
  };
}

/** What is allowed and still surely unwanted, each as a warning. */
export function unwanted({ store, intervalMs, timeoutMs, leaseMs }: Settings): string[] {
  const lease = leaseMs === timeoutMs ? "timeout" : "heartbeatTimeout";
  const warnings: string[] = [];
  if (timeoutMs > intervalMs) {
    warnings.push(
      `"timeout" of ${timeoutMs} ms is longer than the interval of ${intervalMs} ms: due runs may be skipped`,
    );
  }
  if (leaseMs > timeoutMs) {
    warnings.push(
      `"${lease}" of ${leaseMs} ms is longer than the timeout of ${timeoutMs} ms: it delays the next replica`,
    );
  }
  if (store && leaseMs < SHORT_LEASE_MS) {
    warnings.push(`"${lease}" of ${leaseMs} ms leaves little time for the store: claims that take longer start no run`);
  }
  return warnings;
}
