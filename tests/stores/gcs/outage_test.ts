import { assert, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { SILENT } from "../../helpers/log.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { setUp, storeOn } from "./setup.ts";

/** Lets fake time pass from timer to timer, with microtasks only, as all calls are in memory. */
async function pass(time: FakeTime, ms: number): Promise<void> {
  const untilMs = time.now + ms;
  do await manyTurns(); while (time.now < untilMs && time.next());
}

async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await undefined;
}

const OUTAGES: Readonly<Record<string, () => Promise<Response>>> = {
  "no connection": () => Promise.reject(new TypeError("fetch failed")),
  "HTTP 503": () => Promise.resolve(new Response(null, { status: 503 })),
  "HTTP 429": () => Promise.resolve(new Response(null, { status: 429 })),
};

for (const [what, answer] of Object.entries(OUTAGES)) {
  Deno.test(`10 minutes of ${what} cost less than one attempt a second, and the task runs soon afterwards`, async () => {
    for (const fromMs of [0, 31_000]) {
      using time = new FakeTime();
      const { service } = setUp();
      const at: number[] = [];
      const fetch = faultFetch(service);
      const store = storeOn(service, {
        fetch: (input, init) => {
          const ms = time.now - time.start - fromMs;
          if (ms < 0 || ms >= 600_000) return fetch(input, init);
          at.push(ms);
          return answer();
        },
      });
      const runs: number[] = [];
      const scheduler = new NeatPeriodicTaskScheduler({
        name: "task",
        interval: { seconds: 10 },
        timeout: { seconds: 5 },
        minCycle: { seconds: 1 },
        store,
        log: SILENT,
        task: () => void runs.push(time.now - time.start - fromMs),
      });
      scheduler.start();
      await pass(time, fromMs + 660_000);
      assertGreater(at.length, 120);
      assertLess(at.length, 540);
      for (let second = 0; second < 600; second++) {
        const within = at.filter((ms) => Math.floor(ms / 1_000) === second).length;
        assertLessOrEqual(within, 7, `second ${second}`);
      }
      const firstRun = runs.find((ms) => ms >= 600_000);
      // a call that waits before a retry ends first
      assert(firstRun !== undefined && firstRun < 600_000 + 10_000 + 8_000, `the first run was at ${firstRun} ms`);
      await Promise.all([scheduler.stop(), pass(time, 1_000)]);
    }
  });
}
