/**
 * A `fetch` that calls a fake service without a network, so that all of it works in fake time.
 *
 * @module
 */
import type { FaultService, Outcome } from "../../helpers/fault_service.ts";

/** Creates a `fetch` that sends every request to the service, regardless of the host. */
export function faultFetch(service: FaultService): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? undefined;
    signal?.throwIfAborted();
    const outcome = await unlessAborted(
      signal,
      service.take({
        method: init.method ?? "GET",
        target: url.pathname + url.search,
        headers: new Headers(init.headers),
        body: new Uint8Array(init.body instanceof Uint8Array ? init.body : []),
      }),
    );
    if (outcome.ends === "lost") throw new TypeError("connection closed before message completed");
    if (outcome.ends === "never") await unlessAborted(signal, new Promise(() => {}));
    const { status, headers } = outcome;
    const hasBody = status !== 204 && status !== 304;
    return new Response(hasBody ? bodyOf(outcome, signal) : null, { status, headers });
  };
}

function bodyOf({ body, ends }: Outcome, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(ends ? body.slice(0, Math.floor(body.length / 2)) : body);
      if (!ends) return controller.close();
      // after the reader has got the first half
      if (ends === "truncated") return void queueMicrotask(() => controller.error(new TypeError("body cut off")));
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
}

async function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
