/**
 * The faults of one replica, drawn before the simulation starts.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import type { OutageMode } from "./network.ts";
import type { ResumeOrder } from "./process.ts";
import type { RandomStream } from "./random_stream.ts";
import { marginMs, type SchedulerSettings } from "./scheduler_settings.ts";
import type { SimulationKind } from "./simulation_kind.ts";

/** When a fault happens: at its time, or when the replica next sends a claim, runs its task or records an outcome after that. */
export type FaultMoment = "now" | "claiming" | "running" | "recording";

/** How a scheduler is stopped. */
export type StopMode = "wait" | "abort" | "timeout" | "abort with timeout" | "two stages";

/** What can happen to a replica. */
export type ReplicaFaultName = "pause" | "suspend" | "kill" | "stop" | "trigger" | "clockJump" | "partition";

/** A fault of a replica. */
export interface ReplicaFault {
  readonly name: ReplicaFaultName;
  readonly atMs: number;
  readonly moment: FaultMoment;
  /** How long after the moment it happens. */
  readonly delayMs: number;
  /** How long a pause or a partition lasts, or how long it takes until the next process starts. */
  readonly lengthMs: number;
  /** How far the clock is set forward. */
  readonly jumpMs: number;
  readonly stopMode: StopMode;
  readonly outageMode: OutageMode;
  readonly resumeOrder: ResumeOrder;
}

/** What the faults of a replica depend on. */
export interface ReplicaFaultLimits {
  readonly kind: SimulationKind;
  readonly settings: SchedulerSettings;
  readonly faults: ReadonlySet<FaultName>;
  /** How long the simulation lasts. */
  readonly spanMs: number;
}

const NAMES: readonly ReplicaFaultName[] = ["pause", "suspend", "kill", "stop", "trigger", "clockJump", "partition"];

/** How many faults a replica has at most in each kind of simulation. */
const MAX_COUNTS: { readonly [Kind in SimulationKind]: { readonly [Of in ReplicaFaultName]?: number } } = {
  quiet: {},
  calm: { pause: 3, kill: 3, stop: 3, trigger: 3, partition: 1 },
  skewed: { pause: 2, kill: 3, stop: 2, trigger: 3, partition: 1 },
  pauses: { pause: 6, suspend: 3, kill: 1, stop: 1, trigger: 1, partition: 1 },
  chaos: { pause: 3, suspend: 2, kill: 3, stop: 3, trigger: 4, clockJump: 3, partition: 2 },
  mixed: { pause: 2, kill: 2, stop: 2, trigger: 2, partition: 1 },
};

/** As many faults of a name are drawn, whether they are used or not, so that one more changes nothing for the next name. */
const DRAWN = 6;

/** Draws the faults of a replica, in the order of their times. */
export function drawReplicaFaults(random: RandomStream, limits: ReplicaFaultLimits): ReplicaFault[] {
  const drawn: ReplicaFault[] = [];
  for (const name of NAMES) {
    const count = Math.floor(random.next() * ((MAX_COUNTS[limits.kind][name] ?? 0) + 1));
    for (let left = DRAWN; left > 0; left--) {
      const fault = drawFault(random, name, limits);
      if (left <= count && limits.faults.has(name)) drawn.push(fault);
    }
  }
  return drawn.sort((one, other) => one.atMs - other.atMs);
}

function drawFault(
  random: RandomStream,
  name: ReplicaFaultName,
  { kind, settings, spanMs }: ReplicaFaultLimits,
): ReplicaFault {
  const { intervalMs, leaseMs, timeoutMs, clockToleranceMs } = settings;
  const hasLongPauses = kind === "pauses" || kind === "chaos";
  // in other simulations a pause is as long as the promises allow for
  const pauseMs = hasLongPauses
    ? random.magnitude(leaseMs / 10, 4 * leaseMs + 1_000)
    : random.between(0.05, 0.75) * marginMs(leaseMs, clockToleranceMs);
  const absentMs = random.magnitude(10, 2 * intervalMs);
  const partitionMs = random.magnitude(500, Math.max(1_000, 3 * intervalMs));
  const moment: FaultMoment = random.pick(["now", "claiming", "running", "running", "recording"]);
  const delayMs = random.chance(0.3) ? 0 : random.magnitude(1, moment === "running" ? timeoutMs : 500);
  return {
    name,
    atMs: random.between(0, spanMs),
    moment: name === "clockJump" ? "now" : moment,
    delayMs,
    lengthMs: name === "partition" ? partitionMs : name === "kill" || name === "stop" ? absentMs : pauseMs,
    jumpMs: Math.round(random.magnitude(100, 7_200_000) * (random.chance(0.5) ? 1 : -1)),
    stopMode: random.pick(["wait", "wait", "abort", "timeout", "abort with timeout", "two stages"]),
    outageMode: random.pick(["refuse", "swallow", "mute"]),
    resumeOrder: random.pick(["as it came", "timers first", "answers first"]),
  };
}
