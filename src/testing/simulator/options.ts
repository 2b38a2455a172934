/**
 * What a simulation is told.
 *
 * @module
 */
import type { Duration } from "../../duration.ts";
import type { Run } from "../../options.ts";
import type { StatusStore } from "../../store.ts";
import type { FaultName } from "./fault_names.ts";
import type { SimulatedHost } from "./host.ts";
import type { WorldKind } from "./world_kind.ts";

/** What {@linkcode simulate} is told. What is left out hangs on the seed. */
export interface SimulateOptions {
  /** The seed of the world: a whole number. The same seed and options give the same world, in every runtime. */
  readonly seed: number;
  /** How many replicas there are, 1 to 26; or which of them, from 0 on: what happens to each stays the same without the others. */
  readonly replicas?: number | readonly number[] | undefined;
  /** For how many intervals the world lasts. */
  readonly intervals?: number | undefined;
  /** What kind of world it is. */
  readonly kind?: WorldKind | undefined;
  /** The settings of the schedulers, where they are not left to the seed; then no deploy changes them. */
  readonly interval?: Duration | undefined;
  /** As of a scheduler; it is also the lease, unless there is a `heartbeatTimeout`. */
  readonly timeout?: Duration | undefined;
  /** As of a scheduler; a third of it is the `heartbeatInterval`. */
  readonly heartbeatTimeout?: Duration | undefined;
  /**
   * Which faults there are: all of them, none, or those that are not turned off.
   * @default {true}
   */
  readonly faults?: boolean | { readonly [Name in FaultName]?: boolean | undefined } | undefined;
  /**
   * Makes the client of the store in a process, as it would be made when a server starts. Whatever it asks its server for, it
   * must ask by `host.call`, and wait with `host.sleep`. A `storeTime` is to be that of `host.storeTimeMs()`. Without it there is
   * a linearisable store that is known to be right.
   */
  readonly stores?: ((host: SimulatedHost) => StatusStore) | undefined;
  /**
   * What the server of `stores` holds now. Without it, what the store answers is checked, and not what it holds: promises about
   * the record are left out, and no writes and takeovers are counted.
   */
  readonly record?: (() => Uint8Array | null | undefined) | undefined;
  /** What a run does. Whatever waits must wait with `host.sleep`, and call its servers by `host.call`. */
  readonly tasks?: ((run: Run, host: SimulatedHost) => unknown) | undefined;
  /** A check of the caller's own, after each step: it says what is wrong, if something is. */
  readonly check?: (() => string | undefined) | undefined;
}
