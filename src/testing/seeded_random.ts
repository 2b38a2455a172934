/**
 * Random numbers from a seed, the same in every run and runtime.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/** How many numbers a new generator skips, until similar seeds give different numbers. */
const WARM_UP = 12;

/**
 * Creates a source of random numbers from a seed: the same seed gives the same numbers in every runtime and version.
 *
 * The generator is sfc32, which has 128 bits of state and passes the usual statistical tests. It uses 32-bit integers only, so
 * that every runtime computes the same numbers. Not for secrets.
 *
 * @param seed Any whole number.
 * @returns A function like `Math.random`: its numbers are evenly distributed from 0 up to, but not including, 1. It can be the
 * {@linkcode Clock.random} of a clock.
 * @throws {RangeError} If the seed is not a safe integer.
 *
 * @example The same numbers from the same seed
 * ```ts
 * import { seededRandom } from "@neat/periodic-task/testing";
 *
 * const [one, other] = [seededRandom(42), seededRandom(42)];
 * console.assert(one() === other());
 * console.assert(one() !== seededRandom(43)());
 * ```
 */
export function seededRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(cannot("make random numbers", '"seed" must be a whole number', seed));
  }
  // the names of the reference implementation
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    const rotated = (c << 21) | (c >>> 11);
    c = (rotated + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let skipped = 0; skipped < WARM_UP; skipped++) next();
  return next;
}
