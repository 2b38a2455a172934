// Stores that break a rule about list() or watch().

import { MemoryStore, type StatusStore, type StoreCallOptions } from "../../mod.ts";
import type { Cases } from "./broken_store_case.ts";
import { never } from "./broken_stores.ts";

type List = (inner: MemoryStore, options?: StoreCallOptions) => AsyncIterable<string>;
type Watch = (inner: MemoryStore, key: string, options?: StoreCallOptions) => AsyncIterable<void>;

/** Makes a store in memory with another list() or watch(). All clients share the records. */
function storeWith({ list, watch }: { readonly list?: List; readonly watch?: Watch }): () => StatusStore {
  const inner = new MemoryStore();
  return () => ({
    read: (key, options) => inner.read(key, options),
    write: (key, value, version, options) => inner.write(key, value, version, options),
    ...list && { list: (options) => list(inner, options) },
    ...watch && { watch: (key, options) => watch(inner, key, options) },
  });
}

/** Maps the keys of a list. */
function listing(map: (keys: string[]) => readonly unknown[]): () => StatusStore {
  return storeWith({
    list: async function* (inner, options) {
      const keys: string[] = [];
      for await (const key of inner.list(options)) keys.push(key);
      for (const key of map(keys)) {
        yield key as string;
        options?.signal?.throwIfAborted();
      }
    },
  });
}

/** Has one iterator for all consumers of a list. */
function sharingLists(): () => StatusStore {
  let shared: AsyncIterator<string> | undefined;
  return storeWith({
    list: (inner, options) => ({
      [Symbol.asyncIterator]: () => shared ??= inner.list(options)[Symbol.asyncIterator](),
    }),
  });
}

/** Replaces methods of the iterator of a list. */
function listIterator(replace: (keys: AsyncIterator<string>) => Partial<AsyncIterator<string>>): () => StatusStore {
  return storeWith({
    list: (inner, options) => ({
      [Symbol.asyncIterator]: () => {
        const keys = inner.list(options)[Symbol.asyncIterator]();
        return { next: () => keys.next(), return: async () => await keys.return!(), ...replace(keys) };
      },
    }),
  });
}

/** Replaces methods of the iterator of a watch. */
function watchIterator(replace: (hints: AsyncIterator<void>) => Partial<AsyncIterator<void>>): () => StatusStore {
  return storeWith({
    watch: (inner, key, options) => ({
      [Symbol.asyncIterator]: () => {
        const hints = inner.watch(key, options)[Symbol.asyncIterator]();
        return { next: () => hints.next(), return: async () => await hints.return!(), ...replace(hints) };
      },
    }),
  });
}

/** Passes each hint of a key to one watcher only. */
function hintingOnce(): () => StatusStore {
  const hints = new Map<string, AsyncIterator<void>>();
  return storeWith({
    watch: (inner, key) => ({
      [Symbol.asyncIterator]: () => {
        const all = hints.get(key) ?? inner.watch(key)[Symbol.asyncIterator]();
        hints.set(key, all);
        return { next: () => all.next(), return: () => Promise.resolve({ done: true, value: undefined }) };
      },
    }),
  });
}

/** Ends all watches when one is left. */
function endingTogether(): () => StatusStore {
  const controller = new AbortController();
  return storeWith({
    watch: (inner, key) => ({
      [Symbol.asyncIterator]: () => {
        const hints = inner.watch(key, { signal: controller.signal })[Symbol.asyncIterator]();
        return {
          next: () => hints.next(),
          return: () => {
            controller.abort();
            return Promise.resolve({ done: true as const, value: undefined });
          },
        };
      },
    }),
  });
}

/** Has ten watches at most, as it never ends one that is left. */
function limitingWatches(): () => StatusStore {
  let watches = 0;
  return storeWith({
    watch: (inner, key, options) => {
      if (++watches > 10) throw new Error("too many watches");
      return inner.watch(key, options);
    },
  });
}

const isDone = { done: true as const, value: undefined };

