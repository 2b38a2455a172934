/**
 * Keeps a credential, such as an access token, between requests.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { elapsedMs, type Instant, instant, systemClock } from "../../src/time/clock.ts";
import type { Fetch } from "../http/fetch.ts";
import type { SignInContext } from "./context.ts";
import { SharedCall } from "./shared_call.ts";

/** How long a sign-in may take: less than a call of a store, so that the error names the server that did not answer. */
const SIGN_IN_LIMIT_MS = 6_000;
/** How long it may take while the old credential is valid. */
const RENEWAL_LIMIT_MS = 3_000;

/** How long before its end a credential is renewed. Metadata servers return the old one until 4 minutes before. */
const RENEW_BEFORE_END_MS = 225_000;
/** How long before its end a credential is no longer used, as it may expire on its way. */
const UNUSABLE_BEFORE_END_MS = 10_000;

/** The shortest wait after a failed renewal; the longest is twice as long. */
const MIN_RETRY_DELAY_MS = 15_000;

/** What a sign-in returns. */
export interface Credential {
  /** How long it is valid, from before it was requested. */
  readonly validForMs: number;
}

/** A way to sign in. */
export interface SignIn<T extends Credential> {
  /** Sends the requests; `globalThis.fetch`, as it is at the request, if absent. */
  readonly fetch: Fetch | undefined;
  /** Requests a new credential. */
  readonly signIn: (context: SignInContext) => Promise<T>;
  /** The error of a sign-in, from its problem and a value without secrets. */
  readonly errorOf: (state: string, value: string) => Error;
}

interface Cached<T extends Credential> {
  readonly credential: T;
  /** When it was requested. */
  readonly requested: Instant;
}

/** Requests credentials for concurrent callers, and renews them in time. */
export class CredentialCache<T extends Credential> {
  readonly #way: SignIn<T>;
  #cached: Cached<T> | undefined;
  #renewal: SharedCall<Cached<T>> | undefined;
  #lastFailure: { readonly at: Instant; readonly retryDelayMs: number } | undefined;

  /** @param way How to sign in. */
  constructor(way: SignIn<T>) {
    this.#way = way;
  }

  /**
   * Returns a credential to use.
   *
   * @param fresh Whether it must be a new one.
   * @param signal Ends the wait.
   * @throws If there is none; the reason of the signal if it has aborted.
   */
  async get(fresh: boolean, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const current = fresh ? undefined : this.#usable();
    if (current && !this.#shouldRenew(current)) return current.credential;
    try {
      this.#renewal ??= this.#startRenewal(current ? RENEWAL_LIMIT_MS : SIGN_IN_LIMIT_MS);
      const renewed = await this.#renewal.result(signal);
      return renewed.credential;
    } catch (error) {
      signal?.throwIfAborted();
      const old = fresh ? undefined : this.#usable();
      if (!old) throw error;
      return old.credential;
    }
  }

  /** The cached credential, unless it has expired or is about to. */
  #usable(): Cached<T> | undefined {
    const cached = this.#cached;
    if (!cached) return undefined;
    const { credential: { validForMs }, requested } = cached;
    const marginMs = Math.min(UNUSABLE_BEFORE_END_MS, validForMs / 10);
    return elapsedMs(systemClock, requested) < validForMs - marginMs ? cached : undefined;
  }

  #shouldRenew({ credential: { validForMs }, requested }: Cached<T>): boolean {
    const marginMs = Math.min(RENEW_BEFORE_END_MS, validForMs / 4);
    if (elapsedMs(systemClock, requested) < validForMs - marginMs) return false;
    const failure = this.#lastFailure;
    return !failure || elapsedMs(systemClock, failure.at) >= failure.retryDelayMs;
  }

  #startRenewal(limitMs: number): SharedCall<Cached<T>> {
    const renewal = new SharedCall((signal) => this.#renew(limitMs, signal), () => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    });
    return renewal;
  }

  async #renew(limitMs: number, cancel: AbortSignal): Promise<Cached<T>> {
    const requested = instant(systemClock);
    let context: SignInContext | undefined;
    try {
      const credential = await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
        context = { fetch: this.#way.fetch, signal, waitingFor: "", secrets: [] };
        return this.#way.signIn(context);
      });
      this.#lastFailure = undefined;
      this.#cached = { credential, requested };
      return this.#cached;
    } catch (error) {
      // the last caller stopped waiting: not a failure of the servers
      cancel.throwIfAborted();
      const retryDelayMs = MIN_RETRY_DELAY_MS * (1 + systemClock.random());
      this.#lastFailure = { at: instant(systemClock), retryDelayMs };
      if (!context?.signal.aborted) throw error;
      throw this.#way.errorOf("it took too long", `${limitMs} ms, at the end waiting for ${context.waitingFor}`);
    }
  }
}
