/**
 * Replaces parts of the runtime until the end of a test.
 *
 * @module
 */

/** Makes `Math.random()` return a fixed number until it is disposed. */
export function fixedRandom(value: number): Disposable {
  const random = Math.random;
  Math.random = () => value;
  return {
    [Symbol.dispose]: () => {
      Math.random = random;
    },
  };
}

/** Sets environment variables, or deletes them, until it is disposed. */
export function environment(variables: Readonly<Record<string, string | undefined>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const set = (name: string, value: string | undefined): void =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  for (const [name, value] of Object.entries(variables)) set(name, value);
  return { [Symbol.dispose]: () => before.forEach(([name, value]) => set(name, value)) };
}
