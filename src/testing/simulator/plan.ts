/**
 * What a world is like and what will happen to it: all of it hangs on the seed.
 *
 * @module
 */
import { Chance } from "./chance.ts";
import type { FaultName } from "./fault_names.ts";
import { type Incident, incidentsOf } from "./incident_plan.ts";
import type { MachineTraits } from "./machine.ts";
import type { NetworkTraits, OutageMode } from "./network.ts";
import { drawLengths, type Lengths } from "./lengths.ts";
import type { WorldKind } from "./world_kind.ts";

/** A replica. */
export interface ReplicaPlan extends MachineTraits {
  readonly startMs: number;
  /** Whether it is one of the original's. */
  readonly isOriginal: boolean;
  /** Whether its logger and its listeners throw. */
  readonly isRude: boolean;
  readonly incidents: readonly Incident[];
  /** When a deploy changes its settings, if it ever does. */
  readonly deployMs: number;
}

/** A trouble of the store. */
export interface OutagePlan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly mode: OutageMode;
}

/** What someone else does to the record. */
export interface Meddling {
  readonly kind: "foreign" | "newer" | "requested";
  readonly atMs: number;
  readonly forMs: number;
}

/** A world. */
export interface WorldPlan {
  readonly seed: number;
  readonly kind: WorldKind;
  readonly intervals: number;
  readonly spanMs: number;
  readonly lengths: Lengths;
  /** After the deploy. */
  readonly laterLengths: Lengths;
  readonly network: NetworkTraits;
  readonly store: {
    /** How its clock goes, if it has one that it tells. */
    readonly clock: { readonly offsetMs: number; readonly coarse: boolean } | undefined;
    /** How far a clock of the store is ahead, whether it is told or not. */
    readonly offsetMs: number;
    /** Whether equal bodies have equal versions. */
    readonly sharesVersions: boolean;
  };
  readonly replicas: readonly ReplicaPlan[];
  readonly outages: readonly OutagePlan[];
  readonly meddling: readonly Meddling[];
  readonly faults: ReadonlySet<FaultName>;
}

/** What is not left to the seed. */
export interface PlanLimits {
  readonly seed: number;
  readonly kind: WorldKind | undefined;
  /** Which replicas there are, or how many. */
  readonly replicas: number | readonly number[] | undefined;
  readonly intervals: number | undefined;
  readonly faults: ReadonlySet<FaultName>;
  readonly lengths: Partial<Lengths>;
}

const WEIGHTS: { readonly [Kind in WorldKind]: number } = {
  quiet: 8,
  calm: 32,
  skewed: 20,
  pauses: 20,
  chaos: 10,
  mixed: 10,
};

const HOUR_MS = 3_600_000;

/** Draws a world. */
export function planWorld(limits: PlanLimits): WorldPlan {
  const { seed, faults } = limits;
  const chance = new Chance(seed, "world");
  const drawnKind = chance.weighted(WEIGHTS);
  const kind = limits.kind ?? drawnKind;
  const drawn = drawLengths(chance, kind);
  const lengths = { ...drawn, ...limits.lengths };
  const drawnLater = drawLengths(chance, kind, lengths);
  const laterLengths = { ...drawnLater, ...limits.lengths };
  const drawnIntervals = chance.whole(50, 60);
  const intervals = limits.intervals ?? drawnIntervals;
  // shorter worlds are the beginnings of longer ones
  const fullMs = Math.max(drawnIntervals, intervals) * lengths.intervalMs;
  const count = chance.pick([3, 3, 3, 4, 5]);
  const { replicas = count } = limits;
  const indices = typeof replicas === "number" ? Array.from({ length: replicas }, (_, index) => index) : replicas;
  const hasClock = kind === "skewed" || chance.whether(0.5);
  const offset = chance.between(-3, 3);
  // replicas of the original go by their own clocks, which must not be far from the store's
  const clock = { offsetMs: Math.round(offset * (kind === "mixed" ? 50 : HOUR_MS)), coarse: chance.whether(0.5) };
  const plan: Omit<WorldPlan, "replicas"> = {
    seed,
    kind,
    intervals,
    spanMs: intervals * lengths.intervalMs,
    lengths,
    laterLengths,
    network: networkOf(chance, kind, lengths, faults),
    store: { clock: hasClock ? clock : undefined, offsetMs: clock.offsetMs, sharesVersions: chance.whether(0.3) },
    outages: kind === "quiet" ? [] : outagesOf(new Chance(seed, "outages"), fullMs, faults),
    meddling: kind === "quiet" ? [] : meddlingOf(new Chance(seed, "meddling"), fullMs, lengths, faults),
    faults,
  };
  return { ...plan, replicas: indices.map((index) => replicaOf(index, plan, fullMs)) };
}

