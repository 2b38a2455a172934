/**
 * Watches one key by blocking queries.
 *
 * @module
 */
import type { HintSink } from "../../src/store/hints.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";
import { type HttpRequest, sendRequest } from "../http/request.ts";
import { type HttpResponse, jsonIn, property } from "../http/response.ts";
import { isMissing, pathOf } from "./records.ts";
import { type ConsulService, rejectedError } from "./service.ts";

/** How long an agent waits for a change. It adds a sixteenth at random. */
const WAIT_SECONDS = 60;

/** The shortest time between two queries without a change: other keys wake the query of a missing one. */
const PAUSE_MS = 1_000;

/** Starts to watch a key. Returns a function that ends this. */
export function startWatch(service: ConsulService, key: string, action: string, sink: HintSink): () => void {
  const ending = new AbortController();
  watchKey(service, key, action, sink, ending.signal).catch((error) => sink.fail(error));
  return () => ending.abort();
}

/** Watches until the signal aborts. */
async function watchKey(
  service: ConsulService,
  key: string,
  action: string,
  sink: HintSink,
  signal: AbortSignal,
): Promise<never> {
  let index = 0;
  let last: string | undefined;
  for (;;) {
    const sent = instant(systemClock);
    const response = await query(service, key, index, signal);
    const isFound = response.status === 200;
    if (!isFound && !isMissing(response)) throw rejectedError(response, action, "key:read for the key");
    const current = isFound ? String(property(firstOf(jsonIn(response)), "ModifyIndex")) : "none";
    const isChanged = current !== last;
    // the first one says that the watch has begun
    if (isChanged) sink.hint();
    last = current;
    index = nextIndex(index, response);
    const isTooSoon = !isChanged && elapsedMs(systemClock, sent) < PAUSE_MS;
    if (isTooSoon) await delay(systemClock, PAUSE_MS, signal);
    signal.throwIfAborted();
  }
}

function firstOf(json: unknown): unknown {
  return Array.isArray(json) ? json[0] : undefined;
}

/** The index to wait for. One that goes backwards begins again, as a restored cluster has lower ones. */
function nextIndex(index: number, { headers }: HttpResponse): number {
  const next = Number(headers.get("x-consul-index") ?? 0);
  const isUsable = Number.isSafeInteger(next) && next > 0 && next >= index;
  return isUsable ? next : 0;
}

/** Asks for the key at once without an index, or as soon as it changes. */
async function query(service: ConsulService, key: string, index: number, signal: AbortSignal): Promise<HttpResponse> {
  const { http, signed, url } = service;
  const wait = index === 0 ? "" : `index=${index}&wait=${WAIT_SECONDS}s`;
  const waitMs = index === 0 ? 0 : WAIT_SECONDS * 1_000 * 17 / 16;
  const request: HttpRequest = { method: "GET", url: url(pathOf(key), wait) };
  const send = async (fresh: boolean): Promise<HttpResponse> =>
    await sendRequest(await signed(request, fresh, signal), {
      fetch: http.fetch,
      limitMs: waitMs + http.limitMs,
      signal,
    });
  const response = await send(false);
  return http.signer && http.isSignInRejected?.(response) ? await send(true) : response;
}
