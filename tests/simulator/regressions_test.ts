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
  // a replica of the original had overwritten the record of a newer version, which another one then took over
  "no-overlap holds beside a replica of the original that overwrites a newer record": [5351],
  // a schedule applied from the time of a host whose clock was ahead, as its first read had found no record
  "not-early holds for a first run on schedule where the first read finds no record": [12],
  // the wait after a first run that was given up ended before the present, so that the record was read all the time
  "check-rate holds after a first run that was given up": [102914, 100483],
  // a scheduler whose clock was far ahead of the holder's was expected to take over within a startDeadline that had passed for it
  "crash-takeover holds beside a clock that is further ahead than startDeadline": [32233112473],
  // a heartbeat that the holder had sent before its crash was written after it, and renewed the lease
  "crash-takeover holds for a heartbeat that is written after the crash of its holder": [32233114156],
  // a scheduler was taken to know a record that was written while the answer of its read was on its way
  "due-run holds for a scheduler whose read was answered after the task was resumed": [184503212356],
  // a due time shortly after a whole second was waited for again and again until the store showed the next second
  "check-rate holds for a due time between two whole seconds of the store's clock": [100066, 101840],
};

/** Turns off what simulations did not have when these seeds were found, so that they stay as they were. */
const AS_BEFORE = {
  pauseTask: false,
  requestRun: false,
  unevenSchedule: false,
  jitter: false,
  firstOnSchedule: false,
  startDeadline: false,
  watch: false,
};

for (const [name, seeds] of Object.entries(FIXED)) {
  for (const seed of seeds) {
    Deno.test(`${name} (seed ${seed})`, async () => {
      for (const faults of [AS_BEFORE, true]) {
        const { violations, timeline } = await simulate({ seed, faults });
        assertEquals(violations, [], timeline().slice(-4_000));
      }
    });
  }
}
