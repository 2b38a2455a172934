/**
 * Whether a process's memory stays level. Pure.
 *
 * @module
 */

/** How much memory a process had, after its garbage was collected. */
export interface Sample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** What the samples come to. */
export interface Memory {
  /** The medians of each quarter of the time. */
  readonly quarters: readonly { readonly rssBytes: number; readonly heapBytes: number }[];
  /** By how much the last quarter is above the third, as a share of it. */
  readonly rssRise: number;
  readonly heapRise: number;
  /** Whether neither has risen by more than a tenth. Without samples in all quarters there is nothing to tell by. */
  readonly isLevel: boolean;
}

/** By how much of it memory may rise from the third quarter to the last. */
export const TOLERANCE = 0.1;
const QUARTERS = 4;

/** Judges samples in the order of their times. */
export function judgeMemory(samples: readonly Sample[]): Memory {
  const [fromMs, toMs] = [samples[0]?.atMs ?? 0, samples.at(-1)?.atMs ?? 0];
  const quarterOf = ({ atMs }: Sample): number =>
    Math.min(Math.floor((atMs - fromMs) / (toMs - fromMs) * QUARTERS), QUARTERS - 1);
  const quarters = Array.from({ length: QUARTERS }, (_, quarter) => {
    const own = samples.filter((sample) => quarterOf(sample) === quarter);
    return {
      rssBytes: median(own.map(({ rssBytes }) => rssBytes)),
      heapBytes: median(own.map(({ heapBytes }) => heapBytes)),
    };
  });
  const [, , third, last] = quarters;
  const rssRise = last!.rssBytes / third!.rssBytes - 1;
  const heapRise = last!.heapBytes / third!.heapBytes - 1;
  // what is not a number is not level
  return { quarters, rssRise, heapRise, isLevel: rssRise <= TOLERANCE && heapRise <= TOLERANCE };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
