/**
 * One connection for all watches of a store.
 *
 * @module
 */
import type { HintSink } from "../../src/store/hints.ts";
import { failure } from "./call.ts";
import type { Subscriber, SubscriberEvents } from "./driver.ts";

/** The watches of a store. The connection is opened for the first one, and closed after the last one. */
export class Subscriptions {
  readonly #open: (events: SubscriberEvents) => Subscriber;
  #session: Session | undefined;

  /** @param open Opens a connection. */
  constructor(open: (events: SubscriberEvents) => Subscriber) {
    this.#open = open;
  }

  /** Passes messages of a channel on as hints. Returns a function that ends this, which is called once. */
  add(channel: string, sink: HintSink): () => void {
    const session = this.#session ??= this.#start();
    session.add(channel, sink);
    return () => session.remove(channel, sink);
  }

  #start(): Session {
    const session = new Session(this.#open, () => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }
}

/** The watches on one connection. All of them fail when it is lost. */
class Session {
  readonly #onClosed: () => void;
  readonly #subscriber: Subscriber;
  readonly #channels = new Map<string, Set<HintSink>>();
  /** The channels whose subscription has begun. */
  readonly #subscribed = new Set<string>();
  #isClosed = false;

  constructor(open: (events: SubscriberEvents) => Subscriber, onClosed: () => void) {
    this.#onClosed = onClosed;
    this.#subscriber = open({
      onMessage: (channel) => this.#hint(channel),
      onLost: (error) => this.#fail(error),
    });
  }

  add(channel: string, sink: HintSink): void {
    const others = this.#channels.get(channel);
    if (others) {
      others.add(sink);
      if (this.#subscribed.has(channel)) sink.hint();
      return;
    }
    this.#channels.set(channel, new Set([sink]));
    this.#send(async () => {
      if (!this.#channels.has(channel)) return;
      await this.#subscriber.subscribe(channel);
      if (this.#channels.has(channel)) this.#subscribed.add(channel);
      // the record may have changed before
      this.#hint(channel);
    });
  }

  remove(channel: string, sink: HintSink): void {
    const sinks = this.#channels.get(channel);
    if (!sinks?.delete(sink) || sinks.size > 0) return;
    this.#channels.delete(channel);
    this.#subscribed.delete(channel);
    if (this.#channels.size === 0) this.#close();
    else {
      this.#send(async () => {
        if (!this.#channels.has(channel)) await this.#subscriber.unsubscribe(channel);
      });
    }
  }

  #hint(channel: string): void {
    for (const sink of this.#channels.get(channel) ?? []) sink.hint();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#close();
    const sinks = [...this.#channels.values()].flatMap((sinks) => [...sinks]);
    this.#channels.clear();
    const shown = failure("watch the records of Redis", error);
    for (const sink of sinks) sink.fail(shown);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed();
    this.#subscriber.close();
  }

  /** Sends a command once the connection is open, unless nobody needs it any more. */
  async #send(command: () => Promise<unknown>): Promise<void> {
    try {
      await this.#subscriber.opened;
      if (!this.#isClosed) await command();
    } catch (error) {
      this.#fail(error);
    }
  }
}
