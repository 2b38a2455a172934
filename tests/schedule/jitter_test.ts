import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { jitterDelayMs } from "../../src/schedule/jitter.ts";

const HOUR = 3_600_000;

Deno.test("jitterDelayMs() returns the same delay for the same name at every call", () => {
  assertEquals(jitterDelayMs("backup", HOUR), jitterDelayMs("backup", HOUR));
});

Deno.test("jitterDelayMs() never changes from version to version, as due times in records would no longer fit", () => {
  assertEquals(
    ["backup", "clean-up", "a", "Straße"].map((name) => jitterDelayMs(name, HOUR)),
    [567_066, 2_747_013, 372_694, 3_036_303],
  );
});

Deno.test("jitterDelayMs() returns a whole number from 0 up to the longest delay", () => {
  for (let index = 0; index < 1_000; index++) {
    const delayMs = jitterDelayMs(`task-${index}`, 10);
    assert(Number.isInteger(delayMs) && delayMs >= 0 && delayMs < 10, `${delayMs}`);
  }
});

Deno.test("jitterDelayMs() spreads fifty tasks with similar names evenly", () => {
  const tenths = new Array<number>(10).fill(0);
  for (let index = 0; index < 1_000; index++) tenths[Math.floor(jitterDelayMs(`task-${index}`, 10))]!++;
  for (const count of tenths) {
    assertGreater(count, 60);
    assertLess(count, 140);
  }
  const delays = Array.from({ length: 50 }, (_, index) => jitterDelayMs(`tenant-${index}`, HOUR)).sort((a, b) => a - b);
  const gaps = delays.slice(1).map((delay, index) => delay - delays[index]!);
  assertLess(Math.max(...gaps), HOUR / 6);
});
