/**
 * One watch of a server for all watches of a store.
 *
 * @module
 */
import type { HintSink } from "../../src/store/hints.ts";

/** What a watch of the server reports. */
export interface WatchEvents {
  /** The watch has begun: later changes are reported. */
  onBegin(): void;
  /** The record of a task may have changed. */
  onChange(key: string): void;
  /** The watch is over, with the error if there is one. Called at most once. */
  onEnd(error: unknown): void;
}

/** Starts a watch of all records. Returns a function that ends it, which is called once. */
export type StartWatch = (events: WatchEvents) => () => void;

/** The watches of a store. The watch of the server is started for the first of them, and ended after the last one. */
export class SharedWatch {
  readonly #start: StartWatch;
  #session: Session | undefined;

  /** @param start Starts a watch of the server. */
  constructor(start: StartWatch) {
    this.#start = start;
  }

  /** Passes changes of a record on as hints. Returns a function that ends this, which is called once. */
  add(key: string, sink: HintSink): () => void {
    const session = this.#session ??= this.#begin();
    session.add(key, sink);
    return () => session.remove(key, sink);
  }

  #begin(): Session {
    const session = new Session(this.#start, () => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }
}

/** The watches that share one watch of the server. All of them fail with it. */
class Session implements WatchEvents {
  readonly #onEnded: () => void;
  readonly #sinks = new Map<string, Set<HintSink>>();
  readonly #stop: () => void;
  #hasBegun = false;
  #hasEnded = false;

  constructor(start: StartWatch, onEnded: () => void) {
    this.#onEnded = onEnded;
    this.#stop = start(this);
  }

  add(key: string, sink: HintSink): void {
    const sinks = this.#sinks.get(key) ?? new Set();
    this.#sinks.set(key, sinks.add(sink));
    // the record may have changed before
    if (this.#hasBegun) sink.hint();
  }

  remove(key: string, sink: HintSink): void {
    const sinks = this.#sinks.get(key);
    sinks?.delete(sink);
    if (sinks?.size === 0) this.#sinks.delete(key);
    if (this.#sinks.size > 0 || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnded();
    this.#stop();
  }

  onBegin(): void {
    this.#hasBegun = true;
    for (const key of this.#sinks.keys()) this.onChange(key);
  }

  onChange(key: string): void {
    for (const sink of this.#sinks.get(key) ?? []) sink.hint();
  }

  onEnd(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnded();
    const sinks = [...this.#sinks.values()].flatMap((sinks) => [...sinks]);
    this.#sinks.clear();
    for (const sink of sinks) sink.fail(error);
  }
}
