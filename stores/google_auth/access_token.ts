/**
 * Access tokens in the responses of token servers.
 *
 * @module
 */
import { type HttpResponse, jsonIn, property } from "../http/response.ts";
import { isToken } from "../http/token_source.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { signInError } from "./errors.ts";
import { addressOf, type TokenRequest } from "../sign_in/token_request.ts";
import { requestFromServer } from "./request_from_server.ts";

/** An access token. */
export interface AccessToken {
  readonly token: string;
  /** How long it is valid, from before it was requested. */
  readonly validForMs: number;
}

/** For a token whose server doesn't say how long it is valid. */
const DEFAULT_VALIDITY_MS = 300_000;
/** Google issues no token that is valid for longer. */
const MAX_VALIDITY_MS = 43_200_000;

/**
 * Requests a token from an OAuth server.
 *
 * @throws If the server returns none; the error holds no secret.
 */
export async function requestToken(context: SignInContext, request: TokenRequest): Promise<AccessToken> {
  const response = await requestFromServer(context, request);
  return accessTokenIn(context, response, request);
}

/** The token of an OAuth response: `access_token`, valid for `expires_in` seconds. */
export function accessTokenIn(context: SignInContext, response: HttpResponse, request: TokenRequest): AccessToken {
  const json = jsonIn(response);
  const token = checkToken(context, property(json, "access_token"), request);
  // some servers write the number as a string
  const expiresInSeconds = Number(property(json, "expires_in") ?? NaN);
  return { token, validForMs: validityMs(expiresInSeconds * 1_000) };
}

/** Limits a validity to the longest one that Google issues. Returns the default for NaN. */
export function validityMs(ms: number): number {
  return Number.isNaN(ms) ? DEFAULT_VALIDITY_MS : Math.min(ms, MAX_VALIDITY_MS);
}

/** Checks that a value of a response can be sent as a token. */
export function checkToken({ secrets }: SignInContext, token: unknown, { url }: TokenRequest): string {
  if (!isToken(token)) {
    throw signInError(`the response of ${addressOf(url)} must hold a token`, `of type ${typeof token}`);
  }
  secrets.push(token);
  return token;
}
