import { axisFigures } from "../figure.ts";

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** How values become places on an axis. */
export interface Scale {
  /** From 0 at the axis' beginning to 1 at its end. */
  at(value: number): number;
  /** Whether a value has a place on it. */
  has(value: number): boolean;
  readonly ticks: readonly Tick[];
}

/** What an axis shows. */
export interface Extent {
  readonly values: readonly number[];
  readonly kind: "linear" | "log";
  /** Whether a linear axis begins at zero, if nothing is below. */
  readonly fromZero?: boolean;
  /** Whether the axis ends where the values do, and not at the next tick. */
  readonly isTight?: boolean;
}

/** About so many ticks are sensible. */
const TICKS = 6;
/** A log axis has ticks between the powers of ten only if it has no more of these. */
const FEW_DECADES = 3;
const MOST_DECADES = 8;

/** The scale for some values; without any it goes from 0 to 1, or from 1 to 10. */
export function scaleOf({ values, kind, fromZero = false, isTight = false }: Extent): Scale {
  const finite = values.filter((value) => Number.isFinite(value) && (kind === "linear" || value > 0));
  if (kind === "log") return logScale(finite.length > 0 ? finite : [1, 10], isTight);
  return linearScale(finite.length > 0 ? finite : [0, 1], fromZero, isTight);
}

/** The ticks at some values. */
export function ticksAt(values: readonly number[]): Tick[] {
  const labels = axisFigures(values);
  return values.map((value, index) => ({ value, label: labels[index]! }));
}

/** The least number of the form 1, 2 or 5 times a power of ten that is no smaller. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function linearScale(values: readonly number[], fromZero: boolean, isTight: boolean): Scale {
  let [least, most] = [Math.min(...values), Math.max(...values)];
  if (fromZero) [least, most] = [Math.min(0, least), Math.max(0, most)];
  // a single value stands in the middle
  if (least === most) [least, most] = [least - (Math.abs(least) || 1), most + (Math.abs(most) || 1)];
  const step = roundStep((most - least) / TICKS);
  const [first, last] = isTight
    ? [Math.ceil(least / step - 1e-9), Math.floor(most / step + 1e-9)]
    : [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  const [from, to] = isTight ? [least, most] : [first * step, last * step];
  // without the traces that binary fractions leave
  const marks = Array.from(
    { length: last - first + 1 },
    (_, index) => Number(((first + index) * step).toPrecision(12)),
  );
  const ticks = ticksAt(marks);
  return { at: (value) => (value - from) / (to - from), has: Number.isFinite, ticks };
}

function logScale(values: readonly number[], isTight: boolean): Scale {
  const [least, most] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const [first, last] = [Math.floor(least + 1e-9), Math.max(Math.ceil(most - 1e-9), Math.floor(least + 1e-9) + 1)];
  const tight = isTight && most > least;
  const [from, to] = tight ? [least, most] : [first, last];
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
