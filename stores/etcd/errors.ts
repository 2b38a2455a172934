/**
 * Error responses of etcd's gateway.
 *
 * @module
 */
import { type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";

/** The errors after which a new token may be accepted: the old one is over, or the users or their roles were changed. */
const REJECTED_TOKEN = /invalid auth token|user name is empty|auth store is old|old revision|token is not provided/;

/** The message of an error response. */
export function errorMessage(response: HttpResponse): string | undefined {
  if (response.status < 400) return undefined;
  const json = jsonIn(response);
  const text = property(json, "message") ?? property(json, "error");
  return typeof text === "string" ? text : undefined;
}

/** Whether a message says that the token is not accepted. */
export function isTokenRejection(message: string): boolean {
  return REJECTED_TOKEN.test(message);
}

/** Whether a response does not accept the token. */
export function isSignInRejected(response: HttpResponse): boolean {
  return response.status === 401 || response.status >= 400 && isTokenRejection(errorMessage(response) ?? "");
}

/** The error of a response that no retry would change. */
export function rejectedError(response: HttpResponse, action: string): Error {
  return responseError(action, problemOf(response), response);
}

function problemOf(response: HttpResponse): string {
  const message = errorMessage(response) ?? "";
  if (message.includes("user name is empty")) return 'etcd requires the options "user" and "password"';
  if (isSignInRejected(response)) return "etcd does not accept the token";
  if (response.status === 403) return "the user may lack a role with this permission";
  if (response.status === 404) return "the address must be one of clients of etcd 3.4 or later";
  return "etcd rejected the request";
}
