/**
 * What a simulation is like and what happens in it, drawn from the seed before it starts.
 *
 * @module
 */
import { drawDueTimes, type DueTimeLimits } from "./due_time_settings.ts";
import type { FaultName } from "./fault_names.ts";
import type { MachineTraits } from "./machine.ts";
import type { NetworkTraits, OutageMode } from "./network.ts";
import { drawOperator, type OperatorPlan } from "./operator_plan.ts";
import { RandomStream } from "./random_stream.ts";
import { drawReplicaFaults, type ReplicaFault } from "./replica_faults.ts";
import { drawSettings, type SchedulerSettings } from "./scheduler_settings.ts";
import type { SimulationKind } from "./simulation_kind.ts";

/** A replica. */
export interface ReplicaPlan extends MachineTraits {
  readonly startMs: number;
  /** Whether it is a replica of Dart's neat_periodic_task. */
  readonly isDart: boolean;
  /** Whether its logger and its listeners throw. */
  readonly throwsInListeners: boolean;
  readonly faults: readonly ReplicaFault[];
  /** When it is restarted with the settings of the deploy; infinite without a deploy. */
  readonly deployMs: number;
}

/** An outage of all servers. */
export interface OutagePlan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly mode: OutageMode;
}

/** What something else does to the record: it replaces it for a while, or requests a run. */
export interface TamperingPlan {
  readonly kind: "foreign" | "newer" | "requested";
  readonly atMs: number;
  readonly lengthMs: number;
}

/** The store. */
export interface StorePlan {
  /** How far its clock is ahead of the true time. */
  readonly clockOffsetMs: number;
  /** The `storeTime` of its reads. */
  readonly storeTime: "none" | "milliseconds" | "seconds";
  /** Whether equal records have equal versions. */
  readonly sharesVersions: boolean;
  /** Whether it can be watched. */
  readonly canWatch: boolean;
  /** The share of hints that go wrong. */
  readonly hintFaultRate: number;
}

/** A simulation. */
export interface SimulationPlan {
  readonly seed: number;
  readonly kind: SimulationKind;
  readonly intervals: number;
  readonly spanMs: number;
  readonly settings: SchedulerSettings;
  readonly settingsAfterDeploy: SchedulerSettings;
  readonly network: NetworkTraits;
  readonly store: StorePlan;
  readonly replicas: readonly ReplicaPlan[];
  readonly outages: readonly OutagePlan[];
  readonly tampering: readonly TamperingPlan[];
  readonly operator: readonly OperatorPlan[];
  readonly faults: ReadonlySet<FaultName>;
}

/** What the caller of a simulation has decided; what is undefined is drawn. */
export interface PlanOptions {
  readonly seed: number;
  readonly kind: SimulationKind | undefined;
  /** The number of replicas, or their indices. */
  readonly replicas: number | readonly number[] | undefined;
  readonly intervals: number | undefined;
  readonly faults: ReadonlySet<FaultName>;
  readonly settings: Partial<SchedulerSettings>;
}

const WEIGHTS: { readonly [Kind in SimulationKind]: number } = {
  quiet: 8,
  calm: 32,
  skewed: 20,
  pauses: 20,
  chaos: 10,
  mixed: 10,
};

const HOUR_MS = 3_600_000;

/** Draws a simulation. */
export function drawPlan(options: PlanOptions): SimulationPlan {
  const { seed, faults } = options;
  const random = new RandomStream(seed, "plan");
  const drawnKind = random.pickWeighted(WEIGHTS);
  const kind = options.kind ?? drawnKind;
  const evenSettings = { ...drawSettings(random, kind), ...options.settings };
  const evenSettingsAfterDeploy = { ...drawSettings(random, kind, evenSettings), ...options.settings };
  const drawnIntervals = random.integer(50, 60);
  const intervals = options.intervals ?? drawnIntervals;
  // a shorter simulation is the beginning of a longer one
  const fullMs = Math.max(drawnIntervals, intervals) * evenSettings.intervalMs;
  const limits = { kind, faults, fullMs };
  const settings = withDueTimes(evenSettings, options, limits);
  const settingsAfterDeploy = withDueTimes(evenSettingsAfterDeploy, options, limits, settings);
  const drawnReplicas = random.pick([3, 3, 3, 4, 5]);
  const replicas = options.replicas ?? drawnReplicas;
  const indices = typeof replicas === "number" ? Array.from({ length: replicas }, (_, index) => index) : replicas;
  const hasIncidents = kind !== "quiet";
  const store = drawStoreTime(random, kind);
  const network = drawNetwork(random, kind, settings, faults);
  const plan: Omit<SimulationPlan, "replicas"> = {
    seed,
    kind,
    intervals,
    spanMs: intervals * settings.intervalMs,
    settings,
    settingsAfterDeploy,
    network,
    store: { ...store, sharesVersions: random.chance(0.3), ...drawWatch(seed, faults, hasIncidents) },
    outages: hasIncidents ? drawOutages(new RandomStream(seed, "outages"), fullMs, faults) : [],
    tampering: hasIncidents ? drawTampering(new RandomStream(seed, "tampering"), fullMs, settings, faults) : [],
    operator: hasIncidents ? drawOperator(seed, fullMs, settings, faults) : [],
    faults,
  };
  return { ...plan, replicas: indices.map((index) => drawReplica(index, plan, fullMs)) };
}

