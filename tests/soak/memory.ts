/**
 * Checks that the memory of a process stays level.
 *
 * @module
 */

/** The memory of a process after a garbage collection. */
export interface MemorySample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** The course of the memory over time. */
export interface MemoryTrend {
  /** The medians of each quarter of the time. */
  readonly quarters: readonly { readonly rssBytes: number; readonly heapBytes: number }[];
  /** The rise from the third quarter to the last, as a share of the third. */
  readonly rssRise: number;
  readonly heapRise: number;
  /** Whether neither has risen by more than a tenth. False if a quarter has no samples. */
  readonly isLevel: boolean;
}

/** The share by which memory may rise from the third quarter to the last. */
export const MAX_RISE = 0.1;
const QUARTERS = 4;

/** Computes the trend of samples in the order of time. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const [fromMs, toMs] = [samples[0]?.atMs ?? 0, samples.at(-1)?.atMs ?? 0];
  const quarterOf = ({ atMs }: MemorySample): number =>
    Math.min(Math.floor((atMs - fromMs) / (toMs - fromMs) * QUARTERS), QUARTERS - 1);
  const quarters = Array.from({ length: QUARTERS }, (_, quarter) => {
    const own = samples.filter((sample) => quarterOf(sample) === quarter);
    return {
      rssBytes: median(own.map(({ rssBytes }) => rssBytes)),
      heapBytes: median(own.map(({ heapBytes }) => heapBytes)),
    };
  });
  const [third, last] = quarters.slice(-2);
  const rssRise = (last?.rssBytes ?? NaN) / (third?.rssBytes ?? NaN) - 1;
  const heapRise = (last?.heapBytes ?? NaN) / (third?.heapBytes ?? NaN) - 1;
  // NaN counts as not level
  return { quarters, rssRise, heapRise, isLevel: rssRise <= MAX_RISE && heapRise <= MAX_RISE };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