function networkOf(
  chance: Chance,
  kind: WorldKind,
  { leaseMs }: Lengths,
  faults: ReadonlySet<FaultName>,
): NetworkTraits {
  const latencyMs = Math.min(chance.magnitude(1, 250), leaseMs / 30);
  const faultRate = chance.pick([0, 0.01, 0.03, 0.1, 0.25]);
  const maxDelayMs = chance.magnitude(1_000, Math.max(2_000, 2 * leaseMs));
  return { latencyMs, faultRate: kind === "quiet" ? 0 : faultRate, maxDelayMs, faults };
}

function replicaOf(index: number, plan: Omit<WorldPlan, "replicas">, fullMs: number): ReplicaPlan {
  const { seed, kind, faults, lengths: { intervalMs, clockToleranceMs }, store } = plan;
  const chance = new Chance(seed, "replica", index);
  const isFar = kind === "chaos" || kind === "skewed" || (kind === "pauses" && store.clock && chance.whether(0.5));
  const offset = chance.between(-1, 1);
  const rateOf = chance.between(-1, 1);
  // good clocks part by no more than a tenth of the tolerance in the whole world
  const goodRate = Math.min(1e-4, 0.05 * clockToleranceMs / fullMs);
  const isFast = (kind === "chaos" && chance.whether(0.7)) || (kind === "skewed" && chance.whether(0.4));
  const isOriginal = kind === "mixed" && chance.whether(0.4);
  const has = (name: FaultName): boolean => faults.has(name);
  return {
    index,
    offsetMs: has("offset") ? Math.round(offset * (isFar ? 4 * HOUR_MS : 0.4 * clockToleranceMs)) : 0,
    rate: has("rate") ? 1 + rateOf * (isFast ? 0.05 : goodRate) : 1,
    lagMs: chance.pick([0, 0, 1, 3]),
    heedsSignals: chance.whether(0.7),
    startMs: Math.round(chance.whether(0.3) ? 0 : chance.between(0, 1.5 * intervalMs)),
    isOriginal: isOriginal && has("original"),
    isRude: has("rude") && chance.whether(0.15),
    incidents: kind === "quiet" ? [] : incidentsOf(new Chance(seed, "incidents", index), plan, fullMs),
    deployMs: kind === "quiet" || !has("deploy") ? Infinity : deployTime(seed, fullMs) + index * 0.1 * intervalMs,
  };
}

/** One deploy reaches all machines one after another; in half of the worlds there is none. */
function deployTime(seed: number, fullMs: number): number {
  const chance = new Chance(seed, "deploy");
  return chance.whether(0.5) ? chance.between(0.2, 0.9) * fullMs : Infinity;
}

function outagesOf(chance: Chance, fullMs: number, faults: ReadonlySet<FaultName>): OutagePlan[] {
  const outages: OutagePlan[] = [];
  for (let left = chance.pick([0, 0, 1, 2, 3]); left > 0; left--) {
    const fromMs = chance.between(0, fullMs);
    const toMs = fromMs + chance.magnitude(500, Math.max(1_000, fullMs / 20));
    outages.push({ fromMs, toMs, mode: chance.pick(["refuse", "swallow", "mute"]) });
  }
  return faults.has("outage") ? outages : [];
}

function meddlingOf(
  chance: Chance,
  fullMs: number,
  { intervalMs }: Lengths,
  faults: ReadonlySet<FaultName>,
): Meddling[] {
  const meddling: Meddling[] = [];
  for (let left = chance.pick([0, 0, 0, 1, 2]); left > 0; left--) {
    const kind = chance.pick(["foreign", "newer", "requested"] as const);
    const next = { kind, atMs: chance.between(0, fullMs), forMs: chance.between(0.1, 3) * intervalMs };
    if (faults.has(kind === "requested" ? "request" : "foreign")) meddling.push(next);
  }
  return meddling;
}
