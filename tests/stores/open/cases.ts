/**
 * What runtime_program.ts checks.
 *
 * @module
 */
import type { StoreChecksOptions } from "../../../src/testing/mod.ts";

/** A store to check. */
export interface StoreCase {
  readonly name: string;
  readonly url: string;
  /** The URL of a server that never answers. */
  readonly hung?: string;
  readonly limits?: Pick<StoreChecksOptions, "maxKeyBytes" | "equalBodiesMayShareVersions">;
}

/** What the program does. */
export interface ProgramInput {
  readonly checks: readonly StoreCase[];
  /** URLs of servers that are restarted when the program has made the first file, before the second one is made. */
  readonly restarted?: { readonly urls: readonly string[]; readonly before: string; readonly after: string };
}
