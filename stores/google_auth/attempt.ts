/**
 * One attempt to sign in, and how it fails.
 *
 * @module
 */
import { refusal } from "../../src/errors.ts";
import type { Fetch } from "../http/fetch.ts";

/** An attempt to sign in, from the credentials to the token. */
export interface Attempt {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whose answer is waited for, for the error when it takes too long. */
  waitingFor: string;
  /** What no error may show: all that has come up so far. */
  readonly secrets: string[];
}

/** What an attempt sends its requests with. */
export interface Session {
  /** `globalThis.fetch`, as it is at the request, if there is none. */
  readonly fetch: Fetch | undefined;
  readonly attempt: Attempt;
}

/** What signing in comes to. */
export interface AccessToken {
  readonly token: string;
  /** How long it is valid, from when it was asked for. */
  readonly livesMs: number;
}

/** The way out for whoever has credentials of another kind. */
export const OTHER_WAY = "give the store a `token` function, for example one that asks google-auth-library";

/**
 * Why nobody is signed in.
 *
 * @param state What is wrong, after "as".
 * @param value The current value, and what can be done. Neither may hold a secret.
 */
export function signInError(state: string, value: string): Error {
  return new Error(refusal(state, value, "sign in to Google"));
}
