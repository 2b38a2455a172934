/**
 * Waits for calls that may fail or never end.
 *
 * @module
 */
import { requireThat, StoreCheckError } from "./store_check_error.ts";

/** The result of a promise. */
export type Settled<T> =
  | { readonly isFulfilled: true; readonly value: T; readonly error?: never }
  | { readonly isFulfilled: false; readonly value?: never; readonly error: unknown };

/** Waits until a promise resolves or rejects. A `StoreCheckError` is thrown, as it fails the check. */
export async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { isFulfilled: true, value: await promise };
  } catch (error) {
    if (error instanceof StoreCheckError) throw error;
    return { isFulfilled: false, error };
  }
}

/** Resolves after a delay. */
export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs));
}

/** A call did not end in time. */
export class CallTimeoutError extends Error {
  /** Always `CallTimeoutError`. */
  override readonly name: string = "CallTimeoutError";
}

/**
 * Makes a call and waits for it for a limited time.
 *
 * @param limitMs The longest wait.
 * @param callName The call, as the error names it.
 * @param call The call; an error that it throws synchronously counts as a rejection.
 * @throws {CallTimeoutError} If the call did not end in time.
 */
export async function withTimeLimit<T>(limitMs: number, callName: string, call: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const error = new CallTimeoutError(`${callName} did not end within ${limitMs} ms`);
    timer = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([call(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes a call that a rule gives a limited time.
 *
 * @param limitMs The longest wait.
 * @param rule The rule, such as "watch() must end within 1000 ms".
 * @param call The call.
 * @throws {StoreCheckError} If the call did not end in time.
 * @throws {unknown} The error of the call.
 */
export async function mustEndWithin<T>(limitMs: number, rule: string, call: () => Promise<T>): Promise<T> {
  try {
    return await withTimeLimit(limitMs, "it", call);
  } catch (error) {
    requireThat(!(error instanceof CallTimeoutError), rule, error);
    throw error;
  }
}
