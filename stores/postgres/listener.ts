/**
 * One connection that listens for all watches of a store.
 *
 * @module
 */
import { type HintSink, hintsOf } from "../../src/store/hints.ts";
import type { PostgresDriver } from "./driver.ts";
import { callPostgres, type PostgresCall } from "./call.ts";

/** The time in which the connection listens, until it breaks or the last watch ends. */
class Session {
  readonly controller: AbortController = new AbortController();
  readonly sinks: Map<HintSink, string> = new Map();
  /** Ends it. Absent until the database has confirmed. */
  stop?: () => void;

  hintAll(): void {
    for (const sink of [...this.sinks.keys()]) sink.hint();
  }

  hint(payload: string | undefined): void {
    for (const [sink, awaited] of [...this.sinks]) if (payload === awaited) sink.hint();
  }

  fail(error: unknown): void {
    for (const sink of [...this.sinks.keys()]) sink.fail(error);
  }

  end(): void {
    if (this.controller.signal.aborted) return;
    this.controller.abort();
    this.stop?.();
  }
}

/** Listens to one channel while somebody watches. */
export class Listener {
  readonly #driver: PostgresDriver;
  readonly #channel: string;
  readonly #call: Omit<PostgresCall, "cancel">;
  #session: Session | undefined;

  /**
   * Creates a listener, which does not listen yet.
   *
   * @param driver The driver.
   * @param channel The channel.
   * @param call The limits of the start.
   */
  constructor(driver: PostgresDriver, channel: string, call: Omit<PostgresCall, "cancel">) {
    this.#driver = driver;
    this.#channel = channel;
    this.#call = call;
  }

  /** Yields when a payload arrives, and once it listens, as the record may have changed before. */
  watch(payloadOf: () => string, signal: AbortSignal | undefined): AsyncIterable<void> {
    return hintsOf((sink) => this.#add(payloadOf(), sink), signal);
  }

  #add(payload: string, sink: HintSink): () => void {
    const isNew = this.#session === undefined;
    const session = this.#session ??= new Session();
    session.sinks.set(sink, payload);
    if (isNew) this.#start(session).catch((error) => this.#lose(session, error));
    else if (session.stop) sink.hint();
    return () => {
      session.sinks.delete(sink);
      if (session.sinks.size === 0) this.#end(session);
    };
  }

  async #start(session: Session): Promise<void> {
    const events = {
      notified: (payload: string | undefined) => session.hint(payload),
      listensAgain: () => session.hintAll(),
      lost: (error: unknown) => this.#lose(session, error),
    };
    const call = { ...this.#call, cancel: session.controller.signal };
    const stop = await callPostgres(call, (signal) => this.#driver.listen(this.#channel, events, signal));
    if (session.controller.signal.aborted) return stop();
    session.stop = stop;
    session.hintAll();
  }

  /** Ends all watches with an error. The next one starts anew. */
  #lose(session: Session, error: unknown): void {
    this.#end(session);
    session.fail(error);
  }

  #end(session: Session): void {
    if (this.#session === session) this.#session = undefined;
    session.end();
  }
}
