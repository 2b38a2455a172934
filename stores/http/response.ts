/**
 * Responses: their JSON, and how error messages show them.
 *
 * @module
 */
import { textOf } from "../../src/errors.ts";
import { redact } from "./redact.ts";

/** A response, or the reason why there is none. */
export interface HttpResponse {
  /** 0 if no complete response arrived: then `failure` is the reason. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly failure?: unknown;
  /** The token of the request, which no message may show. */
  readonly secret?: string | undefined;
  /** What the service says, if it says so in a form of its own. */
  readonly message?: string | undefined;
}

/** How many causes of an error are followed: some refer to each other. */
const MAX_CAUSE_DEPTH = 4;

const DECODER = new TextDecoder();

/** Stands in for a response that did not arrive. */
export function noResponse(failure: unknown): HttpResponse {
  return { status: 0, headers: new Headers(), body: new Uint8Array(), failure };
}

/** Whether a repeated request may succeed after this status. */
export function isTransient(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** The body as text. */
export function textIn({ body }: HttpResponse): string {
  return DECODER.decode(body);
}

/** The body as JSON; `undefined` if it is not JSON. */
export function jsonIn(response: HttpResponse): unknown {
  try {
    return JSON.parse(textIn(response));
  } catch {
    return undefined;
  }
}

/** A response with other JSON. */
export function withJson(response: HttpResponse, json: unknown): HttpResponse {
  return { ...response, body: new TextEncoder().encode(JSON.stringify(json)) };
}

/** A property of a value; `undefined` if the value is not an object. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The `error` in the JSON of a response. Some of Google's services wrap it into a list. */
export function errorIn(json: unknown): unknown {
  return property(Array.isArray(json) ? json[0] : json, "error");
}

/** A response as error messages show it: its status and its message. */
export function describeResponse(response: HttpResponse): string {
  const { status, failure, headers, secret } = response;
  const withoutSecret = (text: string): string => redact(text, secret ? [secret] : []);
  const outcome = status === 0 ? "no answer" : `HTTP ${status}`;
  const retryAfter = withoutSecret(headers.get("retry-after") ?? "");
  const message = withoutSecret(status === 0 ? failureMessage(failure) : response.message ?? messageIn(response));
  return `${outcome}${retryAfter && `, Retry-After ${retryAfter}`}${message && ` (${message})`}`;
}

/** The message of a service: in JSON, or as plain text where Cloud Storage rejects a download. */
function messageIn(response: HttpResponse): string {
  const json = jsonIn(response);
  const message = property(errorIn(json), "message");
  if (typeof message === "string") return message;
  const text = textIn(response).trim();
  const isHtml = text.startsWith("<");
  return json === undefined && !isHtml ? text : "";
}

/** Why `fetch` failed: the message of the innermost cause, as the outer ones only say that it did. */
function failureMessage(failure: unknown, depth = 0): string {
  const cause = property(failure, "cause");
  if (cause && depth < MAX_CAUSE_DEPTH) return failureMessage(cause, depth + 1);
  const message = textOf(property(failure, "message") || property(failure, "code") || failure);
  const url = /( for)?( url)? \(?https?:\S+/g;
  return message.replace(url, "");
}

/** An error that shows a response. It does not keep the failure as its cause, which may hold the request with its token. */
export function responseError(action: string, state: string, response: HttpResponse): Error {
  return new Error(`Cannot ${action} as ${state}: current value is ${describeResponse(response)}`);
}
