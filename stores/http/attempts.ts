/**
 * The attempts that one call of a store over HTTP is made of.
 *
 * @module
 */
import { elapsedMs, type Instant, instant, systemClock } from "../../src/time/clock.ts";
import { limited } from "../../src/store/deadline.ts";
import type { TokenSource } from "../google_auth.ts";
import { exchange, type HttpAnswer, type HttpRequest, noAnswer, unusable } from "./exchange.ts";
import type { Fetch } from "./fetch.ts";

/** How the requests of a service are sent. */
export interface Transport {
  /** What the service is called in messages. */
  readonly service: string;
  /** Absent where nobody has to sign in. */
  readonly token: TokenSource | undefined;
  /** `globalThis.fetch` if absent. */
  readonly fetch: Fetch | undefined;
  /** How long a call may take, with all of its attempts. */
  readonly limitMs: number;
}

/** The wait before a second attempt is at most this long, and twice as long with each further one. */
const BASE_MS = 1_000;
const LONGEST_MS = 8_000;

/** A header must not hold anything else, and the runtime's own message would show the token. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The attempts of one call. */
export class Attempts {
  readonly #transport: Transport;
  readonly #doing: string;
  readonly #signal: AbortSignal;
  readonly #began: Instant = instant(systemClock);
  #refusals = 0;
  #pauses = 0;
  #isSigningIn = false;
  /** Whether an attempt may have taken effect without our having been told. */
  inDoubt = false;
  /** The last answer that asked for another attempt. */
  last: HttpAnswer | undefined;

  /**
   * @param transport How to send.
   * @param doing What the call does, as messages say it after "Cannot".
   * @param signal Ends the call.
   */
  constructor(transport: Transport, doing: string, signal: AbortSignal) {
    this.#transport = transport;
    this.#doing = doing;
    this.#signal = signal;
  }

  /**
   * Sends a request and hands on its answer, unless that asks for another attempt: one without an answer for half of the call's
   * limit does so too, as its connection may be dead.
   *
   * @param request The request, without its token.
   * @param again Called between two attempts with the answer that asks for another; it may settle the matter by a result.
   * @returns The first answer that does not ask for another attempt, or what `again` has settled.
   * @throws If the time is over, or would be before another attempt is in order.
   */
  async send<T = never>(
    request: HttpRequest,
    again?: (answer: HttpAnswer) => Promise<T | undefined>,
  ): Promise<HttpAnswer | T> {
    for (;;) {
      let answer = await this.#attempt(request, false);
      // one fresh token a call
      if (answer.status === 401 && this.#transport.token && this.#refusals++ === 0) {
        answer = await this.#attempt(request, true);
      }
      // clear answers: nothing was done
      const isDeclined = answer.status === 429 || request.isDeclined?.(answer);
      if (!isDeclined && !isTransient(answer)) return answer;
      if (!isDeclined && request.method !== "GET") this.inDoubt = true;
      this.last = answer;
      const settled = await again?.(answer);
      if (settled !== undefined) return settled;
      await this.#pause(answer);
    }
  }

  async #attempt(request: HttpRequest, fresh: boolean): Promise<HttpAnswer> {
    const { fetch, limitMs } = this.#transport;
    const headers = { ...request.headers, ...await this.#authorization(fresh) };
    this.#signal.throwIfAborted();
    const call = (options: { signal: AbortSignal }): Promise<HttpAnswer> =>
      exchange(fetch, { ...request, headers }, options.signal);
    try {
      return await limited(systemClock, limitMs / 2, this.#signal, call);
    } catch {
      this.#signal.throwIfAborted();
      return noAnswer(`nothing for ${limitMs / 2} ms`);
    }
  }

  async #authorization(fresh: boolean): Promise<Record<string, string>> {
    const { token, service } = this.#transport;
    if (!token) return {};
    this.#isSigningIn = true;
    const value = await token({ fresh, signal: this.#signal });
    this.#isSigningIn = false;
    if (typeof value !== "string" || !TOKEN.test(value)) {
      throw new TypeError(
        `Cannot sign in to ${service} as the token must be a text without spaces: current value is of type ${typeof value}`,
      );
    }
    return { authorization: `Bearer ${value}` };
  }

  /** Waits as long as the server asks for, or else with exponential backoff and full jitter. */
  async #pause(answer: HttpAnswer): Promise<void> {
    const jitterMs = systemClock.random() * Math.min(LONGEST_MS, BASE_MS * 2 ** this.#pauses++);
    const delayMs = Math.ceil(Math.max(jitterMs, retryAfterMs(answer.headers)));
    if (elapsedMs(systemClock, this.#began) + delayMs >= this.#transport.limitMs) throw this.failure();
    // nothing answers, so it ends at its limit or with the call
    await limited(systemClock, delayMs, this.#signal, () => new Promise<void>(() => {})).catch(() => {});
    this.#signal.throwIfAborted();
  }

  /** Why the call has failed when its time is over. */
  failure(): Error {
    const { service, limitMs } = this.#transport;
    const [who, last] = this.#isSigningIn ? ["the source of its token"] : [service, this.last];
    const state = `${who} did not answer well within ${limitMs} ms`;
    return unusable(this.#doing, state, last ?? noAnswer("nothing came back"));
  }

  /** Whether the call's time is over. */
  get isExpired(): boolean {
    // not by the clock, which may be a little behind the timer
    return this.#signal.aborted;
  }
}

/** Whether the same request may be answered later. */
function isTransient({ status }: HttpAnswer): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** How long a server asks to be left alone: by a number of seconds, or by a date. */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  // by the server's own clock, if it tells it
  const nowMs = Date.parse(headers.get("date") ?? "") || systemClock.nowMs();
  return Math.max(0, Date.parse(text) - nowMs) || 0;
}

/**
 * Makes a call that ends in time, whatever the server does.
 *
 * @param transport How to send.
 * @param doing What the call does, as messages say it after "Cannot".
 * @param signal Ends it at once, with its reason.
 * @param call The call.
 * @returns What the call came to.
 * @throws What the call threw, the signal's reason, or an error that tells the last answer when the time is over.
 */
export async function callWithin<T>(
  transport: Transport,
  doing: string,
  signal: AbortSignal | undefined,
  call: (attempts: Attempts) => Promise<T>,
): Promise<T> {
  let attempts: Attempts | undefined;
  try {
    return await limited(systemClock, transport.limitMs, signal, (options) => {
      attempts = new Attempts(transport, doing, options.signal);
      return call(attempts);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw attempts?.isExpired ? attempts.failure() : error;
  }
}
