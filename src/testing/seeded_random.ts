/**
 * Random numbers that come out the same at every run and in every runtime.
 *
 * @module
 */
import { refuse } from "../errors.ts";

/** Numbers that a new generator throws away, until near seeds have parted. */
const WARM_UP = 12;

/**
 * Makes a source of random numbers from a seed: the same seed gives the same numbers in every runtime and version.
 *
 * It is sfc32, a small generator with 128 bits of state that passes the usual statistical tests; it reckons in 32-bit integers
 * alone, so that no runtime rounds differently. Not for secrets.
 *
 * @param seed Any whole number.
 * @returns A function whose numbers are evenly distributed from 0 up to, but not including, 1; as `Math.random`, and as
 * {@linkcode Clock.random} needs it.
 * @throws {RangeError} If the seed is no whole number that is exact.
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
    refuse(RangeError, '"seed" must be a whole number', seed, "make random numbers");
  }
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  // any odd constant: the first numbers are thrown away
  let c = 0x9e3779b9 | 0;
  let count = 1;
  const next = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21 | c >>> 11) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let thrownAway = 0; thrownAway < WARM_UP; thrownAway++) next();
  return next;
}
