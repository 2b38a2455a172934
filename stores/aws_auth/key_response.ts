/**
 * Credentials in the responses of servers.
 *
 * @module
 */
import { dateHeaderMs } from "../http/date_header.ts";
import { type HttpResponse, jsonIn, property } from "../http/response.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { addressOf, sendTokenRequest, type TokenRequest } from "../sign_in/token_request.ts";
import { type SigningKeys, signingKeys } from "./credentials.ts";
import { signInError } from "./errors.ts";

/** The fields of credentials in a response, before they are checked. */
export interface KeyFields {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken: unknown;
  /** An ISO 8601 time. */
  readonly expiration: unknown;
}

/**
 * Sends a request that must succeed.
 *
 * @throws If it doesn't; the error holds no secret.
 */
export async function requestFromServer(context: SignInContext, request: TokenRequest): Promise<HttpResponse> {
  const { response, fault } = await sendTokenRequest(context, request);
  if (fault === undefined) return response;
  const problem = response.status === 0 ? "can't be reached" : "rejected the request";
  throw signInError(`${addressOf(request.url)} ${problem}`, fault);
}

/** Requests credentials in the JSON of container agents and instance metadata. */
export async function requestKeys(context: SignInContext, request: TokenRequest): Promise<SigningKeys> {
  const response = await requestFromServer(context, request);
  const json = jsonIn(response);
  return keysIn(context, response, request.url, {
    accessKeyId: property(json, "AccessKeyId"),
    secretAccessKey: property(json, "SecretAccessKey"),
    sessionToken: property(json, "Token"),
    expiration: property(json, "Expiration"),
  });
}

/** Checks the credentials of a response. They end by the clock of the server that issued them. */
export function keysIn(context: SignInContext, response: HttpResponse, url: URL, fields: KeyFields): SigningKeys {
  const { expiration, sessionToken } = fields;
  const endMs = typeof expiration === "string" ? Date.parse(expiration) : NaN;
  if (Number.isNaN(endMs)) {
    throw signInError(`the response of ${addressOf(url)} must hold credentials and their end`, "another response");
  }
  const keys = signingKeys(
    { ...fields, sessionToken: sessionToken ?? undefined, expiration: new Date(endMs) },
    `sign in to AWS by ${addressOf(url)}`,
    dateHeaderMs(response.headers),
  );
  context.secrets.push(keys.secretAccessKey, keys.sessionToken ?? "");
  return keys;
}
