/**
 * Calls of Redis with a time limit, and their errors.
 *
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { withDeadline } from "../../src/store/deadline.ts";
import { systemClock } from "../../src/time/clock.ts";

/** The limits of a call. */
export interface RedisCallOptions {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** How long the call may take. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
}

/** What errors of the server mean, by their code. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["READONLY", "the server is a replica, which does not accept writes"],
  ["NOAUTH", "the client has not signed in"],
  ["WRONGPASS", "Redis rejects the user name or the password"],
  ["NOPERM", "the user lacks a permission"],
  ["OOM", "the server has no memory left"],
  ["MISCONF", "the server can't save its data"],
  ["NOREPLICAS", "the server has too few replicas"],
  ["LOADING", "the server is loading its data"],
  ["CLUSTERDOWN", "the cluster does not serve the key"],
  ["MOVED", "the server belongs to a cluster, which needs a client for clusters"],
]);

/**
 * Makes a call that ends within its time limit.
 *
 * @throws The reason of the signal, or an error that names the action.
 */
export async function callRedis<T>(
  { action, limitMs, cancel }: RedisCallOptions,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return send(signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    if (!callSignal?.aborted) throw failure(action, cause);
    throw new Error(`Cannot ${action} as it did not answer within requestTimeout: current value is ${limitMs} ms`);
  }
}

/** The error of a call that the client or the server has rejected, without secrets. */
export function failure(action: string, cause: unknown): Error {
  const text = cause instanceof Error ? cause.message || cause.name : textOf(cause);
  const message = `Cannot ${action} as ${meaningOf(text)}: current value is ${textOf(text)}`;
  // errors of ioredis hold the command, which may be AUTH with a password
  const mayHoldSecrets = typeof cause === "object" && cause !== null && "command" in cause;
  return mayHoldSecrets ? new Error(message) : new Error(message, { cause });
}

/** Redis 6 puts the code of an error in a script after a text of its own, and no version keeps the code NOPERM there. */
function meaningOf(text: string): string {
  const isForbidden = /The user executing the script can't|ACL failure in script/.test(text);
  const code = isForbidden ? "NOPERM" : /(?:^| -)([A-Z]{3,})\b/.exec(text.replace(/^ERR /, ""))?.[1] ?? "";
  return MEANINGS.get(code) ?? "the call failed";
}
