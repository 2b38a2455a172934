/**
 * The options of a simulation.
 *
 * @module
 */
import type { Duration } from "../time/duration.ts";
import type { Run } from "../options.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { StatusStore } from "../store/store.ts";
import type { FaultName } from "./fault_names.ts";
import type { SimulatedHost } from "./simulated_host.ts";
import type { SimulationKind } from "./simulation_kind.ts";

/** The code of the caller that runs in a simulation. */
export interface UserCode {
  /**
   * Makes the store's client in a process, as a server does at its start.
   *
   * The client calls its server with `host.call` and waits with `host.sleep`. If its reads have a `storeTime`, it is
   * `host.storeTimeMs()`. Without this option the simulation has a linearisable store of its own.
   */
  readonly stores?: ((host: SimulatedHost) => StatusStore) | undefined;
  /**
   * Returns what the server of `stores` holds now. Without it only the answers of the store are checked: promises about the
   * record are not, and writes and takeovers are not counted.
   */
  readonly record?: (() => Uint8Array | null | undefined) | undefined;
  /** The task. It waits with `host.sleep` and calls its servers with `host.call`. Without this option it is random. */
  readonly tasks?: ((run: Run, host: SimulatedHost) => unknown) | undefined;
  /** A check of the caller's own, called after each step. Returns what is wrong, or `undefined`. */
  readonly check?: (() => string | undefined) | undefined;
}

/** Options of {@linkcode simulate}. All but the seed are drawn from the seed if they are left out. */
export interface SimulateOptions extends UserCode {
  /** The seed: a whole number. The same seed and options give the same simulation in every runtime. */
  readonly seed: number;
  /**
   * The number of replicas, 1 to 1000, or their indices from 0 on: what happens to a replica does not depend on the others being
   * there.
   */
  readonly replicas?: number | readonly number[] | undefined;
  /** How many intervals the simulation lasts. */
  readonly intervals?: number | undefined;
  /** The kind of the simulation. */
  readonly kind?: SimulationKind | undefined;
  /** The interval of the schedulers, which no deploy changes then. Their first run is due immediately, without jitter. */
  readonly interval?: Duration | undefined;
  /**
   * The schedule of the schedulers in place of an interval, which no deploy changes then. The shortest time between its next
   * due times stands for the interval in `intervals`. The simulation starts on Saturday, 31 January 2026, 12:00 UTC.
   */
  readonly schedule?: Schedule | undefined;
  /** The start deadline of the schedulers.  @default {none with `interval` or `schedule`} */
  readonly startDeadline?: Duration | undefined;
  /** The timeout of the schedulers, and their lease unless there is a `heartbeatTimeout`. */
  readonly timeout?: Duration | undefined;
  /** The heartbeat timeout of the schedulers; the heartbeat interval is a third of it. */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * Which faults may happen: all, none, or those that are not set to false.
   * @default {true}
   */
  readonly faults?: boolean | { readonly [Name in FaultName]?: boolean | undefined } | undefined;
}
