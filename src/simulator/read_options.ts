/**
 * Checks the options of a simulation.
 *
 * @module
 */
import { durationMs } from "../time/duration.ts";
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { PLAIN_DUE_TIMES } from "./due_time_settings.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { FAULT_NAMES, type FaultName } from "./fault_names.ts";
import type { SimulateOptions } from "./options.ts";
import type { PlanOptions } from "./plan.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";
import { START_MS } from "./machine_clock.ts";
import { SIMULATION_KINDS } from "./simulation_kind.ts";
import { withGaps } from "./uneven_schedule.ts";

const TYPES: OptionTypes = {
  seed: "required number",
  replicas: "any",
  intervals: "number",
  kind: "string",
  interval: "any",
  schedule: ["next"],
  startDeadline: "any",
  timeout: "any",
  heartbeatTimeout: "any",
  faults: "any",
  stores: "function",
  record: "function",
  tasks: "function",
  check: "function",
};

const DOING = "simulate";
const MAX_REPLICAS = 1_000;
const MAX_INTERVALS = 100_000;

/**
 * Checks the options of a simulation and returns what its plan depends on.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If the value of an option is out of range.
 */
export function readOptions(options: SimulateOptions): PlanOptions {
  checkOptions(options, TYPES, DOING, { hidesValues: true });
  const { seed, replicas, intervals, kind } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError(cannot(DOING, '"seed" must be a whole number', seed));
  if (!isReplicas(replicas)) {
    throw new RangeError(
      cannot(DOING, `"replicas" must be 1 to ${MAX_REPLICAS}, or different numbers from 0 on`, replicas),
    );
  }
  if (intervals !== undefined && !(Number.isInteger(intervals) && intervals > 0 && intervals <= MAX_INTERVALS)) {
    throw new RangeError(cannot(DOING, `"intervals" must be a whole number from 1 to ${MAX_INTERVALS}`, intervals));
  }
  if (kind !== undefined && !SIMULATION_KINDS.includes(kind)) {
    throw new RangeError(cannot(DOING, `"kind" must be one of ${SIMULATION_KINDS.join(", ")}`, kind));
  }
  return { seed, replicas, intervals, kind, faults: readFaults(options.faults), settings: readSettings(options) };
}

function isReplicas(replicas: SimulateOptions["replicas"]): boolean {
  const indices: unknown = typeof replicas === "number" ? [replicas - 1] : replicas ?? [0];
  const isIndex = (index: unknown): boolean =>
    typeof index === "number" && Number.isInteger(index) && index >= 0 && index < MAX_REPLICAS;
  return Array.isArray(indices) && indices.length > 0 && indices.every(isIndex) &&
    new Set(indices).size === indices.length;
}

function readFaults(faults: SimulateOptions["faults"] = true): ReadonlySet<FaultName> {
  if (typeof faults === "boolean") return new Set(faults ? FAULT_NAMES : []);
  checkOptions(faults, Object.fromEntries(FAULT_NAMES.map((name) => [name, "boolean" as const])), DOING);
  return new Set(FAULT_NAMES.filter((name) => faults[name] !== false));
}

/** The settings that the options name, with those that follow from them. */
function readSettings(options: SimulateOptions): Partial<SchedulerSettings> {
  const read = (name: "interval" | "timeout" | "heartbeatTimeout" | "startDeadline"): number | undefined => {
    const value = options[name];
    return value === undefined ? undefined : durationMs(value, name, DOING);
  };
  const timeoutMs = read("timeout");
  const leaseMs = read("heartbeatTimeout");
  const startDeadlineMs = read("startDeadline");
  return {
    ...readDueTimes(options.schedule, read("interval")),
    ...startDeadlineMs && { startDeadlineMs },
    ...timeoutMs && { timeoutMs, retryDelayMs: timeoutMs, leaseMs: timeoutMs, heartbeatIntervalMs: undefined },
    ...leaseMs && { leaseMs, heartbeatIntervalMs: leaseMs / 3 },
  };
}

function readDueTimes(schedule: Schedule | undefined, givenMs: number | undefined): Partial<SchedulerSettings> {
  if (schedule && givenMs !== undefined) {
    throw new TypeError(cannot(DOING, '"interval" must not be given beside "schedule"', givenMs));
  }
  const given = schedule && withGaps(schedule);
  const intervalMs = given?.shortestGapMs ?? givenMs;
  if (intervalMs === undefined) return {};
  if (intervalMs === Infinity) {
    throw new RangeError(
      cannot(DOING, '"schedule" must have two due times or more', schedule?.next(new Date(START_MS))),
    );
  }
  return {
    ...PLAIN_DUE_TIMES,
    ...given && { schedule: given, firstRun: "on-schedule" },
    intervalMs,
    minCycleMs: Math.min(300_000, intervalMs / 2),
    maxCycleMs: 10_800_000,
    clockToleranceMs: Math.min(5_000, intervalMs / 2),
  };
}
