// Options that are legal but surely unwanted are warned of.

import { assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../mod.ts";
import { KeptLog } from "./helpers/log.ts";
import { ScriptedStore } from "./helpers/scripted_store.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

const HOUR = 3_600_000;

function warnings(options: Partial<IntervalTaskOptions>): string[] {
  const log = new KeptLog();
  new NeatPeriodicTaskScheduler({ name: "unwanted", interval: HOUR, timeout: 60_000, log, task: () => {}, ...options });
  return log.lines;
}

const UNWANTED: [options: Partial<IntervalTaskOptions>, warning: string][] = [
  [{ timeout: 5, store: new ScriptedStore() }, '"timeout" of 5 ms leaves little time for the store'],
  [
    { heartbeatTimeout: 20, store: new ScriptedStore() },
    '"heartbeatTimeout" of 20 ms leaves little time for the store',
  ],
  [{ timeout: 2 * HOUR }, '"timeout" of 7200000 ms is longer than the interval of 3600000 ms'],
  [
    { heartbeatTimeout: 120_000, store: new ScriptedStore() },
    '"heartbeatTimeout" of 120000 ms is longer than the timeout of 60000 ms',
  ],
];

for (const [options, warning] of UNWANTED) {
  Deno.test(`a scheduler warns once that ${warning}`, () => {
    const lines = warnings(options);
    assertEquals(lines.length, 1, lines.join("\n"));
    assertEquals(lines[0]!.startsWith(`warn: neat-periodic-task "unwanted": ${warning}`), true, lines[0]);
  });
}

Deno.test("a scheduler of usual options warns of nothing", () => {
  assertEquals(warnings({}), []);
  assertEquals(warnings({ store: new ScriptedStore(), timeout: 1_000 }), []);
  // without a store nothing has to be waited for
  assertEquals(warnings({ timeout: 5 }), []);
});

Deno.test("a claim that is answered after its timeout is warned of, and starts no run", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  let runs = 0;
  store.script = async () => {
    await virtual.delay(900);
    return undefined;
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "late",
    interval: HOUR,
    timeout: 1_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => void runs++,
  });
  scheduler.start();
  await virtual.advance(10_000);
  const before = runs;
  // answers come just in time for a call, and too late for a run
  store.script = async (call) => {
    if (call === "write") {
      await virtual.delay(999);
      virtual.nowMs += 1;
    }
    return undefined;
  };
  await virtual.advance(2 * HOUR);
  assertEquals(runs, before);
  assertEquals(log.count("the claim was answered too late") > 0, true, log.lines.join("\n"));
  await Promise.all([scheduler.stop({ abort: true, timeout: 1_000 }), virtual.advance(HOUR)]);
});
