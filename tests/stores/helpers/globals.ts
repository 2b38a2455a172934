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

/**
 * Sets or deletes environment variables until it is disposed. Only this test file sees them: the real environment belongs to the
 * whole process, in which other test files may run.
 */
export function environment(variables: Readonly<Record<string, string | undefined>>): Disposable {
  const before = Object.getOwnPropertyDescriptor(globalThis, "process");
  const process = Object.create(globalThis.process ?? null, {
    env: { value: { ...Deno.env.toObject(), ...variables } },
  });
  Object.defineProperty(globalThis, "process", { configurable: true, value: process });
  return {
    [Symbol.dispose]: () => {
      if (before) Object.defineProperty(globalThis, "process", before);
    },
  };
}
