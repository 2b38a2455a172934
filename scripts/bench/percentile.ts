/** The value below which a part of the sorted values lies: 0.5 for the median, 1 for the largest. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new Error("Cannot tell a percentile as there are no values: current value is 0");
  return value;
}

/** The middle one. */
export function median(values: number[]): number {
  return percentile(values.toSorted((a, b) => a - b), 0.5);
}
