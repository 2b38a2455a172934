import type { CandidateName } from "../in_process/candidates.ts";
import { PERIOD_MS } from "./starts.ts";
import { rotated } from "../rotated.ts";
import { ORIGINAL, type Setting } from "./settings.ts";

/** The work of one process. */
export interface Measurement {
  readonly setting: Setting;
  readonly name: CandidateName;
  /** How long after the machine's whole seconds those of this process come. */
  readonly phaseMs: number;
}

/** The measurements that run at the same time. */
export type Batch = readonly Measurement[];

/** Up to so many tasks leave a core idle most of the time, as do many that are spread over the second. */
const FEW_TASKS = 10;

/** The largest batch of candidates with many tasks. */
const MAX_BATCH = 3;

/** Phases far from each other for one to three candidates with tasks of 300 ms, which also have work when they end. */
const PHASES_MS: readonly (readonly number[])[] = [[0], [0, 500], [0, 150, 600]];

/** It drifts by up to 0.2 s in a minute and gets the most room. */
const DRIFTING = "toad-scheduler";

/** Many tasks of it keep a core busy. */
const BUSY = "node-schedule";

function measurements(settings: readonly Setting[]): Measurement[] {
  return settings.flatMap((setting) => setting.candidates.map((name) => ({ setting, name, phaseMs: 0 })));
}

/** Spreads the phases evenly over a second. */
function evenly(all: Batch): Batch {
  return all.map((one, index) => ({ ...one, phaseMs: Math.round(index * PERIOD_MS / all.length) }));
}

function isLight({ tasks, spreadMs }: Setting): boolean {
  return tasks <= FEW_TASKS || spreadMs > 0;
}

/** The original's algorithm drifts and is so late that others do not matter. It shares a batch with the busy candidate. */
function isSeparate({ setting, name }: Measurement): boolean {
  return name === ORIGINAL || name === BUSY && !isLight(setting) && setting.taskMs === 0;
}

/** Splits the candidates of a setting with many tasks into batches of about the same size. */
function split(all: Batch, repetition: number): Batch[] {
  const firsts = [DRIFTING, BUSY].flatMap((first) => all.filter(({ name }) => name === first));
  const others = rotated(all.filter((one) => !firsts.includes(one)), repetition);
  const count = Math.ceil(all.length / MAX_BATCH);
  return Array.from({ length: count }, (_, index) => {
    const size = Math.floor((index + 1) * all.length / count) - Math.floor(index * all.length / count);
    const first = firsts.slice(index, index + 1);
    const batch = [...first, ...others.splice(0, size - first.length)];
    if (all[0]?.setting.taskMs === 0) return evenly(batch);
    return batch.map((one, place) => ({ ...one, phaseMs: PHASES_MS[size - 1]?.[place] ?? 0 }));
  });
}

/**
 * Plans the batches of a repetition, so that a candidate has no work when the tasks of others in its batch are due. The
 * combinations change from repetition to repetition. On one core each batch has one candidate.
 */
export function batchesOf(settings: readonly Setting[], repetition: number, cores: number): Batch[] {
  const all = measurements(settings);
  if (cores < 2) return rotated(all, repetition).map((one) => [one]);
  const others = all.filter((one) => !isSeparate(one));
  const light = rotated(others.filter(({ setting }) => isLight(setting)), repetition);
  const many = settings.filter((setting) => !isLight(setting));
  const bursts = many.flatMap((setting) => split(others.filter((one) => one.setting === setting), repetition));
  return [evenly(light), evenly(all.filter(isSeparate)), ...bursts].filter((batch) => batch.length > 0);
}

/** Plans one batch of all, for the short form. */
export function singleBatch(settings: readonly Setting[], repetition: number): Batch[] {
  return [evenly(rotated(measurements(settings), repetition))];
}
