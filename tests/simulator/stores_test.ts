import { assert, assertEquals } from "@std/assert";
import { simulate, type SimulateOptions, type SimulationResult } from "../../src/testing/mod.ts";
import { RIGHT_STORES, type StoreOptions, WRONG_STORES } from "./caller_stores.ts";

const KINDS = ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"] as const;
const INTERVALS = 20;

/** The options of a seed: of any number in a row, each kind comes with and without faults, and with and without the record. */
function optionsOf(seed: number, { stores, record }: StoreOptions): SimulateOptions {
  const kind = KINDS[seed % KINDS.length]!;
  const faults = Math.floor(seed / KINDS.length) % 2 === 0;
  const showsRecord = Math.floor(seed / KINDS.length / 2) % 2 === 0;
  return { seed, kind, faults, intervals: INTERVALS, stores, ...showsRecord && { record } };
}

function brokenIn({ violations }: SimulationResult): string[] {
  return violations.map(({ promise }) => promise);
}

Deno.test("simulate() finds nothing wrong with the documentation's store, whatever the seed", async () => {
  for (let seed = 1; seed <= 250; seed++) {
    const store = RIGHT_STORES["the documentation's example"]!();
    const { violations, timeline } = await simulate({ seed, intervals: INTERVALS, ...store });
    assertEquals(violations, [], timeline().slice(-3_000));
  }
});

for (const [name, newStore] of Object.entries(RIGHT_STORES)) {
  Deno.test(`simulate() finds nothing wrong with a right store: ${name}`, async () => {
    let runs = 0;
    for (let seed = 1_001; seed <= 1_048; seed++) {
      const { violations, stats, timeline } = await simulate(optionsOf(seed, newStore()));
      assertEquals(violations, [], timeline().slice(-3_000));
      runs += stats.runs;
    }
    assert(runs > 48 * INTERVALS / 2, String(runs));
  });
}

for (const [name, newStore] of Object.entries(WRONG_STORES)) {
  Deno.test(`simulate() finds a store that ${name}`, async () => {
    let found = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const broken = brokenIn(await simulate({ seed, ...newStore() }));
      if (broken.length) found++;
    }
    assert(found >= 8, String(found));
  });
}

Deno.test("simulate() checks what the store tells where it is not shown the record", async () => {
  const { stores } = RIGHT_STORES["the documentation's example"]!();
  const { stats } = await simulate({ seed: 1, intervals: INTERVALS, stores });
  assertEquals([stats.writes, stats.checked["goes-on"], stats.checked["rising-term"]], [0, undefined, undefined]);
  assert(stats.checked["known-claim"]! > 0 && stats.checked["no-overlap"]! > 0 && stats.checked["one-successor"]! > 0);
});

Deno.test("simulate() reckons by the store's clock only where the store tells the one of its host", async () => {
  const checked = async (name: string): Promise<number> => {
    const options = { seed: 3, kind: "skewed", intervals: INTERVALS } as const;
    const { stats } = await simulate({ ...options, ...RIGHT_STORES[name]!() });
    return stats.checked["goes-on"] ?? 0;
  };
  assert(await checked("a clock of the server") > 0);
  assert(await checked("the documentation's example") > 0);
  assertEquals(await checked("the client's clock instead of the server's"), 0);
});
