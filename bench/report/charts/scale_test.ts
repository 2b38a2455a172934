import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { scaleOf } from "./scale.ts";

const labels = (...args: Parameters<typeof scaleOf>) => scaleOf(...args).ticks.map(({ label }) => label);

Deno.test("scaleOf() has a few round ticks around all values on a linear axis", () => {
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

Deno.test("scaleOf() starts at zero with fromZero unless a value is below", () => {
  assertEquals(scaleOf({ values: [90, 100], kind: "linear", fromZero: true }).at(0), 0);
  assertEquals(scaleOf({ values: [-10, 10], kind: "linear", fromZero: true }).at(0), 0.5);
});

Deno.test("scaleOf() ends at the values with isTight", () => {
  for (const kind of ["linear", "log"] as const) {
    const scale = scaleOf({ values: [7, 930], kind, isTight: true });
    assertAlmostEquals(scale.at(7), 0);
    assertAlmostEquals(scale.at(930), 1);
    assert(scale.ticks.every(({ value }) => value >= 7 && value <= 930));
    assert(scale.ticks.length >= 3);
  }
});

Deno.test("scaleOf() spaces powers of ten evenly on a log axis", () => {
  const scale = scaleOf({ values: [3, 40_000], kind: "log" });
  assertEquals(scale.ticks.map(({ label }) => label), ["1", "10", "100", "1k", "10k", "100k"]);
  assertEquals(scale.ticks.map(({ value }) => Math.round(scale.at(value) * 100)), [0, 20, 40, 60, 80, 100]);
});

Deno.test("scaleOf() adapts the ticks of a log axis to the number of decades", () => {
  assertEquals(labels({ values: [12, 80], kind: "log" }), ["10", "20", "50", "100"]);
  assertEquals(labels({ values: [1e-8, 1e12], kind: "log" }).length, 7);
});

Deno.test("scaleOf() ignores values up to zero on a log axis", () => {
  const scale = scaleOf({ values: [0, -5, 10, 1_000], kind: "log" });
  assertEquals([scale.has(0), scale.has(-5), scale.has(10)], [false, false, true]);
  assertEquals(scale.at(10), 0);
});

Deno.test("scaleOf() has ticks without values, or with one", () => {
  for (const values of [[], [0], [5], [-5], [Infinity]]) {
    for (const kind of ["linear", "log"] as const) {
      const scale = scaleOf({ values, kind });
      assert(scale.ticks.length >= 2, `${kind} axis of ${values}`);
      assert(scale.ticks.every(({ value }) => Number.isFinite(scale.at(value))), `${kind} axis of ${values}`);
    }
  }
});