/** Stores with a broken list() or watch(), by the name of the check that fails for them. */
export const ITERATION_CASES: Cases = {
  "list(), if the store has it, yields each written key once": [
    ["leaves a key out", listing((keys) => keys.slice(1)), "list() must yield every key that was written"],
    ["lists one page", listing((keys) => keys.slice(0, 20)), "list() must yield every key that was written"],
    ["lists no key", listing(() => []), "list() must yield every key that was written"],
    [
      "lists a key of each page twice",
      listing((keys) => [...keys.slice(0, 50), ...keys.slice(49)]),
      "list() must yield a key once: current value is",
    ],
    ["keeps its prefix", listing((keys) => keys.map((key) => `tasks/${key}`)), "every key that was written"],
    ["lists encoded keys", listing((keys) => keys.map(encodeURIComponent)), "every key that was written"],
    [
      "lists keys that were not written",
      listing((keys) => [...keys, `${keys[0]}-lock`]),
      "list() must yield no key that was not written",
    ],
    ["yields objects", listing((keys) => keys.map((name) => ({ name }))), "list() must yield strings"],
    ["returns an array", storeWith({ list: () => [] as never }), "list() must return an AsyncIterable"],
    ["hangs", storeWith({ list: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) }), "list() must yield a"],
    [
      "has no method of that name",
      () => ({ ...storeWith({})(), list: ["a"] as never }),
      "list must be absent or a method: current value is",
    ],
  ],
  "list(), if the store has it, may be left early": [
    ["shares an iterator", sharingLists(), "list() must yield every key that was written"],
    ["hangs when it is left", listIterator(() => ({ return: never })), "list() must let its consumer leave within"],
    [
      "throws when it is left",
      listIterator(() => ({ return: () => Promise.reject(new Error("the page was not read to its end")) })),
      "the page was not read to its end",
    ],
    [
      "goes on after it is left",
      listIterator(() => ({ return: () => Promise.resolve(isDone) })),
      "list() must yield nothing once its consumer has left",
    ],
  ],
  "list(), if the store has it, rejects when its signal aborts": [
    ["ignores signals", storeWith({ list: (inner) => inner.list() }), "list() with an aborted signal must reject"],
    [
      "ignores signals once it has begun",
      storeWith({
        list: async function* (inner, options) {
          options?.signal?.throwIfAborted();
          yield* inner.list();
        },
      }),
      "list() whose signal aborts after the first of several keys must reject within 1000 ms",
    ],
    [
      "ends at an abort as if there were no more keys",
      storeWith({
        list: async function* (inner, options) {
          options?.signal?.throwIfAborted();
          for await (const key of inner.list()) {
            yield key;
            if (options?.signal?.aborted) return;
          }
        },
      }),
      "list() whose signal aborts after the first of several keys must reject within 1000 ms",
    ],
    [
      "can't list after an abort",
      listIterator(() => {
        let isBroken = false;
        return {
          next: () => {
            if (isBroken) throw new Error("closed");
            isBroken = true;
            return Promise.reject(new Error("aborted"));
          },
        };
      }),
      "aborted",
    ],
  ],
  "watch(), if the store has it, yields soon after each write": [
    ["never yields", watchIterator(() => ({ next: never })), "watch() must yield within 5000 ms of a write by another"],
    [
      "yields once",
      watchIterator((hints) => {
        let count = 0;
        return { next: () => ++count > 1 ? never() : hints.next() };
      }),
      "watch() must yield within 5000 ms of a write by another client",
    ],
    [
      "yields after half a minute",
      watchIterator((hints) => ({
        next: async () => {
          const hint = await hints.next();
          await new Promise((resolve) => setTimeout(resolve, 30_000));
          return hint;
        },
      })),
      "watch() must yield within 5000 ms of a write by another client",
    ],
    [
      "ends by itself",
      watchIterator(() => ({ next: () => Promise.resolve(isDone) })),
      "watch() must not end by itself",
    ],
    [
      "ends after a hint",
      storeWith({
        watch: async function* (inner, key, options) {
          for await (const hint of inner.watch(key, options)) return yield hint;
        },
      }),
      "watch() must not end by itself",
    ],
    ["watches another key", storeWith({ watch: (inner) => inner.watch("task") }), "watch() must yield within 5000 ms"],
    ["throws", watchIterator(() => ({ next: () => Promise.reject(new Error("not supported")) })), "not supported"],
    ["returns a stream's reader", storeWith({ watch: () => ({}) as never }), "watch() must return an AsyncIterable"],
    [
      "has no method of that name",
      () => ({ ...storeWith({})(), watch: true as never }),
      "watch must be absent or a method: current value is true",
    ],
  ],
  "watch(), if the store has it, ends without an error at its signal": [
    [
      "ignores signals",
      storeWith({ watch: (inner, key) => inner.watch(key) }),
      "once its signal has aborted, watch() must end within 1000 ms, without an error",
    ],
    [
      "rejects with the reason of the signal",
      storeWith({
        watch: async function* (inner, key, options) {
          yield* inner.watch(key, options);
          options?.signal?.throwIfAborted();
        },
      }),
      "watch() must end within 1000 ms, without an error: current value is AbortError",
    ],
    [
      "ignores a signal that has aborted before",
      storeWith({ watch: (inner, key, options) => inner.watch(key, options?.signal?.aborted ? {} : options) }),
      "once its signal has aborted, watch() must end within 1000 ms",
    ],
    [
      "yields at an abort",
      storeWith({
        watch: async function* (inner, key, options) {
          yield* inner.watch(key, options);
          yield;
        },
      }),
      "once its signal has aborted, watch() must end within 1000 ms, without an error",
    ],
  ],
  "watch(), if the store has it, yields to each watcher of a key": [
    ["passes a hint to one of them", hintingOnce(), "watch() must yield within 5000 ms of a write by another client"],
    ["ends all when one is left", endingTogether(), "watch() must not end by itself"],
  ],
  "watch(), if the store has it, leaves nothing behind": [
    ["limits the watches that were ever started", limitingWatches(), "too many watches"],
    [
      "hangs when it is left",
      watchIterator(() => ({ return: never })),
      "watch() must let its consumer leave within 1000 ms",
    ],
    [
      "goes on after it is left",
      watchIterator(() => ({ return: () => Promise.resolve(isDone) })),
      "once its consumer has left, watch() must end within 1000 ms, without an error",
    ],
  ],
};
