// Records that someone has changed: no term repeats itself, no lease blocks for good, no record grows.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { parseRecord } from "../../src/record/parse.ts";
import { serialiseRecord } from "../../src/record/serialise.ts";
import { KeptLog } from "../helpers/log.ts";
import { bytesOf, ours, runningNow } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

function setting(store: ScriptedStore, virtual: VirtualTime, log: KeptLog, terms: number[]): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "tampered",
    interval: HOUR,
    timeout: 5 * MINUTE,
    store,
    clock: virtual.clock(),
    log,
    task: ({ term }) => void terms.push(term),
  });
}

for (const term of [2 ** 53 - 3, 2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 1e300]) {
  Deno.test(`a term of ${term} never repeats itself and never starts anew`, async () => {
    const virtual = new VirtualTime();
    const log = new KeptLog();
    const store = new ScriptedStore();
    await store.put("tampered", ours({ term, started: "2026-01-31T01:00:00.000Z", scheduled: undefined }));
    const terms: number[] = [];
    const schedulers = [0, 1].map(() => setting(store, virtual, log, terms));
    for (const scheduler of schedulers) scheduler.start();
    await virtual.advance(12 * HOUR);
    assertEquals(new Set(terms).size, terms.length);
    assert(
      terms.every((given, index) => Number.isSafeInteger(given) && given > (terms[index - 1] ?? term)),
      `${terms}`,
    );
    assert(
      log.lines.some((line) => line.startsWith("error") && line.includes("the highest term seen cannot rise")),
      log.lines[0],
    );
    await Promise.all([...schedulers.map((scheduler) => scheduler.stop()), virtual.advance(MINUTE)]);
  });
}

for (const lease of [27_000 * 365 * DAY, 100 * DAY]) {
  Deno.test(`a lease of ${lease / DAY} days is warned of and blocks an hourly task for a day at most`, async () => {
    const virtual = new VirtualTime();
    const log = new KeptLog();
    const store = new ScriptedStore();
    await store.put("tampered", runningNow({ lease }));
    const terms: number[] = [];
    const scheduler = setting(store, virtual, log, terms);
    scheduler.start();
    await virtual.advance(MINUTE);
    assertEquals(log.count("lease"), 1, log.lines.join("\n"));
    await virtual.advance(DAY + HOUR);
    assertEquals(terms.length > 0, true);
    await Promise.all([scheduler.stop(), virtual.advance(MINUTE)]);
  });
}

Deno.test("a lease longer than this replica's own, as of one before a deploy, is believed without a warning", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  await store.put("tampered", runningNow({ lease: 3 * HOUR }));
  const terms: number[] = [];
  const scheduler = setting(store, virtual, log, terms);
  scheduler.start();
  await virtual.advance(3 * HOUR - 1);
  assertEquals([terms, log.count("warn")], [[], 0]);
  await virtual.advance(MINUTE);
  assertEquals(terms.length, 1);
  await Promise.all([scheduler.stop(), virtual.advance(MINUTE)]);
});

Deno.test("a record of 20 runs and an error stays below 4 KiB whatever their characters", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 600 }),
    fc.constantFrom("\u{1F600}".repeat(300), "\u20ac".repeat(9), "\\".repeat(600), "é".repeat(9)),
  );
  const run = fc.record({
    start: fc.constantFrom("+275760-09-12T00:00:00.000Z", "2026-01-31T12:00:00.000Z"),
    length: fc.maxSafeNat(),
    outcome: text,
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 20, maxLength: 30 }), text, text, text, (recent, error, owner, write) => {
      const status = parseRecord(
        bytesOf(ours({ recent, error, owner, write, term: 2 ** 53 - 2, failures: 2 ** 53 - 2 })),
      );
      if (!status || status.kind) return;
      const { length } = serialiseRecord(status);
      assert(length <= 4_096, `${length} bytes`);
    }),
    { numRuns: 2_000 },
  );
});
