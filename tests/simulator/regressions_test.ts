// Worlds in which a fault of the core, since mended, broke a promise. The promises in the names are those that broke.

import { assertEquals } from "@std/assert";
import { simulate } from "../../src/testing/mod.ts";

const MENDED: Readonly<Record<string, readonly number[]>> = {
  // the host's own clock went faster than the store's, and a heartbeat of long ago was taken for one of the future
  "a lease is respected by a host whose clock goes faster than the store's": [79, 443, 507, 759, 777],
  // the wait for another attempt went on beyond the lease, and was followed by the loop's own
  "the next attempt comes within minCycle of the store's return, though a claim was in doubt": [235, 241, 812],
  // a heartbeat dated in whole seconds was taken for one of the future where clockTolerance was a second
  "a lease is respected where the store tells whole seconds and clockTolerance is short": [886315730451],
};

for (const [name, seeds] of Object.entries(MENDED)) {
  for (const seed of seeds) {
    Deno.test(`${name} (seed ${seed})`, async () => {
      const { violations, timeline } = await simulate({ seed });
      assertEquals(violations, [], timeline().slice(-4_000));
    });
  }
}
