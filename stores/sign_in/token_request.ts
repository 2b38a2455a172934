/**
 * Requests to the servers that issue tokens.
 *
 * @module
 */
import { backoffMs } from "../../src/time/backoff.ts";
import { systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";
import { dateHeaderMs } from "../http/date_header.ts";
import { redact } from "../http/redact.ts";
import { type HttpRequest, sendRequest } from "../http/request.ts";
import { type HttpResponse, isTransient, jsonIn, property } from "../http/response.ts";
import type { SignInContext } from "./context.ts";
import { networkFault } from "./network_fault.ts";

/** A request to a token server. */
export interface TokenRequest {
  readonly url: URL;
  /** A POST if the request has a body, else a GET, if absent. */
  readonly method?: "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Advice for the user, by the code of an OAuth error. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Whether the server is an OAuth server, whose error fields may be shown. */
  readonly isOAuth: boolean;
  /** Whether there may be no such server: then a request without an answer is not repeated. */
  readonly mayBeAbsent?: boolean;
}

/** The response of a token server. */
export interface TokenResponse {
  readonly response: HttpResponse;
  /** The problem, without secrets; absent if the request succeeded. */
  readonly fault?: string;
}

const MAX_ATTEMPTS = 3;
const ATTEMPT_LIMIT_MS = 3_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 1_000;

/** Servers accept requests of clocks that differ by less. */
const MAX_CLOCK_SKEW_MS = 60_000;

/** A server as errors show it: without the query, which may hold secrets. */
export function addressOf({ host, pathname }: URL): string {
  return host + pathname;
}

/** The headers and body of an HTML form. */
export function formOf(fields: Readonly<Record<string, string>>): Pick<TokenRequest, "headers" | "body"> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { headers, body: new URLSearchParams(fields).toString() };
}

/**
 * Sends a request until its response is definite, at most three times.
 *
 * @throws The reason of the signal.
 */
export async function sendTokenRequest(context: SignInContext, request: TokenRequest): Promise<TokenResponse> {
  const { url, mayBeAbsent } = request;
  context.secrets.push(url.search.slice(1), ...url.searchParams.values());
  const address = addressOf(url);
  context.waitingFor = address;
  for (let attempt = 1;; attempt++) {
    const result = await sendOnce(context, request);
    const { response: { status }, fault } = result;
    const isDefinite = fault === undefined || !isTransient(status) || (status === 0 && mayBeAbsent);
    if (isDefinite || attempt === MAX_ATTEMPTS) return result;
    context.waitingFor = `${address} (before: ${fault})`;
    await delay(systemClock, backoffMs(attempt, LONGEST_WAIT_MS, systemClock.random(), FIRST_WAIT_MS), context.signal);
    context.signal.throwIfAborted();
  }
}

async function sendOnce({ fetch, signal, secrets }: SignInContext, request: TokenRequest): Promise<TokenResponse> {
  const { url, method, headers = {}, body } = request;
  const httpRequest: HttpRequest = body === undefined
    ? { method: method ?? "GET", url: url.href, headers }
    : { method: method ?? "POST", url: url.href, headers, body: new TextEncoder().encode(body) };
  const response = await sendRequest(httpRequest, { fetch, limitMs: ATTEMPT_LIMIT_MS, signal });
  const isSuccess = response.status >= 200 && response.status < 300;
  return isSuccess ? { response } : { response, fault: faultIn(response, request, secrets) };
}

function faultIn(response: HttpResponse, request: TokenRequest, secrets: readonly string[]): string {
  const { status } = response;
  if (status === 0) return networkFault(response.failure);
  if (status < 400) return `HTTP ${status} (redirects are not followed)`;
  const message = request.isOAuth ? oauthError(response, request, secrets) : "";
  return `HTTP ${status}${message}${clockSkew(response)}`;
}

/** The error of an OAuth response, with advice for the user. */
function oauthError(response: HttpResponse, { advice = {} }: TokenRequest, secrets: readonly string[]): string {
  const json = jsonIn(response);
  const error = property(json, "error");
  // OAuth writes a code, Google's own services an object
  const code = property(error, "status") ?? error;
  const description = property(error, "message") ?? property(json, "error_description");
  const texts = [code, description].filter((text) => typeof text === "string");
  const message = texts.map((text) => redact(text, secrets)).join(": ");
  if (message === "") return "";
  const hint = typeof code === "string" && Object.hasOwn(advice, code) ? `; ${advice[code]}` : "";
  return ` (${message})${hint}`;
}

/** Servers often reject a request because the clock of this machine is wrong. */
function clockSkew({ headers }: HttpResponse): string {
  const serverTimeMs = dateHeaderMs(headers);
  if (serverTimeMs === undefined) return "";
  const skewMs = systemClock.nowMs() - serverTimeMs;
  if (Math.abs(skewMs) <= MAX_CLOCK_SKEW_MS) return "";
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return `; this machine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the server's`;
}
