/**
 * The instrumentation of stores.
 *
 * @module
 */
import { metrics, trace } from "@opentelemetry/api";
import { cannot } from "../errors.ts";
import { checkOptions, hasMethods } from "../option_checks.ts";
import type { StatusStore, StoreCallOptions } from "../store/store.ts";
import type { InstrumentOptions } from "./instrument.ts";
import { errorTypeOf, SCOPE } from "./names.ts";
import { isCanceled, StoreCalls } from "./store_call.ts";

const DOING = "instrument the store";

/** The options of {@linkcode instrumentStore}. */
export interface InstrumentStoreOptions extends InstrumentOptions {
  /**
   * Whether each read, write and listing has a span. A read of many records has one. A replica reads about once between two due times and writes twice a run, and the
   * heartbeat of a run writes too.  @default {false}
   */
  readonly spans?: boolean | undefined;
}

/**
 * Puts metrics around the calls of a store: their duration, errors and conflicts, and spans if asked for.
 *
 * @example Measure the calls of a store
 * ```ts
 * import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { instrumentStore } from "@neat/periodic-task/opentelemetry";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "clean-up",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 5 },
 *   store: instrumentStore(new MemoryStore(), { spans: true }),
 *   task: () => {},
 * });
 * scheduler.start();
 * ```
 *
 * @param store The store. It stays as it is.
 * @param options The options.
 * @returns A store that calls the given one. It has `readMany`, `list` and `watch` only if the given one has them.
 * @throws {TypeError} If the store has no `read` and `write`, or if an option is unknown or of the wrong type.
 */
export function instrumentStore(store: StatusStore, options: InstrumentStoreOptions = {}): StatusStore {
  checkOptions(options, { tracerProvider: ["getTracer"], meterProvider: ["getMeter"], spans: "boolean" }, DOING);
  if (!hasMethods(store, ["read", "write"])) {
    throw new TypeError(cannot(DOING, "it must be an object with read(), write()", store));
  }
  const { tracerProvider = trace, meterProvider = metrics, spans = false } = options;
  const calls = new StoreCalls(meterProvider.getMeter(SCOPE), spans ? tracerProvider.getTracer(SCOPE) : undefined);
  const { readMany, readsTogether, list, watch } = store;
  return {
    read: (key, options) => calls.measure("read", key, options?.signal, () => call(() => store.read(key, options))),
    write: (key, value, version, options) =>
      calls.measure(
        "write",
        key,
        options?.signal,
        () => call(() => store.write(key, value, version, options)),
        (answer) => answer === null,
      ),
    ...(readMany && {
      readMany: (keys: readonly string[], options?: StoreCallOptions) =>
        calls.measure("readMany", undefined, options?.signal, () => call(() => readMany.call(store, keys, options))),
    }),
    ...(readsTogether && { readsTogether }),
    ...(list && { list: (options?: StoreCallOptions) => measuredList(calls, list.bind(store), options) }),
    ...(watch && {
      watch: (key: string, options?: StoreCallOptions) =>
        countedWatch(calls, () => watch.call(store, key, options), options?.signal),
    }),
  };
}

/** Calls a store, whose synchronous errors count as rejections. */
async function call<T>(method: () => Promise<T>): Promise<T> {
  return await method();
}

/** Measures a listing. Its duration includes the work of the caller between two keys. */
async function* measuredList(
  calls: StoreCalls,
  list: NonNullable<StatusStore["list"]>,
  options: StoreCallOptions | undefined,
): AsyncGenerator<string> {
  const measured = calls.start("list", undefined);
  try {
    // a generator's yield* would fetch the pages in the context of the caller
    const keys = measured.in(() => list(options)[Symbol.asyncIterator]());
    let isAtKey = false;
    try {
      for (;;) {
        const next = await measured.in(() => keys.next());
        if (next.done) break;
        isAtKey = true;
        yield next.value;
        isAtKey = false;
      }
    } finally {
      if (isAtKey) await measured.in(() => keys.return?.());
    }
  } catch (error) {
    measured.failed(error, options?.signal);
    throw error;
  } finally {
    // the caller may need no further keys
    measured.answered("ok");
  }
}

/**
 * Counts the errors of a watch. It has no duration, as it ends with its scheduler.
 *
 * Not a generator, as that would hold `return()` back until the next hint.
 */
function countedWatch(
  calls: StoreCalls,
  watch: () => AsyncIterable<void>,
  signal: AbortSignal | undefined,
): AsyncIterable<void> {
  const count = (error: unknown): never => {
    if (!isCanceled(signal)) calls.countError("watch", errorTypeOf(error));
    throw error;
  };
  return {
    [Symbol.asyncIterator](): AsyncIterator<void> {
      const hints = watch()[Symbol.asyncIterator]();
      const end = hints.return?.bind(hints);
      return {
        next: async () => await call(() => hints.next()).catch(count),
        ...(end && { return: () => end() }),
      };
    },
  };
}
