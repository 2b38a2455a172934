import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { setClockBack } from "./moved_clock.ts";

Deno.test("setClockBack() changes the current time and no other dates", () => {
  const Real = Date;
  try {
    setClockBack(60_250);
    assertAlmostEquals(Date.now(), Real.now() - 60_250, 1_000);
    assertAlmostEquals(new Date().getTime(), Real.now() - 60_250, 1_000);
    assertEquals(new Date(2_020, 1, 29, 12).getTime(), new Real(2_020, 1, 29, 12).getTime());
    assertEquals(new Date("2020-02-29T12:00:00Z").toISOString(), "2020-02-29T12:00:00.000Z");
    assertEquals(new Date(5).getTime(), 5);
    assert(new Date(5) instanceof Real && Date.parse("2020-01-01") === Date.UTC(2_020));
  } finally {
    globalThis.Date = Real;
  }
});
