/**
 * A model of a replica of Dart's neat_periodic_task, after its published algorithm.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { newId } from "../record/ids.ts";
import type { StatusStore } from "../store/store.ts";

/** Options of a {@linkcode DartReplica}. */
export interface DartReplicaOptions {
  /** The name of the task: the key of its record. */
  readonly name: string;
  /** The time between the starts of two runs. */
  readonly intervalMs: number;
  /** How long a run may take. */
  readonly timeoutMs: number;
  /** The shortest time between two checks.  @default {5 minutes} */
  readonly minCycleMs?: number | undefined;
  /** The longest time between two checks.  @default {3 hours} */
  readonly maxCycleMs?: number | undefined;
  /** Where the record lives. */
  readonly store: StatusStore;
  /** The clock to reckon with. */
  readonly clock: Clock;
  /** Called with each ALIVE line. */
  readonly log?: ((message: string) => void) | undefined;
  /** The task, called with the owner of its claim. */
  readonly task: (owner: string) => Promise<unknown>;
}

interface DartStatus {
  readonly version: number;
  readonly state: string;
  readonly startedMs: number;
  readonly owner: string;
}

const MIN_CYCLE_MS = 5 * 60_000;
const MAX_CYCLE_MS = 3 * 3_600_000;
const NEVER_RUN: DartStatus = { version: 1, state: "idle", startedMs: 0, owner: "-" };
/** How many attempts the store client makes for a call, and the first and longest wait between them. */
const ATTEMPTS = 8;
const RETRY_MS = 400;
const MAX_RETRY_MS = 30_000;
/** How long the store client waits for the answer to a call. */
const CALL_LIMIT_MS = 20_000;

/**
 * One replica of Dart's neat_periodic_task.
 *
 * It differs from a scheduler of this package in what benchmarks measure and simulations allow for:
 *
 * - The interval counts from the start of the last run. A check that finds the run not due sleeps for half of the interval (or
 *   of the timeout, if the last run did not finish), but at least `minCycle` and at most `maxCycle`. The length of a run and the
 *   delay of a check delay all later runs.
 * - A failed iteration is repeated immediately.
 * - Its store client repeats a call that fails, and may take its own write for a conflict.
 * - A task that exceeds its timeout goes on beside its successors. There is no heartbeat and no term.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { DartReplica } from "./dart_replica.ts";
 * import { VirtualClock } from "./virtual_clock.ts";
 *
 * const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 31) });
 * let runs = 0;
 * const task = () => Promise.resolve(runs++);
 * const options = { name: "hourly", intervalMs: 3_600_000, timeoutMs: 60_000, store: new MemoryStore(), clock, task };
 * const replica = new DartReplica(options);
 * const ended = replica.start();
 * await clock.runUntil(24 * 3_600_000);
 * console.assert(runs === 24);
 * await replica.stop();
 * await ended;
 * ```
 */
export class DartReplica {
  readonly #options: DartReplicaOptions;
  /** The version that its client remembers from the last read or write. */
  #version: string | null = null;
  #isStopping = false;
  #wake: () => void = () => {};
  #resolveStopped: () => void = () => {};
  readonly #stopped: Promise<void> = new Promise((resolve) => this.#resolveStopped = resolve);

  /** Creates a replica. Nothing happens before `start()`. */
  constructor(options: DartReplicaOptions) {
    this.#options = options;
  }

  /** Checks the record and runs the task until `stop()` is called. */
  async start(): Promise<void> {
    while (!this.#isStopping) {
      await this.#iterate().catch(() => {});
    }
    this.#resolveStopped();
  }

  /** Ends the loop after the iteration in progress. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#stopped;
  }

  /** Runs the task now, unless the record says that it is running. */
  async trigger(): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    const status = await this.#read();
    const nowMs = clock.nowMs();
    if (status.state !== "running" || nowMs - status.startedMs > timeoutMs) await this.#claimAndRun(nowMs);
  }

  async #iterate(): Promise<void> {
    const { clock, name, log, intervalMs, timeoutMs } = this.#options;
    const { minCycleMs = MIN_CYCLE_MS, maxCycleMs = MAX_CYCLE_MS } = this.#options;
    const { version, state, startedMs } = await this.#read();
    if (version > 1) return await this.#sleep(intervalMs);
    const nowMs = clock.nowMs();
    const delayMs = state === "finished" ? intervalMs : timeoutMs;
    if (nowMs - startedMs >= delayMs) return await this.#claimAndRun(nowMs);
    if (state === "finished") log?.(`### [ALIVE] neat-periodic-task: "${name}"`);
    await this.#sleep(Math.min(Math.max(Math.trunc(delayMs / 2), minCycleMs), maxCycleMs));
  }

  async #claimAndRun(startedMs: number): Promise<void> {
    const { task, timeoutMs } = this.#options;
    const claim: DartStatus = { version: 1, state: "running", startedMs, owner: newId() };
    if (!await this.#write(claim)) return;
    try {
      await this.#within(timeoutMs, () => task(claim.owner));
    } catch {
      return;
    }
    await this.#write({ ...claim, state: "finished" });
  }

  async #sleep(delayMs: number): Promise<void> {
    const { clock } = this.#options;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = clock.setTimer(resolve, delayMs);
      if (this.#isStopping) resolve();
    });
    clock.clearTimer(timer);
  }

  async #read(): Promise<DartStatus> {
    const { store, name } = this.#options;
    const entry = await this.#withRetries(() => store.read(name));
    this.#version = entry?.version ?? null;
    return entry ? statusOf(entry.value) : NEVER_RUN;
  }

  /** Returns whether the record was still at the version that the client remembers. */
  async #write({ version, state, startedMs, owner }: DartStatus): Promise<boolean> {
    const { store, name } = this.#options;
    // Dart writes microseconds
    const started = new Date(startedMs).toISOString().replace("Z", "417Z");
    const record = { format: "neat-periodic-task-status", version, state, started, owner };
    const value = new TextEncoder().encode(JSON.stringify(record));
    const written = await this.#withRetries(() => store.write(name, value, this.#version));
    this.#version = written ?? this.#version;
    return written !== null;
  }

  async #withRetries<T>(call: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#within(CALL_LIMIT_MS, call);
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        const waitMs = Math.min(RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS) * (0.75 + 0.5 * clock.random());
        await new Promise<void>((resolve) => void clock.setTimer(resolve, waitMs));
      }
    }
  }

  /** Waits for a promise; rejects if it takes longer than a limit. */
  async #within<T>(limitMs: number, call: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    let timer: unknown;
    const limit = new Promise<never>((_, reject) => {
      timer = clock.setTimer(() => reject(new Error(`It took longer than ${limitMs} ms`)), limitMs);
    });
    const settled = call();
    // it may reject after the limit
    settled.catch(() => {});
    try {
      return await Promise.race([settled, limit]);
    } finally {
      clock.clearTimer(timer);
    }
  }
}

/** Reads a record; what it cannot read counts as never run. */
function statusOf(value: Uint8Array): DartStatus {
  try {
    const fields = JSON.parse(new TextDecoder().decode(value));
    const startedMs = Date.parse(fields.started);
    const isStatus = fields.format === "neat-periodic-task-status" && fields.version >= 1;
    if (!isStatus || Number.isNaN(startedMs)) return NEVER_RUN;
    return { version: fields.version, state: fields.state, startedMs, owner: fields.owner };
  } catch {
    return NEVER_RUN;
  }
}
