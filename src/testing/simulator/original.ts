/**
 * A model of a replica of the Dart original, after its published algorithm.
 *
 * @module
 */
import type { Clock } from "../../time/clock.ts";
import { newId } from "../../record/ids.ts";
import type { StatusStore } from "../../store/store.ts";
import type { Lengths } from "./lengths.ts";

/** What it is told. */
export interface OriginalOptions {
  readonly name: string;
  readonly lengths: Lengths;
  readonly clock: Clock;
  readonly store: StatusStore;
  readonly log: (message: string) => void;
  readonly task: (owner: string) => Promise<void>;
}

interface DartStatus {
  readonly version: number;
  readonly state: string;
  readonly startedMs: number;
  readonly owner: string;
}

const NEVER: DartStatus = { version: 1, state: "idle", startedMs: 0, owner: "-" };
/** How often, and how patiently, its provider repeats a call. */
const ATTEMPTS = 8;
const RETRY_MS = 400;
const MAX_RETRY_MS = 30_000;

/**
 * One replica of the original. Its provider repeats each call that fails, so that a write may be taken for a conflict with
 * itself; a task that exceeds its timeout goes on beside its successors; and an iteration that fails is repeated at once.
 */
export class Original {
  readonly #options: OriginalOptions;
  /** What its provider remembers. */
  #version: string | null = null;
  #stopping: (() => void) | undefined;
  #isStopping = false;
  readonly #stopped: Promise<void>;
  #hasStopped!: () => void;

  constructor(options: OriginalOptions) {
    this.#options = options;
    this.#stopped = new Promise((resolve) => this.#hasStopped = resolve);
  }

  /** Loops until it is stopped. */
  async start(): Promise<void> {
    while (!this.#isStopping) {
      await this.#iterate().catch(() => {});
    }
    this.#hasStopped();
  }

  /** Ends the loop after its present iteration. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopping?.();
    await this.#stopped;
  }

  /** Runs the task, unless it is running. */
  async trigger(): Promise<void> {
    const { clock, lengths: { timeoutMs } } = this.#options;
    const status = await this.#read();
    const nowMs = clock.nowMs();
    if (status.state !== "running" || nowMs - status.startedMs > timeoutMs) await this.#claimAndRun(nowMs);
  }

  async #iterate(): Promise<void> {
    const { clock, name, log, lengths: { intervalMs, timeoutMs, minCycleMs, maxCycleMs } } = this.#options;
    const { version, state, startedMs } = await this.#read();
    if (version > 1) return await this.#sleep(intervalMs);
    const nowMs = clock.nowMs();
    const delayMs = state === "finished" ? intervalMs : timeoutMs;
    if (nowMs - startedMs >= delayMs) return await this.#claimAndRun(nowMs);
    if (state === "finished") log(`### [ALIVE] neat-periodic-task: "${name}"`);
    await this.#sleep(Math.min(Math.max(Math.trunc(delayMs / 2), minCycleMs), maxCycleMs));
  }

  async #claimAndRun(startedMs: number): Promise<void> {
    const { task, clock, lengths: { timeoutMs } } = this.#options;
    const claim: DartStatus = { version: 1, state: "running", startedMs, owner: newId() };
    if (!await this.#write(claim)) return;
    let timer: unknown;
    const late = new Promise<never>((_, reject) => timer = clock.setTimer(() => reject(new Error("late")), timeoutMs));
    const body = task(claim.owner);
    try {
      await Promise.race([body, late]);
    } catch {
      return;
    } finally {
      clock.clearTimer(timer);
      body.catch(() => {});
      late.catch(() => {});
    }
    await this.#write({ ...claim, state: "finished" });
  }

  async #sleep(delayMs: number): Promise<void> {
    const { clock } = this.#options;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      this.#stopping = resolve;
      timer = clock.setTimer(resolve, delayMs);
      if (this.#isStopping) resolve();
    });
    clock.clearTimer(timer);
  }

  async #read(): Promise<DartStatus> {
    const { store, name } = this.#options;
    const entry = await this.#persistently(() => store.read(name));
    this.#version = entry?.version ?? null;
    try {
      const fields = JSON.parse(new TextDecoder().decode(entry!.value));
      const startedMs = Date.parse(fields.started);
      if (fields.format !== "neat-periodic-task-status" || fields.version < 1 || Number.isNaN(startedMs)) return NEVER;
      return { version: fields.version, state: fields.state, startedMs, owner: fields.owner };
    } catch {
      return NEVER;
    }
  }

  async #write({ version, state, startedMs, owner }: DartStatus): Promise<boolean> {
    const { store, name } = this.#options;
    // Dart writes as many digits as there are
    const started = new Date(startedMs).toISOString().replace("Z", "417Z");
    const record = { format: "neat-periodic-task-status", version, state, started, owner };
    const value = new TextEncoder().encode(JSON.stringify(record));
    const written = await this.#persistently(() => store.write(name, value, this.#version));
    this.#version = written ?? this.#version;
    return written !== null;
  }

  /** A call that never answers is given up by the client below it. */
  async #persistently<T>(call: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#limited(call);
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        const waitMs = Math.min(RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS) * (0.75 + 0.5 * clock.random());
        await new Promise<void>((resolve) => void clock.setTimer(resolve, waitMs));
      }
    }
  }

  async #limited<T>(call: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    let timer: unknown;
    const limit = new Promise<never>((_, reject) => timer = clock.setTimer(() => reject(new Error("limit")), 20_000));
    try {
      return await Promise.race([call(), limit]);
    } finally {
      clock.clearTimer(timer);
    }
  }
}
