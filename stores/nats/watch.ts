/**
 * Watches all keys of a store by one watch of the bucket.
 *
 * @module
 */
import type { StartWatch, WatchEvents } from "../listing/shared_watch.ts";
import type { NatsIterator, NatsKv, NatsKvEntry } from "./bucket.ts";
import { nameIn } from "./keys.ts";
import { failure } from "./records.ts";

/** A bucket that can watch. */
type WatchingKv = NatsKv & Required<Pick<NatsKv, "watch">>;

/** Whether a bucket can watch. */
export function canWatch(kv: NatsKv): kv is WatchingKv {
  return typeof kv.watch === "function";
}

/** Starts watches of all keys with the prefix. */
export function startWatch(kv: WatchingKv, prefix: string, action: string): StartWatch {
  return (events) => {
    let entries: NatsIterator<NatsKvEntry> | undefined;
    let isOver = false;
    const run = async (): Promise<void> => {
      entries = await kv.watch({ key: `${prefix}>`, include: "updates", headers_only: true });
      if (isOver) return entries.stop();
      await pass(entries, prefix, events);
      throw new Error("the watch has ended");
    };
    run().catch((error) => events.onEnd(failure(action, error)));
    return () => {
      isOver = true;
      entries?.stop();
    };
  };
}

async function pass(entries: AsyncIterable<NatsKvEntry>, prefix: string, events: WatchEvents): Promise<void> {
  events.onBegin();
  for await (const { key } of entries) {
    const name = nameIn(key, prefix);
    if (name !== undefined) events.onChange(name);
  }
}
