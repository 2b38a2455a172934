/**
 * A channel that Postgres.js listens to.
 *
 * @module
 */
import type { PostgresJs } from "./postgres_js.ts";
import type { SubscriptionHandlers } from "./subscription.ts";

type Notified = (payload: string) => void;

/** What the function `listen` of Postgres.js keeps: the listeners of each channel. */
interface ListenFunction {
  readonly channels?: Record<string, { listeners?: readonly { readonly fn?: unknown }[] }>;
}

/**
 * Registers one listener at a time with Postgres.js, which has no way to give up a `listen()` that isn't answered, and keeps the listener of
 * one that has failed: later calls for the channel then fail with the same error, and it listens for all of them once it connects again.
 */
export class PostgresJsSubscription {
  readonly #sql: PostgresJs;
  readonly #channel: string;
  #handlers: SubscriptionHandlers | undefined;
  #listening: Promise<() => Promise<unknown>> | undefined;

  /** Creates a subscription, which does not listen yet. */
  constructor(sql: PostgresJs, channel: string) {
    this.#sql = sql;
    this.#channel = channel;
  }

  /**
   * Listens. A call before that is not answered yet is waited for instead of making another one.
   *
   * @param handlers Those in use from now on.
   * @returns A function that ends it, unless other handlers are in use by then.
   */
  async start(handlers: SubscriptionHandlers): Promise<() => Promise<unknown>> {
    this.#handlers = handlers;
    const unlisten = await (this.#listening ??= this.#listen());
    return async () => {
      if (this.#handlers !== handlers) return;
      this.#handlers = this.#listening = undefined;
      await unlisten();
    };
  }

  async #listen(): Promise<() => Promise<unknown>> {
    let isEnded = false;
    const notified: Notified = (payload) => isEnded || this.#handlers?.notified(payload);
    const listening = (): void => void (isEnded || this.#handlers?.listening());
    try {
      const { unlisten } = await this.#sql.listen(this.#channel, notified, listening);
      return async () => {
        isEnded = true;
        try {
          await unlisten();
        } finally {
          // it knows another listener since it has connected again
          this.#forget(notified);
        }
      };
    } catch (error) {
      isEnded = true;
      this.#listening = undefined;
      this.#forget(notified);
      throw error;
    }
  }

  /** Removes a listener. A channel without any is removed, too, so that the next call tries again. */
  #forget(notified: Notified): void {
    const { channels } = this.#sql.listen as ListenFunction;
    const found = channels?.[this.#channel];
    if (!channels || !found?.listeners) return;
    found.listeners = found.listeners.filter(({ fn }) => fn !== notified);
    if (found.listeners.length === 0) delete channels[this.#channel];
  }
}
