/** Returns the value that a share of sorted values does not exceed: 0.5 for the median, 1 for the largest. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("Cannot compute a percentile as there are no values: current value is 0");
  return value;
}

/** Returns the median of some values. */
export function median(values: readonly number[]): number {
  return percentile(values.toSorted((a, b) => a - b), 0.5);
}
