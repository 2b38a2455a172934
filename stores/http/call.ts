/**
 * Calls of a store over HTTP: sign-in, retries and a time limit.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { elapsedMs, type Instant, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";
import { dateHeaderMs } from "./date_header.ts";
import type { Fetch } from "./fetch.ts";
import { type HttpRequest, type SendOptions, sendRequest } from "./request.ts";
import { type HttpResponse, isTransient, noResponse, responseError } from "./response.ts";
import { isToken, type TokenSource } from "./token_source.ts";

/** An HTTP service, and how to send it requests. */
export interface HttpService {
  /** The name of the service in messages. */
  readonly name: string;
  /** Absent if requests need no token. */
  readonly token: TokenSource | undefined;
  /**
   * Gets the credentials of an attempt, in place of a token, and returns the function that signs it. `fresh: true` means that
   * the service does not accept the last credentials.
   */
  readonly signer?: (
    options: { readonly fresh: boolean; readonly signal: AbortSignal },
  ) => Promise<(request: HttpRequest) => Promise<HttpRequest>>;
  /** Whether a response asks for a new token or new credentials; if absent, one of status 401 does. */
  readonly isSignInRejected?: (response: HttpResponse) => boolean;
  /** The message in a response, if the service has a form of its own for it. */
  readonly messageIn?: (response: HttpResponse) => string | undefined;
  /** `globalThis.fetch` if absent. */
  readonly fetch: Fetch | undefined;
  /** How long a call may take, with all of its attempts. */
  readonly limitMs: number;
}

/** A request that is repeated until it has a definite response. */
export interface RetriedRequest extends HttpRequest {
  /** Whether a response, besides 429, says that nothing was done and that the request may be repeated. */
  readonly isDeclined?: (response: HttpResponse) => boolean;
  /** Sends an attempt, like {@linkcode sendRequest}, which sends it if absent. */
  readonly sendAttempt?: (request: HttpRequest, options: SendOptions) => Promise<HttpResponse>;
}

/** The longest wait before the first retry; it doubles with each further one. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 8_000;

/** One call of a store: one request or several, each with its retries. */
export class HttpCall {
  readonly #service: HttpService;
  readonly #action: string;
  readonly #signal: AbortSignal;
  readonly #started: Instant = instant(systemClock);
  #hasUsedFreshToken = false;
  #waits = 0;
  #isSigningIn = false;
  #lastTransient: HttpResponse | undefined;
  #mayHaveWritten = false;

  /**
   * @param service The service.
   * @param action The action of the call, as error messages name it after "Cannot".
   * @param signal Ends the call.
   */
  constructor(service: HttpService, action: string, signal: AbortSignal) {
    this.#service = service;
    this.#action = action;
    this.#signal = signal;
  }

  /** Whether an attempt to write may have succeeded although no response says so. */
  get mayHaveWritten(): boolean {
    return this.#mayHaveWritten;
  }

  /** Whether the time of the call is over. */
  get isExpired(): boolean {
    // the clock may be slightly behind the timer
    return this.#signal.aborted;
  }

  /**
   * Sends a request until its response is definite. An attempt takes at most half of the call's time, as its connection may be
   * dead.
   *
   * @param request The request, without its token.
   * @param beforeRetry Called with the response that asks for a retry. A result ends the call in place of the retry.
   * @returns The first definite response, or the result of `beforeRetry`.
   * @throws If the time of the call is over, or would be before the next attempt.
   */
  async send<T = never>(
    request: RetriedRequest,
    beforeRetry?: (response: HttpResponse) => Promise<T | undefined>,
  ): Promise<HttpResponse | T> {
    for (;;) {
      const response = await this.#sendSignedIn(request);
      const isDeclined = response.status === 429 || request.isDeclined?.(response);
      if (!isDeclined && !isTransient(response.status)) return response;
      if (!isDeclined && request.method !== "GET") this.#mayHaveWritten = true;
      this.#lastTransient = response;
      const result = await beforeRetry?.(response);
      if (result !== undefined) return result;
      await this.#wait(response);
    }
  }

