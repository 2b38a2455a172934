/**
 * What the function `openStore` needs of each kind of store.
 *
 * @module
 */
import type { StatusStore } from "../../src/store/store.ts";
import type { StoreAddress } from "./address.ts";

/** The failed action, as error messages name it after "Cannot". */
export const OPEN = "open the store";

/** How long a call may take if the URL doesn't say: the default of all stores. */
export const DEFAULT_LIMIT_MS = 8_000;

/** How many connections a pool opens at most. One is enough; more let hung calls and listeners not stand in the way. */
export const MAX_CONNECTIONS = 4;

/** A store and the client that it uses. */
export interface Connection {
  readonly store: Required<Pick<StatusStore, "read" | "write" | "list">> & StatusStore;
  /**
   * Makes the store ready, before each call: connects, or creates the table. Calls of the same moment share an attempt, which ends
   * within `limitMs`. Returns `undefined` if all is ready.
   */
  readonly prepare?: () => Promise<void> | undefined;
  /** How long a call may take, with the attempt to make the store ready; {@linkcode DEFAULT_LIMIT_MS} if absent. */
  readonly limitMs?: number | undefined;
  /** Closes the client. Called once. */
  readonly close?: () => unknown;
}

/** A kind of store. */
export interface Scheme {
  /** What a URL may begin with, without the colon. */
  readonly names: readonly string[];
  /** A URL for error messages. */
  readonly example: string;
  /** The parameters that the URL may have. */
  readonly parameters: readonly string[];
  /** The parts that the URL may have beside its path and its parameters. */
  readonly parts: { readonly host?: boolean; readonly user?: boolean; readonly port?: boolean };
  /** Loads the store and its driver. Doesn't connect. */
  readonly open: (address: StoreAddress) => Promise<Connection>;
}

/** Options without `undefined`. */
export function defined<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
