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
import { faultyHints } from "./faulty_watch.ts";
import { HINT_FAULT_KINDS, type HintFault, type HintFaultKind } from "./hint_fault.ts";
import { checkStoreShape, hasMethods } from "../store_check/store_shape.ts";

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
  hintScript: "function",
  hintRates: "object",
  maxDelay: "any",
  clock: "any",
};

const CREATE = "create the faulty store";

/** Calls a method of the wrapped store that yields. */
type Open<T> = (options: StoreCallOptions | undefined) => AsyncIterable<T>;

/** Which calls fail: those of the plan, none, or all with the same fault. */
type Mode = "planned" | "healthy" | { readonly fault: Fault };

/**
 * Wraps a store and makes its calls fail: by a script, at random from a seed, or all of them while the store is down.
 *
 * A call fails before or after it takes effect, is delayed, is answered late or never, or takes effect after its caller has
 * given up. All else is passed on unchanged, also the signal. Delays use `clock`. With a seed, the same calls have the same
 * faults in every run. Without a script, seed or random source no call fails until {@linkcode FaultyStore.breakDown}.
 *
 * The hints of a watch are lost, delayed, doubled, or followed by the end or a failure of the watch: by `hintScript`, or at random
 * with `hintRates`. While the store is down, all hints are lost.
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
  readonly #clock: Clock;
  readonly #calls = { read: 0, readMany: 0, write: 0, list: 0 };
  readonly #faults: Record<FaultKind, number>;
  readonly #hintFaults: Record<HintFaultKind, number>;
  #hints = 0;
  #mode: Mode = "planned";

  /**
   * Reads several records, with one fault for all of them. Absent if the wrapped store can't.
   *
   * @param keys The names of the tasks.
   * @param options The signal that ends the call.
   * @returns The answer of the wrapped store.
   */
  readonly readMany?: (keys: readonly string[], options?: StoreCallOptions) => Promise<(StatusEntry | null)[]>;

  /** Whether schedulers read together, as the wrapped store says. */
  readonly readsTogether?: boolean;

  /**
   * Lists the keys, with the fault of the call at the first step. Absent if the wrapped store can't list.
   *
   * @param options The signal that ends the listing.
   * @returns The keys that the wrapped store lists.
   */
  readonly list?: (options?: StoreCallOptions) => AsyncIterable<string>;

  /**
   * Watches a record; each hint has its fault. Absent if the wrapped store can't watch.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints that are left.
   */
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

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
    this.#clock = clock;
    this.#faults = zeros(FAULT_KINDS);
    this.#hintFaults = zeros(HINT_FAULT_KINDS);
    const { readMany, readsTogether, list, watch } = store;
    if (readMany) {
      this.readMany = async (keys, options) => {
        const call = { kind: "readMany", key: "", keys: [...keys] } as const;
        return await this.#call(call, options, (passed) => readMany.call(store, call.keys, passed));
      };
    }
    if (readsTogether) this.readsTogether = true;
    if (list) this.list = (options) => this.#list((passed) => list.call(store, passed), options);
    if (watch) this.watch = (key, options) => this.#watch(key, (passed) => watch.call(store, key, passed), options);
  }

  /** The number of calls of each method. */
  get calls(): {
    readonly read: number;
    readonly readMany: number;
    readonly write: number;
    readonly list: number;
  } {
    return { ...this.#calls };
  }

  /** The number of faults of each kind. */
  get faults(): Readonly<Record<FaultKind, number>> {
    return { ...this.#faults };
  }

  /** The number of hints of the wrapped store. */
  get hints(): number {
    return this.#hints;
  }

  /** The number of faults of hints of each kind. */
  get hintFaults(): Readonly<Record<HintFaultKind, number>> {
    return { ...this.#hintFaults };
  }

  /** The number of writes that have failed for their callers and have yet to take effect. */
  get landing(): number {
    return this.#injector.lateWrites;
  }

  /**
   * Makes every call fail in the same way from now on, regardless of script and seed. All hints are lost.
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

  async *#list(open: Open<string>, options: StoreCallOptions | undefined): AsyncIterable<string> {
    let keys: AsyncIterator<string> | undefined;
    const next: Effect<IteratorResult<string>> = async (passed) => {
      keys ??= open(passed)[Symbol.asyncIterator]();
      return await keys.next();
    };
    try {
      let step = await this.#call({ kind: "list", key: "" }, options, next);
      for (; !step.done; step = await next(options)) yield step.value;
    } finally {
      await keys?.return?.();
    }
  }

  #watch(key: string, open: Open<void>, options: StoreCallOptions | undefined): AsyncIterable<void> {
    return faultyHints({ open, nextFault: () => this.#countHint(key), clock: this.#clock }, options?.signal);
  }

  /** Counts a hint and returns its fault. */
  #countHint(key: string): HintFault | undefined {
    this.#hints++;
    const planned = this.#plan.hintFaultOf({ key, count: this.#hints });
    if (this.#mode === "healthy") return undefined;
    const fault: HintFault | undefined = this.#mode === "planned" ? planned : { kind: "lose" };
    if (fault) this.#hintFaults[fault.kind]++;
    return fault;
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
    const { read, readMany, write, list } = this.#calls;
    const total = read + readMany + write + list;
    const planned = this.#plan.faultOf({ ...call, count, total });
    if (this.#mode === "healthy") return undefined;
    return this.#mode === "planned" ? planned : this.#mode.fault;
  }
}

function zeros<Kind extends string>(kinds: readonly Kind[]): Record<Kind, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
}
