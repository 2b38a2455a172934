/**
 * The context of one sign-in, and its errors.
 *
 * @module
 */
import type { Fetch } from "../http/fetch.ts";

/** A sign-in, from the credentials to the token. */
export interface SignInContext {
  /** `globalThis.fetch`, as it is at the request, if absent. */
  readonly fetch: Fetch | undefined;
  /** Ends the sign-in. */
  readonly signal: AbortSignal;
  /** The server or file whose answer is awaited, for the error at the time limit. */
  waitingFor: string;
  /** The secrets that the sign-in has used so far. No error may show them. */
  readonly secrets: string[];
}

/** The way to sign in with credentials that are not supported. */
export const TOKEN_FUNCTION_HINT = "give the store a `token` function, for example one that calls google-auth-library";

/**
 * The error of a sign-in.
 *
 * @param state The problem, as the error message names it after "as".
 * @param value The current value and advice for the user, without secrets.
 */
export function signInError(state: string, value: string): Error {
  return new Error(`Cannot sign in to Google as ${state}: current value is ${value}`);
}
