// Measures how late timers or schedulers wake up: first some, one by one, while all others wait, then all others.
// Arguments: "timers" or "schedulers", and their number.

import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { collectGarbage, printFigures } from "./child_process.ts";
import { DueTimes, type Lateness } from "./due_times.ts";
import { minimalOptions, startAll } from "./schedulers.ts";

/** What is measured. */
export type Waker = "timers" | "schedulers";

/** The lateness in the two phases. */
export interface Latenesses {
  readonly quiet: Lateness;
  readonly burst: Lateness;
}

/** The first phase: so few that the processor is mostly idle. */
export const QUIET = { count: 3_000, spreadMs: 6_000 };

/** The length of the second phase. */
export const BURST_MS = 2_000;

/** So long that the checks halfway between two runs come before or after the measurement. */
const INTERVAL_MS = 600_000;
const MARGIN_MS = 2_000;

/** The due times of both phases. */
class Phases {
  readonly #quiet: DueTimes;
  readonly #burst: DueTimes;
  readonly count: number;

  constructor(firstMs: number, count: number) {
    this.count = count;
    this.#quiet = new DueTimes(firstMs, QUIET.spreadMs, QUIET.count);
    this.#burst = new DueTimes(firstMs + QUIET.spreadMs + 1_000, BURST_MS, count - QUIET.count);
  }

  /** Returns a due time. */
  at(index: number): number {
    return index < QUIET.count ? this.#quiet.at(index) : this.#burst.at(index - QUIET.count);
  }

  /** Records that a due time is met now. */
  meet(index: number): void {
    if (index < QUIET.count) this.#quiet.meet(index);
    else this.#burst.meet(index - QUIET.count);
  }

  /** Resolves with the lateness when all due times are met. */
  async latenesses(): Promise<Latenesses> {
    await collectGarbage();
    this.#quiet.assertAhead();
    return { quiet: await this.#quiet.lateness(), burst: await this.#burst.lateness() };
  }
}

function setTimers(phases: Phases): void {
  for (let index = 0; index < phases.count; index++) {
    setTimeout(() => phases.meet(index), phases.at(index) - Date.now());
  }
}

/** Estimates how long the first runs of many schedulers take together. */
async function firstRunsMs(count: number): Promise<number> {
  let takenMs = 0;
  // the first time warms up
  for (const some of [2_000, 4_000]) {
    const schedulers = Array.from({ length: some }, () => {
      return new NeatPeriodicTaskScheduler(minimalOptions("warm-up", INTERVAL_MS, () => {}));
    });
    const startedMs = performance.now();
    await startAll(schedulers);
    takenMs = (performance.now() - startedMs) * count / some;
  }
  return takenMs;
}

/** Creates a scheduler with an overdue run: it runs as soon as it is started, and then waits for its due time. */
async function createScheduler(phases: Phases, index: number, store: MemoryStore): Promise<NeatPeriodicTaskScheduler> {
  const name = `task-${index}`;
  const dueMs = phases.at(index);
  const scheduled = new Date(dueMs - 2 * INTERVAL_MS).toISOString();
  const owner = "AAAAAAAAAAAAAAAAAAAAAA";
  const record = { format: "neat-periodic-task-status", version: 1, state: "finished", started: scheduled, owner };
  await store.write(name, new TextEncoder().encode(JSON.stringify({ ...record, scheduled })), null);
  const options = minimalOptions(name, INTERVAL_MS, (run) => {
    if (run.scheduled.getTime() === dueMs) phases.meet(index);
  });
  return new NeatPeriodicTaskScheduler({ ...options, store });
}

async function startSchedulers(phases: Phases): Promise<void> {
  const store = new MemoryStore();
  const schedulers: NeatPeriodicTaskScheduler[] = [];
  for (let index = 0; index < phases.count; index++) schedulers.push(await createScheduler(phases, index, store));
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

if (import.meta.main) await printFigures(() => measure(Deno.args[0] as Waker, Number(Deno.args[1])));
