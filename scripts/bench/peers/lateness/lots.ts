import type { ContestantName } from "../node/contestants.ts";
import { PERIOD_MS } from "../node/starts.ts";
import { rotated } from "../workshop.ts";
import { ORIGINAL, type Setting } from "./settings.ts";

/** What one process measures. */
export interface Measurement {
  readonly setting: Setting;
  readonly name: ContestantName;
  /** How long after the machine's whole seconds those of this process's clock come. */
  readonly phaseMs: number;
}

/** What is measured side by side. */
export type Lot = readonly Measurement[];

/** So few tasks have nothing to do most of the time, as have many that are spread over the second. */
const FEW = 10;

/** So many with many tasks at the most. */
const MOST = 3;

/** Phases far from each other, by how many there are, where tasks of 300 ms give something to do again when they end. */
const PHASES_MS: readonly (readonly number[])[] = [[0], [0, 500], [0, 150, 600]];

/** It moves on by up to 0.2 s in a minute, and gets the most room. */
const MOVING = "toad-scheduler";

/** Many tasks of it keep a core busy all the time. */
const HUNGRY = "node-schedule";

function measurements(settings: readonly Setting[]): Measurement[] {
  return settings.flatMap((setting) => setting.contestants.map((name) => ({ setting, name, phaseMs: 0 })));
}

/** At even distances, from one whole second to the next. */
function evenly(all: Lot): Lot {
  return all.map((one, index) => ({ ...one, phaseMs: Math.round(index * PERIOD_MS / all.length) }));
}

function isLight({ tasks, spreadMs }: Setting): boolean {
  return tasks <= FEW || spreadMs > 0;
}

/** The original's algorithm keeps no phase, and is so late that a neighbour makes no difference; beside it is one that needs a core. */
function isApart({ setting, name }: Measurement): boolean {
  return name === ORIGINAL || name === HUNGRY && !isLight(setting) && setting.taskMs === 0;
}

/** Those of one setting with many tasks, in lots of about the same size, smaller ones first. */
function inLots(all: Lot, repetition: number): Lot[] {
  const firsts = [MOVING, HUNGRY].flatMap((first) => all.filter(({ name }) => name === first));
  const others = rotated(all.filter((one) => !firsts.includes(one)), repetition);
  const count = Math.ceil(all.length / MOST);
  return Array.from({ length: count }, (_, index) => {
    const size = Math.floor((index + 1) * all.length / count) - Math.floor(index * all.length / count);
    const first = firsts.slice(index, index + 1);
    const lot = [...first, ...others.splice(0, size - first.length)];
    if (all[0]?.setting.taskMs === 0) return evenly(lot);
    return lot.map((one, place) => ({ ...one, phaseMs: PHASES_MS[size - 1]![place]! }));
  });
}

/**
 * What is measured at the same time in a repetition, so that neighbours have nothing to do at the moments at which the tasks
 * of one are due. Who is whose neighbour changes from repetition to repetition. On one core nobody has a neighbour.
 */
export function lotsOf(settings: readonly Setting[], repetition: number, cores: number): Lot[] {
  const all = measurements(settings);
  if (cores < 2) return rotated(all, repetition).map((one) => [one]);
  const others = all.filter((one) => !isApart(one));
  const light = rotated(others.filter(({ setting }) => isLight(setting)), repetition);
  const many = settings.filter((setting) => !isLight(setting));
  const bursts = many.flatMap((setting) => inLots(others.filter((one) => one.setting === setting), repetition));
  return [evenly(light), evenly(all.filter(isApart)), ...bursts].filter((lot) => lot.length > 0);
}

/** All at once, for the short form. */
export function oneLot(settings: readonly Setting[], repetition: number): Lot[] {
  return [evenly(rotated(measurements(settings), repetition))];
}
