/**
 * What a simulation finds.
 *
 * @module
 */
import type { PromiseName } from "./promises.ts";

/** A broken promise. */
export interface Violation {
  /** Which promise. */
  readonly promise: PromiseName;
  /** How it was broken. */
  readonly text: string;
  /** The step of the simulation. */
  readonly step: number;
  /** The true time, in milliseconds since the start. */
  readonly atMs: number;
}
