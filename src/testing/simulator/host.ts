/**
 * What the code of a user sees of the simulated world.
 *
 * @module
 */
import type { Clock } from "../../clock.ts";

/**
 * The process in which a store's client or a task runs in a simulated world.
 *
 * Whatever waits must wait with this: a timer of the real world would never fire in time. A killed process is gone: what it
 * waited for never comes, and no `finally` runs.
 */
export interface SimulatedHost {
  /** The machine's letter and the how-manieth process on it this is, such as `A1`. */
  readonly name: string;
  /** The how-manieth replica it belongs to, from 0 on. */
  readonly index: number;
  /** The clock of the machine, as the scheduler has it; it may be wrong. */
  readonly clock: Clock;
  /** Chance that hangs on the seed: from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** The wall clock of the machine, in milliseconds since 1970; it may be wrong. */
  nowMs(): number;
  /**
   * The clock of the server, in milliseconds since 1970: all hosts see the same, whatever their own clocks show.
   *
   * For stores that tell a `storeTime`. Where a store tells one of another clock, the promises that are reckoned in store time
   * are not checked.
   */
  storeTimeMs(): number;
  /**
   * Waits.
   *
   * @param delayMs How long, in milliseconds of the machine's clock.
   * @param signal Ends it at once: it rejects with the signal's reason.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls a server outside of the replicas, over the simulated network: the call may take long, fail, arrive late, twice or not
   * at all, and its answer may be lost.
   *
   * @param effect What the server does, at one moment or at least without timers. It outlives the process.
   * @param signal Ends the waiting; what is on its way may still arrive.
   * @returns What the effect returned.
   * @throws What the effect threw; the signal's reason; or an error of the network.
   */
  call<T>(effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T>;
}
