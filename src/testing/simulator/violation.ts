/**
 * What a simulation finds.
 *
 * @module
 */
import type { PromiseName } from "./promises.ts";

/** A promise that was broken. */
export interface Violation {
  /** Which promise. */
  readonly promise: PromiseName;
  /** How. */
  readonly text: string;
  /** At which step of the world. */
  readonly step: number;
  /** When, in milliseconds since the world's beginning. */
  readonly atMs: number;
}
