import type { Clock, StatusStore } from "../../mod.ts";

/** What a replica of the original is told; the lengths are in milliseconds. */
export interface OriginalOptions {
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  /** 5 minutes if absent. */
  readonly minCycle?: number;
  readonly store: StatusStore;
  readonly clock: Clock;
  /** Never fails, and takes less than the timeout. */
  readonly task: () => Promise<void>;
}

/** As much of its record as its decisions need. */
interface Found {
  readonly state: "idle" | "running" | "finished";
  readonly startedMs: number;
}

const MIN_CYCLE_MS = 5 * 60_000;
const MAX_CYCLE_MS = 3 * 3_600_000;

/**
 * A model of one replica of the Dart original, with a store that never fails.
 *
 * It reckons from the start of the last run, and when the next is not due it sleeps for half of the whole delay, however
 * little is left of it. So it notices late that a run is due, and each run is due an interval after such a late one. Whoever
 * finds a run due claims it at once, and who is overtaken there or has ended a run reads again without a pause.
 */
export class Original {
  readonly #options: OriginalOptions;
  /** What a store of the original remembers: the version that it last read or wrote. */
  #version: string | null = null;

  constructor(options: OriginalOptions) {
    this.#options = options;
  }

  /** Begins the loop, which never ends. */
  async start(): Promise<void> {
    const { interval, timeout, minCycle = MIN_CYCLE_MS, clock, task } = this.#options;
    for (;;) {
      const { state, startedMs } = await this.#read();
      const nowMs = clock.nowMs();
      const delayMs = state === "finished" ? interval : timeout;
      if (nowMs - startedMs < delayMs) {
        const sleepMs = Math.min(Math.max(Math.trunc(delayMs / 2), minCycle), MAX_CYCLE_MS);
        await new Promise<void>((resolve) => void clock.setTimer(resolve, sleepMs));
      } else if (await this.#write({ state: "running", startedMs: nowMs })) {
        await task();
        await this.#write({ state: "finished", startedMs: nowMs });
      }
    }
  }

  async #read(): Promise<Found> {
    const { store, name } = this.#options;
    const entry = await store.read(name);
    this.#version = entry?.version ?? null;
    return entry ? JSON.parse(new TextDecoder().decode(entry.value)) : { state: "idle", startedMs: -Infinity };
  }

  /** Answers whether the record was still at the version that is remembered. */
  async #write(next: Found): Promise<boolean> {
    const { store, name } = this.#options;
    const version = await store.write(name, new TextEncoder().encode(JSON.stringify(next)), this.#version);
    this.#version = version ?? this.#version;
    return version !== null;
  }
}
