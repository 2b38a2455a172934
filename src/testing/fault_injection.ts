/**
 * Makes calls with their faults.
 *
 * @module
 */
import type { StoreCallOptions } from "../store/store.ts";
import type { Clock } from "../time/clock.ts";
import { startTimer } from "../time/delay.ts";
import { delay, untilAborted } from "./delay.ts";
import { type Fault, InjectedFaultError, type StoreCall } from "./fault.ts";

/** Calls the wrapped store. */
export type Effect<T> = (options: StoreCallOptions | undefined) => Promise<T>;

/** A call with its fault. */
export interface FaultyCall<T> {
  readonly kind: StoreCall["kind"];
  readonly fault: Fault;
  readonly delayMs: number;
  /** Absent if the fault ignores the signal. */
  readonly options: StoreCallOptions | undefined;
  readonly effect: Effect<T>;
}

/** Makes calls with their faults, and counts the writes that have yet to take effect. */
export class FaultInjector {
  readonly #clock: Clock;
  #lateWrites = 0;

  /** @param clock The clock of the delays. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of writes that have failed for their callers and have yet to take effect. */
  get lateWrites(): number {
    return this.#lateWrites;
  }

  /** Makes a call with its fault. */
  async call<T>(call: FaultyCall<T>): Promise<T> {
    const { kind, fault, delayMs, options, effect } = call;
    const { error = new InjectedFaultError(fault.kind, kind) } = fault;
    switch (fault.kind) {
      case "failBefore":
        throw error;
      case "failAfter":
        await effect(options);
        throw error;
      case "delay":
        await delay(this.#clock, delayMs, options?.signal);
        return await effect(options);
      case "answerLate": {
        const answer = await effect(options);
        await delay(this.#clock, delayMs, options?.signal);
        return answer;
      }
      case "neverAnswer":
        if (fault.takesEffect) await effect(options);
        return await untilAborted(options?.signal);
      case "landLate":
        return await this.#landLate(call, error);
    }
  }

  async #landLate<T>({ kind, fault, delayMs, options, effect }: FaultyCall<T>, error: unknown): Promise<never> {
    const signal = options?.signal;
    const startDelay = kind === "write" ? this.#expectLateWrite(delayMs, effect) : () => {};
    if (!fault.hangs || !signal) startDelay();
    if (!fault.hangs) throw error;
    signal?.addEventListener("abort", startDelay, { once: true });
    return await untilAborted(signal);
  }

  /** Counts a late write, and returns a function that starts its delay. */
  #expectLateWrite(delayMs: number, effect: Effect<unknown>): () => void {
    this.#lateWrites++;
    const write = async (): Promise<void> => {
      // nobody waits for the result
      await effect(undefined).catch(() => {});
      this.#lateWrites--;
    };
    return () => void startTimer(this.#clock, () => void write(), delayMs);
  }
}
