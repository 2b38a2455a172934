/**
 * The axes of the benchmarks' charts.
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { scaleOf } from "../../scripts/bench/results/charts/scale.ts";

const labels = (...args: Parameters<typeof scaleOf>) => scaleOf(...args).ticks.map(({ label }) => label);

Deno.test("a linear axis has a few ticks at round numbers, which enclose all values", () => {
  assertEquals(labels({ values: [3, 97], kind: "linear" }), ["0", "20", "40", "60", "80", "100"]);
  assertEquals(labels({ values: [0.012, 0.049], kind: "linear" }), ["0.01", "0.02", "0.03", "0.04", "0.05"]);
  assertEquals(labels({ values: [-13, 21], kind: "linear" }), ["-20", "-10", "0", "10", "20", "30"]);
  for (let most = 1e-6; most < 1e9; most *= 1.7) {
    const scale = scaleOf({ values: [0, most], kind: "linear" });
    assert(scale.ticks.length >= 3 && scale.ticks.length <= 9, `${scale.ticks.length} ticks up to ${most}`);
    assert(scale.at(most) <= 1 && scale.at(most) > 0.6, `${most} stands at ${scale.at(most)}`);
    assertAlmostEquals(scale.at(scale.ticks[0]!.value), 0);
    assertAlmostEquals(scale.at(scale.ticks.at(-1)!.value), 1);
  }
});

Deno.test("a linear axis begins at zero if it is to, unless a value is below", () => {
  assertEquals(scaleOf({ values: [90, 100], kind: "linear", fromZero: true }).at(0), 0);
  assertEquals(scaleOf({ values: [-10, 10], kind: "linear", fromZero: true }).at(0), 0.5);
});

Deno.test("an axis may end where its values do, and then has the ticks between", () => {
  for (const kind of ["linear", "log"] as const) {
    const scale = scaleOf({ values: [7, 930], kind, isTight: true });
    assertAlmostEquals(scale.at(7), 0);
    assertAlmostEquals(scale.at(930), 1);
    assert(scale.ticks.every(({ value }) => value >= 7 && value <= 930));
    assert(scale.ticks.length >= 3);
  }
});

Deno.test("on a log axis each power of ten is as long as any other", () => {
  const scale = scaleOf({ values: [3, 40_000], kind: "log" });
  assertEquals(scale.ticks.map(({ label }) => label), ["1", "10", "100", "1k", "10k", "100k"]);
  assertEquals(scale.ticks.map(({ value }) => Math.round(scale.at(value) * 100)), [0, 20, 40, 60, 80, 100]);
});

Deno.test("a log axis has ticks between the powers of ten if these are few, and leaves some out if they are many", () => {
  assertEquals(labels({ values: [12, 80], kind: "log" }), ["10", "20", "50", "100"]);
  assertEquals(labels({ values: [1e-8, 1e12], kind: "log" }).length, 7);
});

Deno.test("what is not above zero has no place on a log axis and does not bend it", () => {
  const scale = scaleOf({ values: [0, -5, 10, 1_000], kind: "log" });
  assertEquals([scale.has(0), scale.has(-5), scale.has(10)], [false, false, true]);
  assertEquals(scale.at(10), 0);
});

Deno.test("an axis without values, or with one only, has ticks all the same", () => {
  for (const values of [[], [0], [5], [-5], [Infinity]]) {
    for (const kind of ["linear", "log"] as const) {
      const scale = scaleOf({ values, kind });
      assert(scale.ticks.length >= 2, `${kind} axis of ${values}`);
      assert(scale.ticks.every(({ value }) => Number.isFinite(scale.at(value))), `${kind} axis of ${values}`);
    }
  }
});
