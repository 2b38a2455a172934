/**
 * What will happen to the replicas, each at a time or at the next moment of some kind after it.
 *
 * @module
 */
import type { Chance } from "./chance.ts";
import { marginMs } from "./lengths.ts";
import type { OutageMode } from "./network.ts";
import type { WorldPlan } from "./plan.ts";

/** When an incident happens: at its time, or soon after the replica next sends a claim, runs its task, or records an outcome. */
export type Moment = "now" | "claiming" | "running" | "recording";

/** How a scheduler is stopped. */
export type StopManner = "wait" | "abort" | "timeout" | "abort with timeout" | "two stages";

/** What happens. */
export type IncidentKind = "pause" | "suspend" | "kill" | "stop" | "trigger" | "jump" | "partition";

/** Something that happens to a replica. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly atMs: number;
  readonly moment: Moment;
  /** How long after the moment. */
  readonly delayMs: number;
  /** How long a pause or a partition lasts, or how long it takes until the next process starts. */
  readonly lengthMs: number;
  /** How far a clock is set. */
  readonly byMs: number;
  readonly manner: StopManner;
  readonly mode: OutageMode;
  readonly order: "as it came" | "timers first" | "answers first";
}

const KINDS: readonly IncidentKind[] = ["pause", "suspend", "kill", "stop", "trigger", "jump", "partition"];

/** The kinds that a kind of world has, with how many of each there are at the most. */
const MOST: { readonly [Kind in WorldPlan["kind"]]: { readonly [Of in IncidentKind]?: number } } = {
  quiet: {},
  calm: { pause: 3, kill: 3, stop: 3, trigger: 3, partition: 1 },
  skewed: { pause: 2, kill: 3, stop: 2, trigger: 3, partition: 1 },
  pauses: { pause: 6, suspend: 3, kill: 1, stop: 1, trigger: 1, partition: 1 },
  chaos: { pause: 3, suspend: 2, kill: 3, stop: 3, trigger: 4, jump: 3, partition: 2 },
  mixed: { pause: 2, kill: 2, stop: 2, trigger: 2, partition: 1 },
};

/** Draws the incidents of one replica. */
export function incidentsOf(chance: Chance, plan: Omit<WorldPlan, "replicas">, fullMs: number): Incident[] {
  const incidents: Incident[] = [];
  for (const kind of KINDS) {
    const count = Math.floor(chance.next() * ((MOST[plan.kind][kind] ?? 0) + 1));
    for (let left = 6; left > 0; left--) {
      const incident = drawIncident(chance, kind, plan, fullMs);
      if (left <= count && plan.faults.has(kind)) incidents.push(incident);
    }
  }
  return incidents.sort((one, other) => one.atMs - other.atMs);
}

function drawIncident(
  chance: Chance,
  kind: IncidentKind,
  { kind: world, lengths }: Omit<WorldPlan, "replicas">,
  fullMs: number,
): Incident {
  const { intervalMs, leaseMs, timeoutMs, clockToleranceMs } = lengths;
  const isLong = world === "pauses" || world === "chaos";
  // elsewhere a pause is as long as the promises allow for
  const pauseMs = isLong
    ? chance.magnitude(leaseMs / 10, 4 * leaseMs + 1_000)
    : chance.between(0.05, 0.75) * marginMs(leaseMs, clockToleranceMs);
  const absentMs = chance.magnitude(10, 2 * intervalMs);
  const cutMs = chance.magnitude(500, Math.max(1_000, 3 * intervalMs));
  const moment: Moment = chance.pick(["now", "claiming", "running", "running", "recording"]);
  const delayMs = chance.whether(0.3) ? 0 : chance.magnitude(1, moment === "running" ? timeoutMs : 500);
  return {
    kind,
    atMs: chance.between(0, fullMs),
    moment: kind === "jump" ? "now" : moment,
    delayMs,
    lengthMs: kind === "partition" ? cutMs : kind === "kill" || kind === "stop" ? absentMs : pauseMs,
    byMs: Math.round(chance.magnitude(100, 7_200_000) * (chance.whether(0.5) ? 1 : -1)),
    manner: chance.pick(["wait", "wait", "abort", "timeout", "abort with timeout", "two stages"]),
    mode: chance.pick(["refuse", "swallow", "mute"]),
    order: chance.pick(["as it came", "timers first", "answers first"]),
  };
}
