/**
 * A store whose calls fail on purpose.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { checkFault, type Fault, FAULT_KINDS, type FaultKind, type StoreCall } from "./fault.ts";
import { type Effect, FaultInjector } from "./fault_injection.ts";
import { FaultPlan, type FaultPlanOptions } from "./fault_plan.ts";
import { checkStoreShape, hasMethods } from "./store_shape.ts";

/** Options of a {@linkcode FaultyStore}. */
export interface FaultyStoreOptions extends FaultPlanOptions {
  /** The clock of the delays.  @default {the system's} */
  readonly clock?: Clock | undefined;
}

const OPTION_TYPES: OptionTypes = {
  script: "function",
  seed: "number",
  random: "function",
  rates: "object",
  maxDelay: "any",
  clock: "any",
};

const CREATE = "create the faulty store";

/** Which calls fail: those of the plan, none, or all with the same fault. */
type Mode = "planned" | "healthy" | { readonly fault: Fault };

/**
 * Wraps a store and makes its calls fail: by a script, at random from a seed, or all of them while the store is down.
 *
 * A call fails before or after it takes effect, is delayed, is answered late or never, or takes effect after its caller has
 * given up. All else is passed on unchanged, also the signal. Delays use `clock`. With a seed, the same calls have the same
 * faults in every run. Without a script, seed or random source no call fails until {@linkcode FaultyStore.breakDown}.
 *
 * @example A write whose answer is lost
 * ```ts
 * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { FaultyStore } from "@neat/periodic-task/testing";
 *
 * const store = new FaultyStore(new MemoryStore(), {
 *   script: ({ kind, count }) => kind === "write" && count === 2 ? { kind: "failAfter" } : undefined,
 * });
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store,
 *   log: { debug() {}, info() {}, warn() {}, error() {} },
 *   task: () => {},
 * });
 * // the scheduler reads the record and finds its own
 * const { outcome } = await scheduler.trigger();
 * console.assert(outcome === "finished");
 * console.assert(store.faults.failAfter === 1);
 * ```
 *
 * @example Random faults, the same in every run
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { FaultyStore } from "@neat/periodic-task/testing";
 *
 * async function failures(seed: number): Promise<number[]> {
 *   const store = new FaultyStore(new MemoryStore(), { seed, rates: { failBefore: 0.3 } });
 *   const failed: number[] = [];
 *   for (let call = 1; call <= 100; call++) await store.read("backup").catch(() => failed.push(call));
 *   return failed;
 * }
 *
 * console.assert(`${await failures(7)}` === `${await failures(7)}`);
 * console.assert(`${await failures(7)}` !== `${await failures(8)}`);
 * ```
 */
export class FaultyStore implements StatusStore {
  readonly #store: StatusStore;
  readonly #plan: FaultPlan;
  readonly #injector: FaultInjector;
  readonly #calls = { read: 0, write: 0 };
  readonly #faults: Record<FaultKind, number>;
  #mode: Mode = "planned";

  /**
   * Wraps a store.
   *
   * @param store The store that keeps the records.
   * @param options Which calls fail.
   * @throws {TypeError} If an option is unknown, of the wrong type or lacks another one.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(store: StatusStore, options: FaultyStoreOptions = {}) {
    checkStoreShape(store, CREATE);
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { clock = systemClock } = options;
    if (!hasMethods(clock, "setTimer", "clearTimer")) {
      throw new TypeError(cannot(CREATE, '"clock" must be { setTimer(), clearTimer() }', clock));
    }
    this.#store = store;
    this.#plan = new FaultPlan(options);
    this.#injector = new FaultInjector(clock);
    this.#faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  /** The number of calls of each method. */
  get calls(): { readonly read: number; readonly write: number } {
    return { ...this.#calls };
  }

  /** The number of faults of each kind. */
  get faults(): Readonly<Record<FaultKind, number>> {
    return { ...this.#faults };
  }

  /** The number of writes that have failed for their callers and have yet to take effect. */
  get landing(): number {
    return this.#injector.lateWrites;
  }

  /**
   * Makes every call fail in the same way from now on, regardless of script and seed.
   *
   * @param fault How calls fail; by default before they take effect.
   * @throws {TypeError} If it is not a fault.
   * @throws {RangeError} If its kind is unknown or its delay can't be used.
   */
  breakDown(fault: Fault = { kind: "failBefore" }): void {
    checkFault(fault);
    this.#mode = { fault };
  }

  /** Lets no call fail from now on. Pending calls keep their faults, and late writes still take effect. */
  heal(): void {
    this.#mode = "healthy";
  }

  /** Lets script and seed decide again, as at the start. */
  resume(): void {
    this.#mode = "planned";
  }

  /**
   * Reads a record, with the fault of the call.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The answer of the wrapped store.
   * @throws The error of the wrapped store or of the fault, or the reason of the signal.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return await this.#call({ kind: "read", key }, options, (passed) => this.#store.read(key, passed));
  }

  /**
   * Replaces a record, with the fault of the call.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The version to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The answer of the wrapped store.
   * @throws The error of the wrapped store or of the fault, or the reason of the signal.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    // a copy, as the caller may change its array before a late write
    const record = value.slice();
    const call = { kind: "write", key, value: record, version } as const;
    return await this.#call(call, options, (passed) => this.#store.write(key, record, version, passed));
  }

  async #call<T>(
    call: Omit<StoreCall, "count" | "total">,
    options: StoreCallOptions | undefined,
    effect: Effect<T>,
  ): Promise<T> {
    const fault = this.#countCall(call);
    if (!fault) return await effect(options);
    const delayMs = checkFault(fault);
    this.#faults[fault.kind]++;
    const usedOptions = fault.ignoresSignal ? undefined : options;
    usedOptions?.signal?.throwIfAborted();
    // async, as a store may throw synchronously
    const asyncEffect: Effect<T> = async (passed) => await effect(passed);
    return await this.#injector.call({ kind: call.kind, fault, delayMs, options: usedOptions, effect: asyncEffect });
  }

  /** Counts a call and returns its fault. */
  #countCall(call: Omit<StoreCall, "count" | "total">): Fault | undefined {
    this.#calls[call.kind]++;
    const count = this.#calls[call.kind];
    const total = this.#calls.read + this.#calls.write;
    const planned = this.#plan.faultOf({ ...call, count, total });
    if (this.#mode === "healthy") return undefined;
    return this.#mode === "planned" ? planned : this.#mode.fault;
  }
}
