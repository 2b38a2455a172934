/**
 * From what a simulation is told to what its world may be like: checks.
 *
 * @module
 */
import { type Duration, durationMs } from "../../time/duration.ts";
import { refuse } from "../../errors.ts";
import { checkOptions, type OptionTypes } from "../../option_types.ts";
import { FAULT_NAMES, type FaultName } from "./fault_names.ts";
import type { Lengths } from "./lengths.ts";
import type { SimulateOptions } from "./options.ts";
import type { PlanLimits } from "./plan.ts";

const TYPES: OptionTypes = {
  seed: "required number",
  replicas: "any",
  intervals: "number",
  kind: "string",
  interval: "any",
  timeout: "any",
  heartbeatTimeout: "any",
  faults: "any",
  stores: "function",
  record: "function",
  tasks: "function",
  check: "function",
};

const KINDS: readonly unknown[] = ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"];
const DOING = "simulate a world";
const MAX_REPLICAS = 26;
const MAX_INTERVALS = 100_000;

/** Checks what a simulation is told, and says what is left to the seed. */
export function limitsOf(options: SimulateOptions): PlanLimits {
  checkOptions(options, TYPES, DOING);
  const { seed, replicas, intervals, kind } = options;
  if (!Number.isSafeInteger(seed)) refuse(RangeError, '"seed" must be a whole number', seed, DOING);
  const indices = typeof replicas === "number" ? [replicas - 1] : replicas ?? [0];
  const isIndex = (index: unknown): boolean =>
    Number.isInteger(index) && index as number >= 0 && index as number < MAX_REPLICAS;
  if (!Array.isArray(indices) || !indices.length || !indices.every(isIndex) || new Set(indices).size < indices.length) {
    refuse(RangeError, `"replicas" must be 1 to ${MAX_REPLICAS}, or different numbers from 0 on`, replicas, DOING);
  }
  if (intervals !== undefined && !(Number.isInteger(intervals) && intervals > 0 && intervals <= MAX_INTERVALS)) {
    refuse(RangeError, `"intervals" must be a whole number from 1 to ${MAX_INTERVALS}`, intervals, DOING);
  }
  if (kind !== undefined && !KINDS.includes(kind)) refuse(RangeError, `"kind" must be one of ${KINDS}`, kind, DOING);
  return { seed, replicas, intervals, kind, faults: faultsOf(options.faults), lengths: lengthsOf(options) };
}

function faultsOf(faults: SimulateOptions["faults"] = true): ReadonlySet<FaultName> {
  if (typeof faults === "boolean") return new Set(faults ? FAULT_NAMES : []);
  checkOptions(faults, Object.fromEntries(FAULT_NAMES.map((name) => [name, "boolean" as const])), DOING);
  return new Set(FAULT_NAMES.filter((name) => faults[name] !== false));
}

/** The settings that are not left to the seed, with those that hang on them. */
function lengthsOf({ interval, timeout, heartbeatTimeout }: SimulateOptions): Partial<Lengths> {
  const of = (name: string, value: Duration | undefined): number | undefined =>
    value === undefined ? undefined : durationMs(value, name, DOING);
  const intervalMs = of("interval", interval);
  const timeoutMs = of("timeout", timeout);
  const leaseMs = of("heartbeatTimeout", heartbeatTimeout);
  return {
    ...intervalMs && {
      intervalMs,
      minCycleMs: Math.min(300_000, intervalMs / 2),
      maxCycleMs: 10_800_000,
      clockToleranceMs: Math.min(5_000, intervalMs / 2),
    },
    ...timeoutMs && { timeoutMs, retryDelayMs: timeoutMs, leaseMs: timeoutMs, heartbeatIntervalMs: undefined },
    ...leaseMs && { leaseMs, heartbeatIntervalMs: leaseMs / 3 },
  };
}
