/**
 * Google sign-in by `fetch` alone, for the stores that need it.
 *
 * @module
 */
import { signIn } from "./google_auth/sign_in.ts";
import { TokenCache } from "./google_auth/token_cache.ts";
import type { Fetch } from "./http/fetch.ts";

/**
 * Where a store gets its access tokens.
 *
 * It is called before each request, so it should keep a token while that is valid. Called with `fresh: true` after a server
 * has refused the last token: then it should get a new one. It should reject promptly when `signal` aborts.
 *
 * @example A token that something else keeps up to date
 * ```ts
 * import type { TokenSource } from "@neat/periodic-task/stores/gcs";
 *
 * const kept = new Map([["token", "ya29.abc"]]);
 * const token: TokenSource = () => kept.get("token") ?? "";
 * console.assert(await token({ fresh: false }) === "ya29.abc");
 * ```
 */
export type TokenSource = (
  options?: { readonly fresh?: boolean; readonly signal?: AbortSignal },
) => string | Promise<string>;

/**
 * Application Default Credentials as a token source.
 *
 * The credentials are, in this order, those in the file that the environment variable `GOOGLE_APPLICATION_CREDENTIALS` names,
 * those that `gcloud auth application-default login` has left, or those of the metadata server of Google Cloud. They are
 * looked up anew for each token. A token is kept until a few minutes before its end; many callers at once wait for one
 * request. When a new one can't be had, the old one serves to its end.
 *
 * The file says where its secrets are sent to, so it must come from someone who is trusted.
 *
 * @param options `scope` is what the token must give access to, by scopes with spaces between them; `fetch` is what to send
 * requests with, `globalThis.fetch` as it is at the request if absent.
 * @returns The token source. It rejects if there are no credentials, if they can't be used, or if they are refused: never
 * with a secret in the error.
 */
export function applicationDefault(
  options: { readonly scope: string; readonly fetch?: Fetch },
): TokenSource {
  const { scope, fetch } = options;
  const cache = new TokenCache((attempt) => signIn({ fetch, attempt }, scope));
  return ({ fresh = false, signal } = {}) => cache.token(fresh, signal);
}
