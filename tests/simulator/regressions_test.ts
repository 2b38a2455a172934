// Seeds whose simulations broke a promise, by a fault of the core or of the simulator that has been fixed since.

import { assertEquals } from "@std/assert";
import { simulate } from "../../src/simulator/mod.ts";

const FIXED: Readonly<Record<string, readonly number[]>> = {
  // an old heartbeat was taken for one of the future as the host's clock ran faster than the store's
  "lease-respected holds for a host whose clock runs faster than the store's": [79, 443, 507, 759, 777],
  // the wait before another attempt to confirm a claim went on beyond the lease, and the loop waited again after it
  "outage-recovery holds after a claim that was not confirmed": [235, 241, 812],
  // a heartbeat dated in whole seconds was taken for one of the future as clockTolerance was one second
  "lease-respected holds for a storeTime in whole seconds and a short clockTolerance": [886315730451],
  // a process that was started on a suspended machine was held to promises although its clock stood still
  "crash-takeover holds for a process killed during a suspension of its machine": [73817114989],
  // a scheduler was expected to have acted on a run of another replica before it could know of it
  "due-run holds for a scheduler that learns of another replica's run at its own due time": [770515759999],
};

for (const [name, seeds] of Object.entries(FIXED)) {
  for (const seed of seeds) {
    Deno.test(`${name} (seed ${seed})`, async () => {
      const { violations, timeline } = await simulate({ seed });
      assertEquals(violations, [], timeline().slice(-4_000));
    });
  }
}
