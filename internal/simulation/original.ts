import type { Clock, StatusStore } from "../../mod.ts";

/** Options of {@linkcode Original}. Lengths are in milliseconds. */
export interface OriginalOptions {
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  /** 5 minutes if absent. */
  readonly minCycle?: number;
  readonly store: StatusStore;
  readonly clock: Clock;
  /** Must not fail, and must take less than the timeout. */
  readonly task: () => Promise<void>;
}

/** The fields of the record that decisions need. */
interface OriginalRecord {
  readonly state: "idle" | "running" | "finished";
  readonly startedMs: number;
}

const MIN_CYCLE_MS = 5 * 60_000;
const MAX_CYCLE_MS = 3 * 3_600_000;

/**
 * A model of one replica of the Dart original, with a store that never fails.
 *
 * The next run is due an interval after the start of the last one. Until then it sleeps for half of the whole delay, even if
 * less is left. So it notices late that a run is due, and its runs drift. A replica that finds a run due claims it at once, and
 * reads again at once after a conflict or a run.
 */
export class Original {
  readonly #options: OriginalOptions;
  /** The version that was last read or written. */
  #version: string | null = null;

  constructor(options: OriginalOptions) {
    this.#options = options;
  }

  /** Starts the loop, which never ends. */
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

  async #read(): Promise<OriginalRecord> {
    const { store, name } = this.#options;
    const entry = await store.read(name);
    this.#version = entry?.version ?? null;
    return entry ? JSON.parse(new TextDecoder().decode(entry.value)) : { state: "idle", startedMs: -Infinity };
  }

  /** Writes a record and returns whether the remembered version was still current. */
  async #write(next: OriginalRecord): Promise<boolean> {
    const { store, name } = this.#options;
    const version = await store.write(name, new TextEncoder().encode(JSON.stringify(next)), this.#version);
    this.#version = version ?? this.#version;
    return version !== null;
  }
}
