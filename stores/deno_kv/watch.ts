/**
 * Watches one entry of Deno KV.
 *
 * @module
 */
import { type HintSink, hintsOf } from "../../src/store/hints.ts";
import type { Kv, KvKey, KvWatchStream } from "./kv.ts";

/** A database that can watch. */
type WatchingKv = Kv & Required<Pick<Kv, "watch">>;

/** Whether a database can watch. */
export function canWatch(kv: Kv): kv is WatchingKv {
  return typeof kv.watch === "function";
}

/** Whether a database is Deno's own. Others may keep the process alive after the end of a watch. */
export function isOfDeno(kv: Kv): boolean {
  const KvOfDeno = (globalThis as { readonly Deno?: { readonly Kv?: unknown } })["Deno"]?.Kv;
  return typeof KvOfDeno === "function" && kv instanceof KvOfDeno;
}

/** Watches an entry. The watch starts with its consumer. */
export function watchEntry(kv: WatchingKv, keyOf: () => KvKey, signal: AbortSignal | undefined): AsyncIterable<void> {
  // a hint more does no harm; without "raw", @deno/kv 0.14 never leaves a loop once a waiting stream is cancelled
  return hintsOf((sink) => startWatch(kv.watch([keyOf()], { raw: true }), sink), signal);
}

/** Turns the versions of an entry into hints. Returns a function that cancels the stream. */
function startWatch(stream: KvWatchStream, sink: HintSink): () => void {
  const reader = stream.getReader();
  const pass = async (): Promise<void> => {
    while (!(await reader.read()).done) sink.hint();
    sink.end();
  };
  pass().catch((error) => sink.fail(error));
  return () => void reader.cancel().catch(() => {});
}
