/**
 * The due times of the schedulers in a simulation, as their settings say.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import type { RandomStream } from "./random_stream.ts";
import type { SimulationKind } from "./simulation_kind.ts";
import { drawUnevenSchedule, type SimulatedSchedule } from "./uneven_schedule.ts";

/** The settings that due times depend on. */
export interface DueTimeSettings {
  /** The interval; with a schedule, about its shortest gap. */
  readonly intervalMs: number;
  /** Absent if due times follow from the interval. */
  readonly schedule: SimulatedSchedule | undefined;
  readonly firstRun: "immediately" | "on-schedule";
  readonly jitterMs: number;
  /** Infinity if there is none. */
  readonly startDeadlineMs: number;
}

/** The due times of schedulers whose caller names an interval. */
export const PLAIN_DUE_TIMES: Omit<DueTimeSettings, "intervalMs"> = {
  schedule: undefined,
  firstRun: "immediately",
  jitterMs: 0,
  startDeadlineMs: Infinity,
};

/**
 * The share of its jitter that the task of simulations is delayed by: it follows from the name "simulated". Written here as a
 * number, as it must be the same in all versions of the package.
 */
const JITTER_SHARE = 1_457_554_650 / 2 ** 32;

/** The delay of a scheduler's due times, or of its first one if they follow from the interval. */
export function jitterDelayMs({ jitterMs }: DueTimeSettings): number {
  return Math.floor(JITTER_SHARE * jitterMs);
}

/** The due time of a scheduler's schedule after a moment, in the time that it reckons in; Infinity if there is none. */
export function scheduledAfterMs(settings: DueTimeSettings, afterMs: number): number {
  const delayMs = jitterDelayMs(settings);
  const next = settings.schedule?.next(new Date(Math.max(afterMs - delayMs, -8.64e15)));
  return next ? next.getTime() + delayMs : Infinity;
}

/** Whether a moment is a due time of a scheduler's schedule. */
export function isScheduled(settings: DueTimeSettings, ms: number): boolean {
  return scheduledAfterMs(settings, ms - 1) === ms;
}

/** The longest time between two checks of the record, if a check finds nothing to do. */
export function longestWaitMs(settings: DueTimeSettings & { readonly maxCycleMs: number }): number {
  const { schedule, intervalMs, maxCycleMs } = settings;
  return Math.min(schedule?.longestGapMs ?? intervalMs + jitterDelayMs(settings), maxCycleMs);
}

/** What due times are drawn by. */
export interface DueTimeLimits {
  readonly kind: SimulationKind;
  readonly intervalMs: number;
  readonly faults: ReadonlySet<FaultName>;
  /** How long the simulation lasts. */
  readonly fullMs: number;
}

/**
 * Draws due times.
 *
 * @param random The stream to draw from.
 * @param limits What they depend on.
 * @param before The due times before a deploy, some of which stay.
 */
export function drawDueTimes(
  random: RandomStream,
  { kind, intervalMs, faults, fullMs }: DueTimeLimits,
  before?: DueTimeSettings,
): DueTimeSettings {
  const hasSchedule = random.chance(before ? 0.5 : 0.4);
  const keepsSchedule = random.chance(0.4);
  const isFirstOnSchedule = random.chance(hasSchedule ? 0.7 : 0.25);
  const jitterMs = random.chance(0.3) ? Math.round(random.magnitude(0.02, 1) * intervalMs) : 0;
  const startDeadlineMs = random.chance(0.3) ? Math.round(random.magnitude(500, 4 * intervalMs)) : Infinity;
  const drawn = drawUnevenSchedule(random, intervalMs, fullMs);
  const has = (name: FaultName): boolean => faults.has(name) && kind !== "mixed";
  const schedule = hasSchedule && has("unevenSchedule") ? drawn : undefined;
  const kept = before && keepsSchedule ? before : undefined;
  return {
    intervalMs: kept?.schedule ? kept.intervalMs : intervalMs,
    schedule: kept ? kept.schedule : schedule,
    firstRun: isFirstOnSchedule && has("firstOnSchedule") ? "on-schedule" : "immediately",
    jitterMs: kept ? kept.jitterMs : has("jitter") ? jitterMs : 0,
    startDeadlineMs: has("startDeadline") ? startDeadlineMs : Infinity,
  };
}
