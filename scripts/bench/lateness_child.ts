// Measures how late timers or schedulers wake up: some one by one while all others wait, then all others at once.
// Arguments: which, and how many in all.

import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { answer, collectGarbage } from "./child.ts";
import { optionsOf, startAll } from "./schedulers.ts";
import { type Lateness, Slots } from "./slots.ts";

/** What is measured. */
export type Waker = "timers" | "schedulers";

/** How late they were in each of the two phases. */
export interface Latenesses {
  readonly quiet: Lateness;
  readonly burst: Lateness;
}

/** So few that the processor is mostly idle. */
export const QUIET = { count: 3_000, spreadMs: 6_000 };

/** For all the rest. */
export const BURST_MS = 2_000;

/** So long that the checks halfway between two runs come before or after all that is measured. */
const INTERVAL_MS = 600_000;
const MARGIN_MS = 2_000;

/** Both phases, as one row of due times. */
class Phases {
  readonly #quiet: Slots;
  readonly #burst: Slots;
  readonly count: number;

  constructor(firstMs: number, count: number) {
    this.count = count;
    this.#quiet = new Slots(firstMs, QUIET.spreadMs, QUIET.count);
    this.#burst = new Slots(firstMs + QUIET.spreadMs + 1_000, BURST_MS, count - QUIET.count);
  }

  /** The due time of one. */
  at(index: number): number {
    return index < QUIET.count ? this.#quiet.at(index) : this.#burst.at(index - QUIET.count);
  }

  /** Notes that one is kept now. */
  keep(index: number): void {
    if (index < QUIET.count) this.#quiet.keep(index);
    else this.#burst.keep(index - QUIET.count);
  }

  /** Resolves with the figures when each is kept. */
  async latenesses(): Promise<Latenesses> {
    await collectGarbage();
    this.#quiet.checkReady();
    return { quiet: await this.#quiet.lateness(), burst: await this.#burst.lateness() };
  }
}

function setTimers(phases: Phases): void {
  for (let index = 0; index < phases.count; index++) {
    setTimeout(() => phases.keep(index), phases.at(index) - Date.now());
  }
}

/** How long the first runs of many take together, judged by those of some. */
async function firstRunsMs(count: number): Promise<number> {
  let takenMs = 0;
  // the first time warms up
  for (const some of [2_000, 4_000]) {
    const schedulers = Array.from({ length: some }, () => {
      return new NeatPeriodicTaskScheduler(optionsOf("warm-up", INTERVAL_MS, () => {}));
    });
    const startedMs = performance.now();
    await startAll(schedulers);
    takenMs = (performance.now() - startedMs) * count / some;
  }
  return takenMs;
}

/** A scheduler that finds a run overdue, so that it makes one when it is started, and then waits for its slot. */
async function scheduler(phases: Phases, index: number, store: MemoryStore): Promise<NeatPeriodicTaskScheduler> {
  const name = `task-${index}`;
  const slotMs = phases.at(index);
  const scheduled = new Date(slotMs - 2 * INTERVAL_MS).toISOString();
  const owner = "AAAAAAAAAAAAAAAAAAAAAA";
  const record = { format: "neat-periodic-task-status", version: 1, state: "finished", started: scheduled, owner };
  await store.write(name, new TextEncoder().encode(JSON.stringify({ ...record, scheduled })), null);
  const options = optionsOf(name, INTERVAL_MS, (run) => {
    if (run.scheduled.getTime() === slotMs) phases.keep(index);
  });
  return new NeatPeriodicTaskScheduler({ ...options, store });
}

async function startSchedulers(phases: Phases): Promise<void> {
  const store = new MemoryStore();
  const schedulers: NeatPeriodicTaskScheduler[] = [];
  for (let index = 0; index < phases.count; index++) schedulers.push(await scheduler(phases, index, store));
  await startAll(schedulers);
}

async function measure(waker: Waker, count: number): Promise<Latenesses> {
  const isTimers = waker === "timers";
  const preparationMs = isTimers ? 0 : Math.round(1.2 * await firstRunsMs(count));
  const phases = new Phases(Date.now() + preparationMs + MARGIN_MS, count);
  if (isTimers) setTimers(phases);
  else await startSchedulers(phases);
  return await phases.latenesses();
}

if (import.meta.main) await answer(() => measure(Deno.args[0] as Waker, Number(Deno.args[1])));
