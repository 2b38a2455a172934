import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Batch, batchesOf, type Measurement, singleBatch } from "./batches.ts";
import { ORIGINAL, type Setting, SETTINGS } from "./settings.ts";

const REPETITIONS = [0, 1, 2, 3, 4];
const SECOND_MS = 1_000;

const isBusy = ({ setting, name }: Measurement) =>
  setting.tasks === 1_000 && setting.spreadMs === 0 && name === "node-schedule";
const hasOriginal = (batch: Batch) => batch.some(({ name }) => name === ORIGINAL);
const isBurst = ({ setting }: Measurement) => setting.tasks === 1_000 && setting.spreadMs === 0;

/** The time from a moment to the next such moment of a second. */
const toNextMs = (fromMs: number, toMs: number) => (toMs - fromMs + SECOND_MS) % SECOND_MS;

function names(batches: readonly Batch[], setting: Setting): string[] {
  return batches.flat().filter((one) => one.setting === setting).map(({ name }) => name).sort();
}

Deno.test("batchesOf() measures each candidate of each setting once in a repetition, on any number of cores", () => {
  for (const cores of [1, 2, 8]) {
    for (const repetition of REPETITIONS) {
      const batches = batchesOf(SETTINGS, repetition, cores);
      for (const setting of SETTINGS) assertEquals(names(batches, setting), [...setting.candidates].sort());
    }
  }
});

const bursts = REPETITIONS.flatMap((repetition) => batchesOf(SETTINGS, repetition, 2))
  .filter((batch) => batch.some(isBurst) && !hasOriginal(batch));

Deno.test("batchesOf() combines candidates with many tasks due at once only within a setting", () => {
  for (const batch of bursts) assert(batch.every((one) => isBurst(one) && one.setting === batch[0]?.setting));
});

Deno.test("batchesOf() keeps due times 150 ms apart, and 100 ms from the ends of tasks", () => {
  for (const batch of bursts) {
    for (const one of batch) {
      const { taskMs } = one.setting;
      for (const other of batch.filter((other) => other !== one)) {
        const aheadMs = toNextMs(one.phaseMs, other.phaseMs);
        assert(aheadMs >= 150, `${one.name}, ${other.name}: ${aheadMs} ms`);
        if (taskMs > 0) assert(toNextMs(one.phaseMs + taskMs, other.phaseMs) >= 100, `${one.name}, ${other.name}`);
      }
    }
  }
});

Deno.test("batchesOf() leaves toad-scheduler room to drift by 200 ms", () => {
  for (const batch of bursts.filter((batch) => batch.some(({ name }) => name === "toad-scheduler"))) {
    const [toad, ...others] = batch as [Measurement, ...Measurement[]];
    assertEquals(toad.name, "toad-scheduler");
    const ownMs = [0, ...(toad.setting.taskMs > 0 ? [300] : [])].map((endMs) => toad.phaseMs + endMs);
    for (const { phaseMs } of others) for (const fromMs of ownMs) assert(toNextMs(fromMs, phaseMs) >= 200);
  }
});

Deno.test("batchesOf() combines the busy candidate with one other, or with the original's algorithm", () => {
  for (const batch of REPETITIONS.flatMap((repetition) => batchesOf(SETTINGS, repetition, 2))) {
    const busy = batch.filter(isBusy).length;
    assert(busy <= 1);
    if (hasOriginal(batch)) assert(batch.every((one) => one.name === ORIGINAL || isBusy(one)));
    else if (busy > 0) assertEquals(batch.length, 2);
  }
});

Deno.test("batchesOf() gives candidates with one task different phases", () => {
  const [batch = []] = batchesOf(SETTINGS, 0, 2).filter((batch) => batch.some(({ setting }) => setting.tasks === 1));
  assert(batch.length > 1);
  assertEquals(new Set(batch.map(({ phaseMs }) => phaseMs)).size, batch.length);
});

Deno.test("batchesOf() changes combinations from repetition to repetition", () => {
  const combinations = REPETITIONS.map((repetition) =>
    batchesOf(SETTINGS, repetition, 2).filter((batch) => batch.some(isBurst) && !hasOriginal(batch)).map((batch) =>
      batch.map(({ name }) => name).sort()
    )
  );
  for (const [repetition, batches] of combinations.slice(1).entries()) {
    assertNotEquals(batches, combinations[repetition]);
  }
});

Deno.test("batchesOf() measures each candidate alone on one core", () => {
  for (const batch of batchesOf(SETTINGS, 0, 1)) assertEquals([batch.length, batch[0]?.phaseMs], [1, 0]);
});

Deno.test("batchesOf() needs at most seven batches, so that five repetitions of a minute take some 40 minutes", () => {
  assert(batchesOf(SETTINGS, 0, 2).length <= 7);
});

Deno.test("singleBatch() measures all at once", () => {
  assertEquals(singleBatch(SETTINGS, 0).map((batch) => batch.length), [
    SETTINGS.flatMap(({ candidates }) => candidates).length,
  ]);
});
