import { assert, assertEquals } from "@std/assert";
import { DartReplica } from "../../src/simulator/dart_replica.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";
import { FaultyStore } from "../../src/testing/mod.ts";
import { MemoryStore } from "../../mod.ts";

const HOUR_MS = 3_600_000;

Deno.test("DartReplica counts the interval from the start of a run that was late", async () => {
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 31) });
  const starts: number[] = [];
  const task = (): Promise<void> => {
    starts.push(clock.elapsedMs);
    // its timeout ends the wait, and the record stays `running`
    return starts.length === 1 ? new Promise(() => {}) : clock.delay(1_000);
  };
  const lines: string[] = [];
  const store = new FaultyStore(new MemoryStore(), { clock });
  const log = (line: string): void => void lines.push(line);
  const replica = new DartReplica({ name: "task", intervalMs: HOUR_MS, timeoutMs: 60_000, store, clock, log, task });
  void replica.start();
  await clock.runUntil(3 * HOUR_MS);
  assertEquals(starts, [0, 60_000, 60_000 + HOUR_MS + 1_000, 60_000 + 2 * HOUR_MS + 2_000]);
  assert(lines.length > 0 && lines.every((line) => line === '### [ALIVE] neat-periodic-task: "task"'));
  const stopped = replica.stop();
  await clock.advance(0);
  await stopped;
});
