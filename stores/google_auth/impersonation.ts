/**
 * Signs in as a service account with the token of an account that may impersonate it.
 *
 * @module
 */
import { systemClock } from "../../src/time/clock.ts";
import { dateHeaderMs } from "../http/date_header.ts";
import { jsonIn, property } from "../http/response.ts";
import { type AccessToken, checkToken, validityMs } from "./access_token.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { CredentialFields } from "./credential_fields.ts";
import type { TokenRequest } from "../sign_in/token_request.ts";
import { requestFromServer } from "./request_from_server.ts";

/** The scope that the token of the impersonating account must have. */
export const CALLER_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** The field that names the service account. */
export const IMPERSONATION_URL = "service_account_impersonation_url";

const DEFAULT_VALIDITY_SECONDS = 3_600;

/** Exchanges the token of the impersonating account for one of the service account. */
export type Impersonate = (context: SignInContext, callerToken: string) => Promise<AccessToken>;

/**
 * Checks the credentials of an impersonation.
 *
 * @param credentials The credentials, which name the service account.
 * @param scope The scopes of its token, with spaces between them.
 * @returns The impersonation.
 */
export function impersonationOf(credentials: CredentialFields, scope: string): Impersonate {
  const url = credentials.url(IMPERSONATION_URL);
  const requestedSeconds = requestedValiditySeconds(credentials);
  const delegates = credentials.unchecked("delegates");
  const body = JSON.stringify({
    ...(Array.isArray(delegates) && { delegates }),
    scope: scope.split(" "),
    lifetime: `${requestedSeconds}s`,
  });
  return async (context, callerToken) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${callerToken}` };
    const request: TokenRequest = { url, headers, body, isOAuth: true };
    const response = await requestFromServer(context, request);
    const json = jsonIn(response);
    const token = checkToken(context, property(json, "accessToken"), request);
    // by the clock of the server, as this machine's may be wrong
    const nowMs = dateHeaderMs(response.headers) ?? systemClock.nowMs();
    const expiresInMs = Date.parse(String(property(json, "expireTime"))) - nowMs;
    return { token, validForMs: Math.min(validityMs(expiresInMs), requestedSeconds * 1_000) };
  };
}

function requestedValiditySeconds(credentials: CredentialFields): number {
  const options = credentials.optionalObject("service_account_impersonation");
  const seconds = options?.unchecked("token_lifetime_seconds") ?? DEFAULT_VALIDITY_SECONDS;
  if (typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds > 0) return seconds;
  throw credentials.invalid(
    "service_account_impersonation.token_lifetime_seconds",
    "must be a whole number above zero",
  );
}
