/**
 * Which latenesses are measured side by side.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Lot, lotsOf, type Measurement, oneLot } from "../../scripts/bench/peers/lateness/lots.ts";
import { ORIGINAL, type Setting, SETTINGS } from "../../scripts/bench/peers/lateness/settings.ts";

const REPETITIONS = [0, 1, 2, 3, 4];
const SECOND_MS = 1_000;

const isHungry = ({ setting, name }: Measurement) =>
  setting.tasks === 1_000 && setting.spreadMs === 0 && name === "node-schedule";
const hasOriginal = (lot: Lot) => lot.some(({ name }) => name === ORIGINAL);
const isBurst = ({ setting }: Measurement) => setting.tasks === 1_000 && setting.spreadMs === 0;

/** From a moment to the next such moment of each second. */
const toNextMs = (fromMs: number, toMs: number) => (toMs - fromMs + SECOND_MS) % SECOND_MS;

function names(lots: readonly Lot[], setting: Setting): string[] {
  return lots.flat().filter((one) => one.setting === setting).map(({ name }) => name).sort();
}

Deno.test("each contestant of each setting is measured once in a repetition, on however many cores", () => {
  for (const cores of [1, 2, 8]) {
    for (const repetition of REPETITIONS) {
      const lots = lotsOf(SETTINGS, repetition, cores);
      for (const setting of SETTINGS) assertEquals(names(lots, setting), [...setting.contestants].sort());
    }
  }
});

const bursts = REPETITIONS.flatMap((repetition) => lotsOf(SETTINGS, repetition, 2))
  .filter((lot) => lot.some(isBurst) && !hasOriginal(lot));

Deno.test("whoever has many tasks due at once has no other neighbours than such, with the same setting", () => {
  for (const lot of bursts) assert(lot.every((one) => isBurst(one) && one.setting === lot[0]?.setting));
});

Deno.test("tasks of a neighbour are due no sooner than 150 ms after one's own, and 100 ms after these have ended", () => {
  for (const lot of bursts) {
    for (const one of lot) {
      const { taskMs } = one.setting;
      for (const other of lot.filter((other) => other !== one)) {
        const aheadMs = toNextMs(one.phaseMs, other.phaseMs);
        assert(aheadMs >= 150, `${one.name}, ${other.name}: ${aheadMs} ms`);
        if (taskMs > 0) assert(toNextMs(one.phaseMs + taskMs, other.phaseMs) >= 100, `${one.name}, ${other.name}`);
      }
    }
  }
});

Deno.test("toad-scheduler can move by 200 ms and meets nobody", () => {
  for (const lot of bursts.filter((lot) => lot.some(({ name }) => name === "toad-scheduler"))) {
    const [toad, ...others] = lot as [Measurement, ...Measurement[]];
    assertEquals(toad.name, "toad-scheduler");
    const ownMs = [0, ...(toad.setting.taskMs > 0 ? [300] : [])].map((endMs) => toad.phaseMs + endMs);
    for (const { phaseMs } of others) for (const fromMs of ownMs) assert(toNextMs(fromMs, phaseMs) >= 200);
  }
});

Deno.test("who keeps a core busy has one neighbour, or the original's algorithm, which has no other neighbour", () => {
  for (const lot of REPETITIONS.flatMap((repetition) => lotsOf(SETTINGS, repetition, 2))) {
    const hungry = lot.filter(isHungry).length;
    assert(hungry <= 1);
    if (hasOriginal(lot)) assert(lot.every((one) => one.name === ORIGINAL || isHungry(one)));
    else if (hungry > 0) assertEquals(lot.length, 2);
  }
});

Deno.test("contestants with one task each wake at moments of their own", () => {
  const [lot] = lotsOf(SETTINGS, 0, 2).filter((lot) => lot.some(({ setting }) => setting.tasks === 1));
  assertEquals(new Set(lot!.map(({ phaseMs }) => phaseMs)).size, lot!.length);
});

Deno.test("neighbours change from repetition to repetition", () => {
  const neighbours = REPETITIONS.map((repetition) =>
    lotsOf(SETTINGS, repetition, 2).filter((lot) => lot.some(isBurst) && !hasOriginal(lot)).map((lot) =>
      lot.map(({ name }) => name).sort()
    )
  );
  for (const [repetition, lots] of neighbours.slice(1).entries()) assertNotEquals(lots, neighbours[repetition]);
});

Deno.test("on one core each is measured alone", () => {
  for (const lot of lotsOf(SETTINGS, 0, 1)) assertEquals([lot.length, lot[0]?.phaseMs], [1, 0]);
});

Deno.test("a repetition is over after so few lots that five of a minute take some 40 minutes", () => {
  assert(lotsOf(SETTINGS, 0, 2).length <= 7);
});

Deno.test("the short form measures all at once", () => {
  assertEquals(oneLot(SETTINGS, 0).map((lot) => lot.length), [
    SETTINGS.flatMap(({ contestants }) => contestants).length,
  ]);
});
