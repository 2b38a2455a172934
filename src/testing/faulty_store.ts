/**
 * A store whose calls fail on purpose.
 *
 * @module
 */
import { type Clock, setAlarm, systemClock } from "../time/clock.ts";
import { refuse } from "../errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { delayMsOf, type Fault, FAULT_KINDS, type FaultKind, InjectedFaultError, type StoreCall } from "./fault.ts";
import { FaultPlan, type FaultPlanOptions } from "./fault_plan.ts";
import { checkIsStore, checkOptions, hasMethods } from "./options.ts";
import { untilAborted, waitMs } from "./waiting.ts";

/** What a {@linkcode FaultyStore} is told: where its faults come from, and what its delays go by. */
export interface FaultyStoreOptions extends FaultPlanOptions {
  /** What delays go by.  @default {the system's} */
  readonly clock?: Clock | undefined;
}

const DOING = "create the faulty store";

const TYPES = {
  script: "function",
  seed: "number",
  random: "function",
  rates: "object",
  maxDelay: "any",
  clock: "any",
};

/** A call that is made on the store within, now or later. */
type Effect<T> = (options: StoreCallOptions | undefined) => Promise<T>;

/**
 * Wraps a store, and has its calls go wrong: by a script, by chance from a seed, or all of them while it is down.
 *
 * A call fails before or after it takes effect, is delayed, answered late or never, or takes effect when its caller has given
 * up. What a call does not need for its fault it hands on as it is, its signal too. Delays go by `clock`, and with a seed the
 * same calls have the same faults at every run. Where neither script, seed nor random source is given there are no faults until
 * {@linkcode FaultyStore.breakDown}.
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
 * // the scheduler finds its own record when it reads back
 * const { outcome } = await scheduler.trigger();
 * console.assert(outcome === "finished");
 * console.assert(store.faults.failAfter === 1);
 * ```
 *
 * @example Faults by chance, the same at every run
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
  readonly #clock: Clock;
  readonly #calls = { read: 0, write: 0 };
  readonly #faults: Record<FaultKind, number>;
  #landing = 0;
  #state: "planned" | "healed" | Fault = "planned";

  /**
   * Wraps a store.
   *
   * @param store Where records are kept.
   * @param options Where faults come from.
   * @throws {TypeError} If an option is unknown, of the wrong type or lacks another.
   * @throws {RangeError} If an option's value can't be used.
   */
  constructor(store: StatusStore, options: FaultyStoreOptions = {}) {
    checkIsStore(store, DOING);
    checkOptions(options, TYPES, DOING);
    const { clock = systemClock } = options;
    if (!hasMethods(clock, "setTimer", "clearTimer")) {
      refuse(TypeError, '"clock" must be { setTimer(), clearTimer() }', clock, DOING);
    }
    this.#store = store;
    this.#plan = new FaultPlan(options);
    this.#clock = clock;
    this.#faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  /** How many calls there were of each method. */
  get calls(): { readonly read: number; readonly write: number } {
    return { ...this.#calls };
  }

  /** How many faults of each kind there were. */
  get faults(): Readonly<Record<FaultKind, number>> {
    return { ...this.#faults };
  }

  /** How many writes have yet to land although their callers have given up. */
  get landing(): number {
    return this.#landing;
  }

  /**
   * From now on every call has the same fault, whatever script and chance say.
   *
   * @param fault What goes wrong; by default calls fail before they take effect.
   * @throws {TypeError} If it is no fault.
   * @throws {RangeError} If it is of an unknown kind or has an impossible delay.
   */
  breakDown(fault: Fault = { kind: "failBefore" }): void {
    delayMsOf(fault);
    this.#state = fault;
  }

  /** From now on no call has a fault. Calls under way keep theirs, and late writes still land. */
  heal(): void {
    this.#state = "healed";
  }

  /** From now on script and chance decide again, as they do at the beginning. */
  resume(): void {
    this.#state = "planned";
  }

  /**
   * Reads the record at a key, unless a fault keeps it from doing so.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns What the store within answers.
   * @throws What the store within throws, or the error of a fault, or the signal's reason.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return await this.#call({ kind: "read", key }, options, (given) => this.#store.read(key, given));
  }

  /**
   * Replaces the record at a key, unless a fault keeps it from doing so.
   *
   * @param key The task's name.
   * @param value The new record.
   * @param version The version that must still stand, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns What the store within answers.
   * @throws What the store within throws, or the error of a fault, or the signal's reason.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    // what lands late is what was given now
    const record = value.slice();
    const call = { kind: "write", key, value: record, version } as const;
    return await this.#call(call, options, (given) => this.#store.write(key, record, version, given));
  }

  async #call<T>(
    made: Omit<StoreCall, "count" | "total">,
    options: StoreCallOptions | undefined,
    effect: Effect<T>,
  ): Promise<T> {
    const count = ++this.#calls[made.kind];
    const call: StoreCall = { ...made, count, total: this.#calls.read + this.#calls.write };
    const planned = this.#plan.faultOf(call);
    const fault = this.#state === "healed" ? undefined : this.#state === "planned" ? planned : this.#state;
    if (!fault) return await effect(options);
    const delayMs = delayMsOf(fault);
    this.#faults[fault.kind]++;
    const heeded = fault.ignoresSignal ? undefined : options;
    heeded?.signal?.throwIfAborted();
    // async, as a store may throw at once
    return await this.#act(fault, delayMs, call, heeded, async (given) => await effect(given));
  }

  /** Does what a fault says. */
  async #act<T>(
    fault: Fault,
    delayMs: number,
    call: StoreCall,
    options: StoreCallOptions | undefined,
    effect: Effect<T>,
  ): Promise<T> {
    const { kind, takesEffect, error = new InjectedFaultError(kind, call.kind) } = fault;
    const signal = options?.signal;
    switch (kind) {
      case "failBefore":
        throw error;
      case "failAfter":
        await effect(options);
        throw error;
      case "delay":
        await waitMs(this.#clock, delayMs, signal);
        return await effect(options);
      case "answerLate": {
        const answer = await effect(options);
        await waitMs(this.#clock, delayMs, signal);
        return answer;
      }
      case "neverAnswer":
        if (takesEffect) await effect(options);
        return await untilAborted(signal);
      case "landLate": {
        const land = call.kind === "write" ? this.#expectLanding(delayMs, effect) : () => {};
        if (!fault.hangs || !signal) land();
        if (!fault.hangs) throw error;
        signal?.addEventListener("abort", land, { once: true });
        return await untilAborted(signal);
      }
    }
  }

  /** Counts a write that is to land late, and answers with what has its delay begin. */
  #expectLanding(delayMs: number, effect: Effect<unknown>): () => void {
    this.#landing++;
    const land = async (): Promise<void> => {
      // nobody is waiting for what becomes of it
      await effect(undefined).catch(() => {});
      this.#landing--;
    };
    return () => void setAlarm(this.#clock, () => void land(), delayMs);
  }
}
