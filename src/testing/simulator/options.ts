/**
 * What a simulation is told.
 *
 * @module
 */
import type { Duration } from "../../duration.ts";
import { durationMs } from "../../duration.ts";
import { refuse } from "../../errors.ts";
import type { Run } from "../../options.ts";
import type { StatusStore } from "../../store.ts";
import { checkOptions } from "../options.ts";
import { FAULT_NAMES, type FaultName } from "./fault_names.ts";
import type { SimulatedHost } from "./host.ts";
import type { Lengths } from "./lengths.ts";
import type { PlanLimits, WorldKind } from "./plan.ts";

/** What {@linkcode simulate} is told. What is left out hangs on the seed. */
export interface SimulateOptions {
  /** The seed of the world: a whole number. The same seed and options give the same world, in every runtime. */
  readonly seed: number;
  /** How many replicas there are, 1 to 26; or which of them, from 0 on: what happens to each stays the same without the others. */
  readonly replicas?: number | readonly number[] | undefined;
  /** For how many intervals the world lasts. */
  readonly intervals?: number | undefined;
  /** What kind of world it is. */
  readonly kind?: WorldKind | undefined;
  /** The settings of the schedulers, where they are not left to the seed; then no deploy changes them. */
  readonly interval?: Duration | undefined;
  /** As of a scheduler; it is also the lease, unless there is a `heartbeatTimeout`. */
  readonly timeout?: Duration | undefined;
  /** As of a scheduler; a third of it is the `heartbeatInterval`. */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * Which faults there are: all of them, none, or those that are not turned off.
   * @default {true}
   */
  readonly faults?: boolean | { readonly [Name in FaultName]?: boolean | undefined } | undefined;
  /**
   * Makes the client of the store in a process, as it would be made when a server starts. Whatever it asks its server for, it
   * must ask by `host.call`, and wait with `host.sleep`. Without it there is a linearisable store that is known to be right.
   */
  readonly stores?: ((host: SimulatedHost) => StatusStore) | undefined;
  /**
   * What the server of `stores` holds now, and the same object as long as it holds that. Without it the promises about the
   * record are not checked.
   */
  readonly record?: (() => Uint8Array | null | undefined) | undefined;
  /** What a run does. Whatever waits must wait with `host.sleep`, and call its servers by `host.call`. */
  readonly tasks?: ((run: Run, host: SimulatedHost) => unknown) | undefined;
  /** A check of the caller's own, after each step: it says what is wrong, if something is. */
  readonly check?: (() => string | undefined) | undefined;
}

const TYPES = {
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
  checkOptions(faults, Object.fromEntries(FAULT_NAMES.map((name) => [name, "boolean"])), DOING);
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
