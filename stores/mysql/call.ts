/**
 * Calls of a store with a time limit, repeated while other transactions are in the way.
 *
 * @module
 */
import { callRepeatedly } from "../calls/repeated_call.ts";
import { callError, isRepeatable } from "./errors.ts";

/** The limits of a call. */
export interface MysqlCallOptions {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** The table, quoted. */
  readonly table: string;
  /** How long the call may take, with all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
}

/**
 * Makes a call that ends within its time limit, and repeats it after a deadlock and the like.
 *
 * @throws The error of the call, the reason of the signal, or an error at the time limit.
 */
export function callMysql<T>(
  { action, table, limitMs, cancel }: MysqlCallOptions,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const explain = (cause: unknown): Error => callError(action, table, cause);
  return callRepeatedly({ action, limitMs, cancel, isRepeatable, explain }, send);
}