/** Draws the due times of schedulers, but for those that the caller of the simulation has named. */
function withDueTimes(
  settings: SchedulerSettings,
  { seed, settings: given }: PlanOptions,
  limits: Omit<DueTimeLimits, "intervalMs">,
  before?: SchedulerSettings,
): SchedulerSettings {
  const random = new RandomStream(seed, "dueTimes", before ? 1 : 0);
  return { ...settings, ...drawDueTimes(random, { ...limits, intervalMs: settings.intervalMs }, before), ...given };
}

function drawWatch(
  seed: number,
  faults: ReadonlySet<FaultName>,
  hasIncidents: boolean,
): Pick<StorePlan, "canWatch" | "hintFaultRate"> {
  const random = new RandomStream(seed, "watch");
  const canWatch = random.chance(0.4) && faults.has("watch");
  const hintFaultRate = random.pick([0, 0.1, 0.4, 0.4]);
  return { canWatch, hintFaultRate: hasIncidents ? hintFaultRate : 0 };
}

function drawStoreTime(random: RandomStream, kind: SimulationKind): Pick<StorePlan, "clockOffsetMs" | "storeTime"> {
  const hasStoreTime = kind === "skewed" || random.chance(0.5);
  const offset = random.between(-3, 3);
  const unit = random.chance(0.5) ? "seconds" : "milliseconds";
  return {
    // replicas of the original reckon in their own time, so the store's must be near
    clockOffsetMs: Math.round(offset * (kind === "mixed" ? 50 : HOUR_MS)),
    storeTime: hasStoreTime ? unit : "none",
  };
}

function drawNetwork(
  random: RandomStream,
  kind: SimulationKind,
  { leaseMs }: SchedulerSettings,
  faults: ReadonlySet<FaultName>,
): NetworkTraits {
  const latencyMs = Math.min(random.magnitude(1, 250), leaseMs / 30);
  const faultRate = random.pick([0, 0.01, 0.03, 0.1, 0.25]);
  const maxDelayMs = random.magnitude(1_000, Math.max(2_000, 2 * leaseMs));
  return { latencyMs, faultRate: kind === "quiet" ? 0 : faultRate, maxDelayMs, faults };
}

function drawReplica(index: number, plan: Omit<SimulationPlan, "replicas">, fullMs: number): ReplicaPlan {
  const { seed, kind, faults, settings, store } = plan;
  const { intervalMs, clockToleranceMs } = settings;
  const random = new RandomStream(seed, "replica", index);
  const mayBeFar = kind === "pauses" && store.storeTime !== "none";
  const isFar = kind === "chaos" || kind === "skewed" || (mayBeFar && random.chance(0.5));
  const offset = random.between(-1, 1);
  const rate = random.between(-1, 1);
  // good clocks drift apart by no more than a tenth of the tolerance
  const goodRate = Math.min(1e-4, 0.05 * clockToleranceMs / fullMs);
  const isFast = (kind === "chaos" && random.chance(0.7)) || (kind === "skewed" && random.chance(0.4));
  const isDart = kind === "mixed" && random.chance(0.4);
  const has = (name: FaultName): boolean => faults.has(name);
  const isQuiet = kind === "quiet";
  const faultLimits = { kind, settings, faults, spanMs: fullMs };
  return {
    index,
    offsetMs: has("clockOffset") ? Math.round(offset * (isFar ? 4 * HOUR_MS : 0.4 * clockToleranceMs)) : 0,
    rate: has("clockRate") ? 1 + rate * (isFast ? 0.05 : goodRate) : 1,
    lagMs: random.pick([0, 0, 1, 3]),
    obeysSignals: random.chance(0.7),
    startMs: Math.round(random.chance(0.3) ? 0 : random.between(0, 1.5 * intervalMs)),
    isDart: isDart && has("dartReplica"),
    throwsInListeners: has("throwingListener") && random.chance(0.15),
    faults: isQuiet ? [] : drawReplicaFaults(new RandomStream(seed, "replicaFaults", index), faultLimits),
    deployMs: isQuiet || !has("deploy") ? Infinity : drawDeployMs(seed, fullMs) + index * 0.1 * intervalMs,
  };
}

/** Draws when a deploy reaches the first replica; half of the simulations have none. */
function drawDeployMs(seed: number, fullMs: number): number {
  const random = new RandomStream(seed, "deploy");
  return random.chance(0.5) ? random.between(0.2, 0.9) * fullMs : Infinity;
}

function drawOutages(random: RandomStream, fullMs: number, faults: ReadonlySet<FaultName>): OutagePlan[] {
  const outages: OutagePlan[] = [];
  for (let left = random.pick([0, 0, 1, 2, 3]); left > 0; left--) {
    const fromMs = random.between(0, fullMs);
    const toMs = fromMs + random.magnitude(500, Math.max(1_000, fullMs / 20));
    outages.push({ fromMs, toMs, mode: random.pick(["refuse", "swallow", "mute"]) });
  }
  return faults.has("outage") ? outages : [];
}

function drawTampering(
  random: RandomStream,
  fullMs: number,
  { intervalMs }: SchedulerSettings,
  faults: ReadonlySet<FaultName>,
): TamperingPlan[] {
  const tampering: TamperingPlan[] = [];
  for (let left = random.pick([0, 0, 0, 1, 2]); left > 0; left--) {
    const kind = random.pick(["foreign", "newer", "requested"]);
    const next = { kind, atMs: random.between(0, fullMs), lengthMs: random.between(0.1, 3) * intervalMs };
    if (faults.has(kind === "requested" ? "requestRun" : "foreignRecord")) tampering.push(next);
  }
  return tampering;
}
