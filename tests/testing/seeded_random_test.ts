import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { seededRandom } from "../../src/testing/mod.ts";

function first(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
}

/** The generator as its author states it, reckoned in unbounded integers. */
function sfc32(seed: bigint, count: number): number[] {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  let [a, b, c, counter] = [word(seed), word(seed >> 32n), 0x9e3779b9n, 1n];
  const numbers: number[] = [];
  for (let round = 0; round < 12 + count; round++) {
    const sum = word(a + b + counter);
    counter = word(counter + 1n);
    a = b ^ (b >> 9n);
    b = word(c + (c << 3n));
    c = word(word((c << 21n) | (c >> 11n)) + sum);
    if (round >= 12) numbers.push(Number(sum) / 2 ** 32);
  }
  return numbers;
}

Deno.test("seededRandom() returns the numbers of sfc32", () => {
  for (
    const seed of [0, 1, -1, 42, 2 ** 32, 2 ** 40 + 7, -(2 ** 40), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  ) {
    assertEquals(first(seed, 50), sfc32(BigInt(seed), 50));
  }
});

Deno.test("seededRandom() returns the same numbers in every version", () => {
  assertEquals(first(1, 3).map((number) => number * 2 ** 32), [573_063_952, 3_268_221_502, 703_077_755]);
});

Deno.test("seededRandom() returns different numbers for similar and for large seeds", () => {
  const seeds = [0, 1, 2, 3, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, -(2 ** 32)];
  for (const one of seeds) {
    for (const other of seeds) if (one !== other) assertNotEquals(first(one, 1), first(other, 1));
  }
});

Deno.test("seededRandom() returns evenly distributed numbers from 0 up to, but not including, 1", () => {
  const tenths = new Array<number>(10).fill(0);
  for (const number of first(7, 10_000)) {
    assert(number >= 0 && number < 1);
    tenths[Math.floor(number * 10)]!++;
  }
  for (const count of tenths) assert(count > 850 && count < 1_150, `${tenths}`);
});

Deno.test("seededRandom() throws for a seed that is not a safe integer", () => {
  for (const seed of [NaN, 0.5, Infinity, 2 ** 53, "1" as never]) {
    assertThrows(() => seededRandom(seed), RangeError, 'Cannot make random numbers as "seed" must be a whole number');
  }
});