  /** The error of a call whose time is over. */
  timeoutError(): Error {
    const { name, limitMs } = this.#service;
    const source = this.#service.signer ? "the source of the credentials" : "the token source";
    const subject = this.#isSigningIn ? source : name;
    // an earlier response of the service does not explain a slow sign-in
    const last = this.#isSigningIn ? undefined : this.#lastTransient;
    const state = `${subject} gave no usable answer within ${limitMs} ms`;
    return responseError(this.#action, state, last ?? noResponse("no request was answered"));
  }

  /** Sends a request, again with a fresh token if the first one is rejected; once a call. */
  async #sendSignedIn(request: RetriedRequest): Promise<HttpResponse> {
    const response = await this.#sendOnce(request, false);
    const { token, signer, isSignInRejected = ({ status }) => status === 401 } = this.#service;
    const mayRefresh = (token ?? signer) && !this.#hasUsedFreshToken && isSignInRejected(response);
    if (!mayRefresh) return response;
    this.#hasUsedFreshToken = true;
    return await this.#sendOnce(request, true);
  }

  async #sendOnce(request: RetriedRequest, fresh: boolean): Promise<HttpResponse> {
    const { sendAttempt = sendRequest } = request;
    const { fetch, limitMs, messageIn } = this.#service;
    const signedIn = await this.#signIn(request, fresh);
    this.#signal.throwIfAborted();
    const response = await sendAttempt(signedIn, { fetch, limitMs: limitMs / 2, signal: this.#signal });
    return messageIn ? { ...response, message: messageIn(response) } : response;
  }

  /** A request with its token or its signature. */
  async #signIn(request: HttpRequest, fresh: boolean): Promise<HttpRequest> {
    const { token, signer } = this.#service;
    if (!token && !signer) return request;
    const options = { fresh, signal: this.#signal };
    this.#isSigningIn = true;
    const [sign, value] = [await signer?.(options), await token?.(options)];
    this.#isSigningIn = false;
    return sign ? await sign(request) : this.#withToken(request, value);
  }

  #withToken(request: HttpRequest, token: unknown): HttpRequest {
    if (isToken(token)) return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
    const state = "the token must be a string without spaces";
    throw new TypeError(
      `Cannot sign in to ${this.#service.name} as ${state}: current value is of type ${typeof token}`,
    );
  }

  /** Waits as long as the server asks for, or longer: exponential backoff with full jitter. */
  async #wait({ headers }: HttpResponse): Promise<void> {
    const longestMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#waits);
    this.#waits++;
    const delayMs = Math.ceil(Math.max(systemClock.random() * longestMs, retryAfterMs(headers)));
    const isTooLong = elapsedMs(systemClock, this.#started) + delayMs >= this.#service.limitMs;
    if (isTooLong) throw this.timeoutError();
    await delay(systemClock, delayMs, this.#signal);
    this.#signal.throwIfAborted();
  }
}

/** The wait that a `Retry-After` header asks for, in seconds or as a date; 0 without one. */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const serverTimeMs = dateHeaderMs(headers) ?? systemClock.nowMs();
  return Math.max(0, Date.parse(text) - serverTimeMs) || 0;
}

/**
 * Makes a call that ends within the time limit of its service.
 *
 * @param service The service.
 * @param action The action of the call, as error messages name it after "Cannot".
 * @param signal Ends the call.
 * @param run The call.
 * @returns The result of the call.
 * @throws The error of the call, the reason of the signal, or at the time limit an error that shows the last response.
 */
export async function callService<T>(
  service: HttpService,
  action: string,
  signal: AbortSignal | undefined,
  run: (call: HttpCall) => Promise<T>,
): Promise<T> {
  let call: HttpCall | undefined;
  try {
    return await withDeadline(systemClock, service.limitMs, signal, (limit) => {
      call = new HttpCall(service, action, limit.signal);
      return run(call);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw call?.isExpired ? call.timeoutError() : error;
  }
}
