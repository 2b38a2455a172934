/**
 * What code in a simulation uses instead of the system.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";

/**
 * The simulated process in which a store's client or a task runs.
 *
 * Code in a simulation waits with these methods only: a timer of the system fires too late. When a simulated process is killed,
 * none of its promises settles any more, and no `finally` runs.
 */
export interface SimulatedHost {
  /** The letter of its machine and the number of the process there, such as `A1`. */
  readonly name: string;
  /** The index of its replica, from 0 on. */
  readonly index: number;
  /** The clock of its machine, which the scheduler uses too. It may be wrong. */
  readonly clock: Clock;
  /** Draws a random number that depends on the seed: from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** The wall clock of its machine, in milliseconds since 1970. It may be wrong. */
  nowMs(): number;
  /**
   * The clock of the store's server, in milliseconds since 1970: the same for all replicas, whatever their own clocks show.
   *
   * For stores whose reads have a `storeTime`. If it comes from another clock, promises about store time are not checked.
   */
  storeTimeMs(): number;
  /**
   * Waits.
   *
   * @param delayMs How long, in milliseconds of the machine's clock.
   * @param signal Ends the wait: it rejects with the signal's reason.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls a server over the simulated network. The call may take long, fail, take effect late, twice or not at all, and its
   * answer may be lost.
   *
   * @param effect What the server does, without timers. It happens even if the process is killed meanwhile.
   * @param signal Ends the wait. A call that is under way may still take effect.
   * @returns What the effect returned.
   * @throws What the effect threw, the signal's reason, or an error of the network.
   */
  call<T>(effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T>;
}
