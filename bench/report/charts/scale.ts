import { axisFigures } from "../figure.ts";

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Maps values to positions on an axis. */
export interface Scale {
  /** Returns a position from 0 at the start of the axis to 1 at its end. */
  at(value: number): number;
  /** Whether a value can be shown on the axis. */
  has(value: number): boolean;
  readonly ticks: readonly Tick[];
}

/** The values of an axis. */
export interface Extent {
  readonly values: readonly number[];
  readonly kind: "linear" | "log";
  /** Whether a linear axis starts at zero if no value is below. */
  readonly fromZero?: boolean;
  /** Whether the axis ends at the last value, and not at the next tick. */
  readonly isTight?: boolean;
}

/** The approximate number of ticks. */
const TICKS = 6;
/** Up to this many decades, a log axis has ticks between the powers of ten. */
const FEW_DECADES = 3;
const MOST_DECADES = 8;

/** Makes a scale for some values; without values from 0 to 1, or from 1 to 10. */
export function scaleOf({ values, kind, fromZero = false, isTight = false }: Extent): Scale {
  const finite = values.filter((value) => Number.isFinite(value) && (kind === "linear" || value > 0));
  if (kind === "log") return logScale(finite.length > 0 ? finite : [1, 10], isTight);
  return linearScale(finite.length > 0 ? finite : [0, 1], fromZero, isTight);
}

/** Makes ticks at some values. */
export function ticksAt(values: readonly number[]): Tick[] {
  const labels = axisFigures(values);
  return values.map((value, index) => ({ value, label: labels[index] ?? "" }));
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function linearScale(values: readonly number[], fromZero: boolean, isTight: boolean): Scale {
  let [min, max] = [Math.min(...values), Math.max(...values)];
  if (fromZero) [min, max] = [Math.min(0, min), Math.max(0, max)];
  // a single value is in the middle
  if (min === max) [min, max] = [min - (Math.abs(min) || 1), max + (Math.abs(max) || 1)];
  const step = roundStep((max - min) / TICKS);
  const [first, last] = isTight
    ? [Math.ceil(min / step - 1e-9), Math.floor(max / step + 1e-9)]
    : [Math.floor(min / step + 1e-9), Math.ceil(max / step - 1e-9)];
  const [from, to] = isTight ? [min, max] : [first * step, last * step];
  // rounded, as binary fractions are inexact
  const marks = Array.from(
    { length: last - first + 1 },
    (_, index) => Number(((first + index) * step).toPrecision(12)),
  );
  const ticks = ticksAt(marks);
  return { at: (value) => (value - from) / (to - from), has: Number.isFinite, ticks };
}

function logScale(values: readonly number[], isTight: boolean): Scale {
  const [min, max] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const [first, last] = [Math.floor(min + 1e-9), Math.max(Math.ceil(max - 1e-9), Math.floor(min + 1e-9) + 1)];
  const tight = isTight && max > min;
  const [from, to] = tight ? [min, max] : [first, last];
  const decades = last - first;
  const every = Math.ceil(decades / MOST_DECADES);
  const factors = decades <= FEW_DECADES ? [1, 2, 5] : [1];
  const marks: number[] = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      const place = Math.log10(value);
      if (place >= from - 1e-9 && place <= to + 1e-9) marks.push(value);
    }
  }
  return { at: (value) => (Math.log10(value) - from) / (to - from), has: (value) => value > 0, ticks: ticksAt(marks) };
}
