import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { MeteredStore } from "./metered_store.ts";
import { Original } from "./original.ts";
import { seeded } from "./random.ts";
import { SILENT } from "./schedulers.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Whose replicas. */
export type Maker = "this package" | "original";

/** What all replicas are told, and how long the task takes. Lengths are in milliseconds. */
export interface Setting {
  readonly interval: number;
  readonly timeout: number;
  readonly minCycle?: number;
  readonly taskMs: number;
}

/** What came of it, from the first start on. */
export interface Outcome {
  readonly runs: number;
  readonly reads: number;
  readonly writes: number;
  readonly conflicts: number;
  /** Runs that began while another was going on. */
  readonly overlaps: number;
  /** Runs for a slot that had one already. */
  readonly repeated: number;
  /** Slots without a run. */
  readonly missed: number;
}

/** The replicas start one after another in this time. */
export const START_MS = 60_000;

/** How far the clocks of the replicas' hosts are ahead at the most. */
export const AHEAD_MS = 100;

const BEGIN_MS = Date.parse("2026-01-31T12:00:00Z");

/** Simulates replicas of a task on one store; the same seed gives the same outcome. */
export async function simulate(
  maker: Maker,
  replicas: number,
  { taskMs, ...lengths }: Setting,
  spanMs: number,
  seed: number,
): Promise<Outcome> {
  const time = new VirtualTime();
  const random = seeded(seed);
  const store = new MeteredStore(time, random);
  const slots = new Set<number>();
  let [runs, running, overlaps] = [0, 0, 0];
  const run = async (slotMs: number): Promise<void> => {
    runs++;
    slots.add(slotMs);
    if (running++ > 0) overlaps++;
    await time.delay(taskMs);
    running--;
  };
  for (let index = 0; index < replicas; index++) {
    const clock = time.clock({
      beginMs: BEGIN_MS + Math.round(AHEAD_MS * random()),
      random: seeded(Math.floor(2 ** 32 * random())),
    });
    const told = { ...lengths, name: "shared", store, clock };
    const replica = maker === "original"
      // it has no slots, so each run is one
      ? new Original({ ...told, task: () => run(runs) })
      : new NeatPeriodicTaskScheduler({ ...told, log: SILENT, task: ({ scheduled }) => run(scheduled.getTime()) });
    void time.delay(START_MS * index / replicas).then(() => replica.start());
  }
  // none is stopped: with their time, all of them end
  await time.runUntil(spanMs);
  const { reads, writes, conflicts } = store;
  const missed = Math.round(spanMs / lengths.interval) - slots.size;
  return { runs, reads, writes, conflicts, overlaps, repeated: runs - slots.size, missed };
}
