/** Rotates a list by one for each repetition, so that each item is first in its turn. */
export function rotated<Item>(items: readonly Item[], repetition: number): Item[] {
  const first = repetition % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
