/**
 * The watches of a simulated store, and how their hints go wrong.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import type { FaultName } from "./fault_names.ts";
import type { Machine } from "./machine.ts";
import { NetworkError } from "./network.ts";
import type { Process } from "./process.ts";
import { RandomStream } from "./random_stream.ts";

/** What can go wrong with a hint, or with the watch that gives it. */
const HINT_FAULTS = ["loseHint", "lateHint", "doubleHint", "watchEnds", "watchFails", "watchHangs"] as const;
/** What a watch does without a change of the record. */
const OWN_FAULTS = ["falseHint", "falseHint", "floodOfHints"] as const;

/** How long a flood of hints lasts at most. */
const MAX_FLOOD_MS = 20_000;
const MAX_DELAY_MS = 60_000;

/** The watches of a store. */
export class Watches {
  readonly #environment: Environment;
  readonly #watches: Set<SimulatedWatch> = new Set();
  readonly #randoms: Map<Machine, RandomStream> = new Map();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Starts a watch in a process. */
  start(process: Process, signal: AbortSignal | undefined): AsyncIterable<void> {
    const { machine } = process;
    const random = this.#randoms.get(machine) ??
      new RandomStream(this.#environment.plan.seed, "hints", machine.index);
    this.#randoms.set(machine, random);
    const watch = new SimulatedWatch(this.#environment, process, random, signal);
    this.#watches.add(watch);
    return { [Symbol.asyncIterator]: () => watch };
  }

  /** Gives a hint to all watches. */
  changed(): void {
    for (const watch of this.#watches) {
      if (watch.isOver) this.#watches.delete(watch);
      else watch.changed();
    }
  }
}

type Result = IteratorResult<void, void>;

/** One watch in a process. */
class SimulatedWatch implements AsyncIterator<void, void> {
  /** Whether it gives no hint any more. */
  isOver = false;
  readonly #environment: Environment;
  readonly #process: Process;
  readonly #random: RandomStream;
  #error: Error | undefined;
  #hasHint = false;
  #floodUntilMs = -Infinity;
  #settle: ((how: () => Result | Promise<Result>) => void) | undefined;

  constructor(environment: Environment, process: Process, random: RandomStream, signal: AbortSignal | undefined) {
    this.#environment = environment;
    this.#process = process;
    this.#random = random;
    signal?.addEventListener("abort", () => {
      this.isOver = true;
      if (process.machine.traits.obeysSignals) this.#wake();
    });
    // it fails at its start at times
    this.#disturb(random.chance(0.2) ? "watchFails" : undefined);
    this.#scheduleOwnFault();
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#settle = (how) => {
        this.#settle = undefined;
        try {
          resolve(how());
        } catch (error) {
          reject(error);
        }
      };
      this.#wake();
    });
  }

  return(): Promise<Result> {
    this.isOver = true;
    // some watches take long to end
    if (!this.#process.machine.traits.obeysSignals && this.#random.chance(0.3)) return new Promise(() => {});
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The record has changed. */
  changed(): void {
    const { plan: { network, store }, network: { outage } } = this.#environment;
    const latencyMs = network.latencyMs * (0.5 + this.#random.next());
    const isFaulty = this.#random.chance(store.hintFaultRate);
    const fault = this.#random.pick(HINT_FAULTS);
    const lateMs = this.#random.magnitude(100, MAX_DELAY_MS);
    if (outage || this.#process.machine.partition) return;
    if (!isFaulty || !this.#disturb(fault)) return this.#hint(latencyMs);
    if (fault === "lateHint") this.#hint(lateMs);
    if (fault === "doubleHint") [latencyMs, latencyMs + lateMs / 100].forEach((delayMs) => this.#hint(delayMs));
  }

  /** Makes a fault of the whole watch. Returns false if it is turned off. */
  #disturb(fault: FaultName | undefined): boolean {
    const { stats, plan: { faults, store }, isEnding } = this.#environment;
    if (!fault || !faults.has(fault) || store.hintFaultRate === 0 || isEnding) return false;
    stats.countFault(fault);
    if (fault === "watchFails") this.#error = new NetworkError("The watch failed");
    if (fault === "watchEnds" || fault === "watchFails" || fault === "watchHangs") this.isOver = true;
    if (fault !== "watchHangs") this.#wake();
    return true;
  }

  /** Now and then, gives hints without a change. */
  #scheduleOwnFault(): void {
    const { clock, plan: { settings } } = this.#environment;
    const waitMs = this.#random.magnitude(1_000, 20 * settings.intervalMs);
    const fault = this.#random.pick(OWN_FAULTS);
    const floodMs = this.#random.magnitude(1_000, MAX_FLOOD_MS);
    clock.after(waitMs, () => {
      if (this.isOver || this.#process.isDead || this.#environment.isEnding) return;
      if (this.#disturb(fault)) {
        if (fault === "floodOfHints") this.#floodUntilMs = this.#environment.nowMs + floodMs;
        this.#hint(0);
      }
      this.#scheduleOwnFault();
    });
  }

  #hint(afterMs: number): void {
    this.#environment.clock.after(afterMs, () =>
      this.#process.deliver(() => {
        if (this.isOver) return;
        this.#hasHint = true;
        this.#wake();
      }));
  }

  /** Answers a call of `next()`, if there is one and something to say. */
  #wake(): void {
    const error = this.#error;
    const settle = this.#settle;
    if (!settle) return;
    if (error) {
      return settle(() => {
        throw error;
      });
    }
    const isFlood = this.#environment.nowMs < this.#floodUntilMs;
    if (this.isOver) return settle(() => ({ done: true, value: undefined }));
    if (!this.#hasHint && !isFlood) return;
    this.#hasHint = false;
    settle(() => ({ done: false, value: undefined }));
  }
}
