/**
 * Calls of PostgreSQL with a time limit, repeated after serialisation failures.
 *
 * @module
 */
import { callRepeatedly } from "../calls/repeated_call.ts";
import { callError, type CallSubject, isRepeatable } from "./errors.ts";

/** What a call is about, and its limits. */
export interface PostgresCall extends CallSubject {
  /** How long the call may take, with the wait for a connection and all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
}

/** Another transaction is in the way for a moment only. */
const WAITS = { firstMs: 5, longestMs: 200 } as const;

/**
 * Makes a call that ends within its time limit.
 *
 * @throws The reason of the signal, or an error that names the record, with the error of the driver as its cause.
 */
export function callPostgres<T>(call: PostgresCall, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { action, limitMs, cancel } = call;
  const explain = (cause: unknown): Error => callError(call, cause);
  return callRepeatedly({ action, limitMs, cancel, isRepeatable, explain, waits: WAITS }, send);
}
