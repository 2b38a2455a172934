/**
 * Keeps a token between requests.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { elapsedMs, type Instant, instant, systemClock } from "../../src/time/clock.ts";
import type { Fetch } from "../http/fetch.ts";
import type { AccessToken } from "./access_token.ts";
import { type SignInContext, signInError } from "./context.ts";
import { SharedCall } from "./shared_call.ts";

/** How long a sign-in may take: less than a call of a store, so that the error names the server that did not answer. */
const SIGN_IN_LIMIT_MS = 6_000;
/** How long it may take while the old token is valid. */
const RENEWAL_LIMIT_MS = 3_000;

/** How long before its end a token is renewed. Metadata servers return the old one until 4 minutes before. */
const RENEW_BEFORE_END_MS = 225_000;
/** How long before its end a token is no longer sent, as it may expire on its way. */
const UNUSABLE_BEFORE_END_MS = 10_000;

/** The shortest wait after a failed renewal; the longest is twice as long. */
const MIN_RETRY_DELAY_MS = 15_000;

interface CachedToken extends AccessToken {
  /** When it was requested. */
  readonly requested: Instant;
}

/** Requests tokens for concurrent callers, and renews them in time. */
export class TokenCache {
  readonly #fetch: Fetch | undefined;
  readonly #signIn: (context: SignInContext) => Promise<AccessToken>;
  #cached: CachedToken | undefined;
  #renewal: SharedCall<CachedToken> | undefined;
  #lastFailure: { readonly at: Instant; readonly retryDelayMs: number } | undefined;

  /**
   * @param fetch Sends the requests of a sign-in.
   * @param signIn Requests a new token.
   */
  constructor(fetch: Fetch | undefined, signIn: (context: SignInContext) => Promise<AccessToken>) {
    this.#fetch = fetch;
    this.#signIn = signIn;
  }

  /**
   * Returns a token to send.
   *
   * @param fresh Whether it must be a new one.
   * @param signal Ends the wait.
   * @throws If there is none; the reason of the signal if it has aborted.
   */
  async token(fresh: boolean, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    const current = fresh ? undefined : this.#usableToken();
    if (current && !this.#shouldRenew(current)) return current.token;
    try {
      this.#renewal ??= this.#startRenewal(current ? RENEWAL_LIMIT_MS : SIGN_IN_LIMIT_MS);
      const renewed = await this.#renewal.result(signal);
      return renewed.token;
    } catch (error) {
      signal?.throwIfAborted();
      const old = fresh ? undefined : this.#usableToken();
      if (!old) throw error;
      return old.token;
    }
  }

  /** The cached token, unless it has expired or is about to. */
  #usableToken(): CachedToken | undefined {
    const cached = this.#cached;
    if (!cached) return undefined;
    const marginMs = Math.min(UNUSABLE_BEFORE_END_MS, cached.validForMs / 10);
    return elapsedMs(systemClock, cached.requested) < cached.validForMs - marginMs ? cached : undefined;
  }

  #shouldRenew({ requested, validForMs }: CachedToken): boolean {
    const marginMs = Math.min(RENEW_BEFORE_END_MS, validForMs / 4);
    if (elapsedMs(systemClock, requested) < validForMs - marginMs) return false;
    const failure = this.#lastFailure;
    return !failure || elapsedMs(systemClock, failure.at) >= failure.retryDelayMs;
  }

  #startRenewal(limitMs: number): SharedCall<CachedToken> {
    const renewal = new SharedCall((signal) => this.#renew(limitMs, signal), () => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    });
    return renewal;
  }

  async #renew(limitMs: number, cancel: AbortSignal): Promise<CachedToken> {
    const requested = instant(systemClock);
    let context: SignInContext | undefined;
    try {
      const token = await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
        context = { fetch: this.#fetch, signal, waitingFor: "", secrets: [] };
        return this.#signIn(context);
      });
      this.#lastFailure = undefined;
      this.#cached = { ...token, requested };
      return this.#cached;
    } catch (error) {
      // the last caller stopped waiting: not a failure of the servers
      cancel.throwIfAborted();
      const retryDelayMs = MIN_RETRY_DELAY_MS * (1 + systemClock.random());
      this.#lastFailure = { at: instant(systemClock), retryDelayMs };
      if (!context?.signal.aborted) throw error;
      throw signInError("it took too long", `${limitMs} ms, at the end waiting for ${context.waitingFor}`);
    }
  }
}
