/**
 * The token that is kept between requests.
 *
 * @module
 */
import { elapsedMs, type Instant, instant, systemClock } from "../../src/time/clock.ts";
import { limited } from "../../src/store/deadline.ts";
import { type AccessToken, type Attempt, signInError } from "./attempt.ts";
import { SharedCall } from "./shared_call.ts";

/** How long signing in may take: less than a store's call, so that the error says what was waited for. */
const LIMIT_MS = 6_000;
/** The same while the old token still serves. */
const RENEWAL_LIMIT_MS = 3_000;

/** A token is renewed so long before its end: metadata servers hand out the old one until 4 minutes before. */
const AHEAD_MS = 225_000;
/** A token is not sent so shortly before its end, as it may end on its way. */
const LAST_MS = 10_000;

/** The pause after a renewal that has failed, at least; at most twice as long. */
const PAUSE_MS = 15_000;

/** A token in use. */
interface Held extends AccessToken {
  /** Before it was asked for. */
  readonly since: Instant;
}

/** Gets a token when it is needed, for many callers at once. */
export class TokenCache {
  readonly #signIn: (attempt: Attempt) => Promise<AccessToken>;
  #held: Held | undefined;
  #renewal: SharedCall<Held> | undefined;
  /** When a renewal has failed, and how long to leave it at that. */
  #pause: { readonly since: Instant; readonly ms: number } | undefined;

  /** @param signIn Gets a new token. */
  constructor(signIn: (attempt: Attempt) => Promise<AccessToken>) {
    this.#signIn = signIn;
  }

  /**
   * A token to send.
   *
   * @param fresh Whether it must be a new one.
   * @param signal Ends the waiting.
   * @throws If there is none; the signal's reason if it has aborted.
   */
  async token(fresh: boolean, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    const spare = fresh ? undefined : this.#usable();
    if (spare && !this.#isRenewable(spare)) return spare.token;
    try {
      this.#renewal ??= this.#renew(spare ? RENEWAL_LIMIT_MS : LIMIT_MS);
      return (await this.#renewal.outcome(signal)).token;
    } catch (error) {
      signal?.throwIfAborted();
      const old = fresh ? undefined : this.#usable();
      if (!old) throw error;
      return old.token;
    }
  }

  /** The token that is held, while it may be sent. */
  #usable(): Held | undefined {
    const held = this.#held;
    if (!held) return undefined;
    const lastMs = Math.min(LAST_MS, held.livesMs / 10);
    return elapsedMs(systemClock, held.since) < held.livesMs - lastMs ? held : undefined;
  }

  #isRenewable({ since, livesMs }: Held): boolean {
    const aheadMs = Math.min(AHEAD_MS, livesMs / 4);
    if (elapsedMs(systemClock, since) < livesMs - aheadMs) return false;
    return !this.#pause || elapsedMs(systemClock, this.#pause.since) >= this.#pause.ms;
  }

  #renew(limitMs: number): SharedCall<Held> {
    const renewal = new SharedCall((cancel) => this.#renewed(limitMs, cancel), () => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    });
    return renewal;
  }

  async #renewed(limitMs: number, cancel: AbortSignal): Promise<Held> {
    const since = instant(systemClock);
    let attempt: Attempt | undefined;
    try {
      const token = await limited(systemClock, limitMs, cancel, ({ signal }) => {
        attempt = { signal, waitingFor: "", secrets: [] };
        return this.#signIn(attempt);
      });
      this.#pause = undefined;
      return this.#held = { ...token, since };
    } catch (error) {
      // that nobody waits any more says nothing of the servers
      cancel.throwIfAborted();
      this.#pause = { since: instant(systemClock), ms: PAUSE_MS * (1 + systemClock.random()) };
      if (!attempt?.signal.aborted) throw error;
      throw signInError("it takes too long", `${limitMs} ms, the last of them waiting for ${attempt.waitingFor}`);
    }
  }
}
