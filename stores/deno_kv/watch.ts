/**
 * Watches one entry of Deno KV.
 *
 * @module
 */
import type { StoreCallOptions } from "../../src/store/store.ts";
import { type HintSink, hintsOf } from "../../src/store/hints.ts";
import type { Kv, KvKey, KvWatchStream } from "./kv.ts";

/** Watches the record of a task. */
export type Watch = (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

/**
 * Makes the method `watch` of a store.
 *
 * @param kv The database.
 * @param kvKeyOf The key of a task's entry.
 * @returns The method; `undefined` if the database can't watch.
 */
export function watchOf(kv: Kv, kvKeyOf: (name: string) => KvKey): Watch | undefined {
  if (typeof kv.watch !== "function") return undefined;
  const { watch } = kv;
  return (name, options) => hintsOf((sink) => startWatch(watch.call(kv, [kvKeyOf(name)]), sink), options?.signal);
}

/** Turns the versions of an entry into hints. Returns a function that cancels the stream. */
function startWatch(stream: KvWatchStream, sink: HintSink): () => void {
  const reader = stream.getReader();
  const read = async (): Promise<void> => {
    while (!(await reader.read()).done) sink.hint();
    sink.end();
  };
  read().catch((error) => sink.fail(error));
  return () => void reader.cancel().catch(() => {});
}
