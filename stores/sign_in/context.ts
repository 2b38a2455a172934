/**
 * The context of one sign-in.
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
