// What docs/testing.md shows.
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";

Deno.test("the report is sent every hour", async () => {
  using time = new FakeTime();
  let sent = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "report",
    interval: { hours: 1 },
    timeout: { seconds: 10 },
    task: () => sent++,
  });
  scheduler.start();
  await time.runMicrotasks(); // the first run is due at once
  assertEquals(sent, 1);

  await time.tickAsync(3_600_000); // the timers fire ...
  await time.runMicrotasks(); // ... and what waited for them goes on
  assertEquals(sent, 2);
});

Deno.test("a report that hangs is given up after ten seconds", async () => {
  using time = new FakeTime();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "report",
    interval: { hours: 1 },
    timeout: { seconds: 10 },
    task: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
  });
  const triggered = scheduler.trigger(); // one run now, without the loop
  await time.tickAsync(10_000);
  assertEquals((await triggered).outcome, "timeout");
});
