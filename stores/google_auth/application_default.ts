/**
 * Application Default Credentials as a token source.
 *
 * @module
 */
import type { Fetch } from "../http/fetch.ts";
import type { TokenSource } from "../http/token_source.ts";
import { signInError } from "./errors.ts";
import { signIn } from "./sign_in.ts";
import { CredentialCache } from "../sign_in/credential_cache.ts";

/**
 * Creates a token source that signs in with Application Default Credentials.
 *
 * The credentials are, in this order, those in the file that the environment variable `GOOGLE_APPLICATION_CREDENTIALS` names,
 * those of `gcloud auth application-default login`, or those of the metadata server of Google Cloud. They are read again for
 * each token. A token is kept until a few minutes before it expires, and concurrent callers share one request. If it can't be
 * renewed, it is used until it expires.
 *
 * The file says which servers receive its secrets, so it must come from someone you trust.
 *
 * @param options `scope` holds the scopes of the token, with spaces between them; `fetch` sends the requests
 * (`globalThis.fetch`, as it is at the request, if absent).
 * @returns The token source. It rejects if there are no credentials, or if they are invalid or rejected. Its errors hold no
 * secrets.
 */
export function applicationDefault(
  options: { readonly scope: string; readonly fetch?: Fetch },
): TokenSource {
  const { scope, fetch } = options;
  const cache = new CredentialCache({ fetch, signIn: (context) => signIn(context, scope), errorOf: signInError });
  return async ({ fresh = false, signal } = {}) => (await cache.get(fresh, signal)).token;
}
