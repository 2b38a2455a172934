/**
 * Suggests a name for one that is probably misspelt.
 *
 * @module
 */

/** Returns the known name with the fewest differences, or `undefined` if no name is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((other) => [editDistance(name.toLowerCase(), other.toLowerCase()), other] as const);
  const [distance, nearest] = distances.toSorted(([a], [b]) => a - b)[0] ?? [Infinity, undefined];
  return distance <= Math.max(1, name.length / 3) ? nearest : undefined;
}

/** Returns the Levenshtein distance: how many characters must be added, removed or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
