import { assert, assertEquals } from "@std/assert";
import { simulate, type SimulateOptions, SIMULATION_KINDS } from "../../src/simulator/mod.ts";
import { cases } from "../helpers/cases.ts";
import { BROKEN_STORES, CORRECT_STORES, type StoreOptions } from "./sample_stores.ts";

const INTERVALS = 20;
const EXAMPLE = "the example of simulate()";

/** The options of a seed. Of 24 seeds in a row, each kind comes with and without faults, and with and without the record. */
function optionsOf(seed: number, { stores, record }: StoreOptions): SimulateOptions {
  const count = SIMULATION_KINDS.length;
  const kind = SIMULATION_KINDS[seed % count];
  const faults = Math.floor(seed / count) % 2 === 0;
  const hasRecord = Math.floor(seed / count / 2) % 2 === 0;
  return { seed, kind, faults, intervals: INTERVALS, stores, ...hasRecord && { record } };
}

/** A new store of a name. */
function newStore(name: string): StoreOptions {
  const store = { ...CORRECT_STORES, ...BROKEN_STORES }[name];
  assert(store, name);
  return store();
}

Deno.test("simulate({ stores }) accepts the store of its example, whatever the seed", async () => {
  for (let seed = 1; seed <= cases(250); seed++) {
    const { violations, timeline } = await simulate({ seed, intervals: 10, ...newStore(EXAMPLE) });
    assertEquals(violations, [], timeline().slice(-3_000));
  }
});

Deno.test("simulate({ stores }) accepts the store of its example in simulations of full length", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { violations, timeline } = await simulate({ seed, ...newStore(EXAMPLE) });
    assertEquals(violations, [], timeline().slice(-3_000));
  }
});

for (const name of Object.keys(CORRECT_STORES)) {
  Deno.test(`simulate({ stores }) accepts ${name}`, async () => {
    // a multiple of the combinations that optionsOf() makes
    const count = Math.max(24, cases(48));
    let runs = 0;
    for (let seed = 1_001; seed <= 1_000 + count; seed++) {
      const { violations, stats, timeline } = await simulate(optionsOf(seed, newStore(name)));
      assertEquals(violations, [], timeline().slice(-3_000));
      runs += stats.runs;
    }
    assert(runs > count * INTERVALS / 2, String(runs));
  });
}

for (const name of Object.keys(BROKEN_STORES)) {
  Deno.test(`simulate({ stores }) finds a store that ${name}`, async () => {
    let found = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { violations } = await simulate({ seed, ...newStore(name) });
      if (violations.length) found++;
    }
    assert(found >= 10, String(found));
  });
}

Deno.test("simulate({ stores }) checks the answers of the store if there is no record", async () => {
  const { stores } = newStore(EXAMPLE);
  const { stats } = await simulate({ seed: 1, intervals: INTERVALS, stores });
  assertEquals([stats.writes, stats.checked["due-run"], stats.checked["rising-term"]], [0, undefined, undefined]);
  for (const promise of ["confirmed-claim", "no-overlap", "one-successor", "distinct-versions"]) {
    assert(stats.checked[promise]! > 0, promise);
  }
});

Deno.test("simulate({ stores }) checks due times unless the store's clock is unknown", async () => {
  const checksOf = async (name: string): Promise<number> => {
    const options = { seed: 3, kind: "skewed", intervals: INTERVALS } as const;
    const { stats } = await simulate({ ...options, ...newStore(name) });
    return stats.checked["due-run"] ?? 0;
  };
  assert(await checksOf("a storeTime") > 0);
  assert(await checksOf(EXAMPLE) > 0);
  assertEquals(await checksOf("a storeTime of the client's clock"), 0);
});
