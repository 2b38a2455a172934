/**
 * Requests to Google's token servers that must succeed.
 *
 * @module
 */
import type { HttpResponse } from "../http/response.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { addressOf, sendTokenRequest, type TokenRequest } from "../sign_in/token_request.ts";
import { signInError } from "./errors.ts";

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
