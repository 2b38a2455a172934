/**
 * Watches all keys of a store by one streaming request.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { systemClock } from "../../src/time/clock.ts";
import { jsonLines } from "../http/json_lines.ts";
import { redact } from "../http/redact.ts";
import { sendRequest } from "../http/request.ts";
import { isTransient, property } from "../http/response.ts";
import type { StartWatch, WatchEvents } from "../listing/shared_watch.ts";
import { networkFault } from "../sign_in/network_fault.ts";
import { isTokenRejection, rejectedError } from "./errors.ts";
import { nameIn, rangeOf } from "./keys.ts";
import { type EtcdService, withToken } from "./service.ts";

const PATH = "/v3/watch";

/** The keys that are watched. */
export interface EtcdWatch {
  readonly service: EtcdService;
  /** The beginning of the keys, which is not a part of the names. */
  readonly prefix: string;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** How a watch has ended. */
type WatchEnd = { readonly isTokenRejected: boolean; readonly error: Error };

/** Starts watches of all keys with the prefix. */
export function startWatch(watch: EtcdWatch): StartWatch {
  return (events) => {
    const ending = new AbortController();
    const run = async (): Promise<void> => {
      const first = await watchOnce(watch, events, false, ending.signal);
      const last = first.isTokenRejected ? await watchOnce(watch, events, true, ending.signal) : first;
      throw last.error;
    };
    run().catch((error) => events.onEnd(error));
    return () => ending.abort();
  };
}

/** Watches until the stream ends. */
async function watchOnce(
  { service, prefix, action }: EtcdWatch,
  events: WatchEvents,
  fresh: boolean,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const opened = await openStream({ service, prefix, action }, fresh, signal);
  if ("error" in opened) return opened;
  const { body, endpoint } = opened;
  try {
    for await (const message of jsonLines(body, signal)) {
      const result = property(message, "result");
      const reason = property(result, "cancel_reason") ?? property(property(message, "error"), "message");
      if (property(result, "canceled") === true || result === undefined) {
        const text = typeof reason === "string" ? reason : "no reason";
        const error = new Error(
          `Cannot ${action} as etcd ended the watch: current value is ${redact(text, opened.secrets)}`,
        );
        return { isTokenRejected: isTokenRejection(text), error };
      }
      if (property(result, "created") === true) events.onBegin();
      for (const name of changedNames(result, prefix)) events.onChange(name);
    }
  } catch (failure) {
    signal.throwIfAborted();
    service.endpoints.leave(endpoint);
    const error = new Error(`Cannot ${action} as the connection broke: current value is ${networkFault(failure)}`);
    return { isTokenRejected: false, error };
  }
  signal.throwIfAborted();
  const error = new Error(`Cannot ${action} as the stream must not end: current value is its end`);
  return { isTokenRejected: false, error };
}

/** An open stream. */
interface OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly endpoint: string;
  readonly secrets: readonly string[];
}

/** Sends the request, and waits for the head of its response. */
async function openStream(
  { service, prefix, action }: EtcdWatch,
  fresh: boolean,
  signal: AbortSignal,
): Promise<OpenStream | WatchEnd> {
  const { http, endpoints } = service;
  const endpoint = endpoints.current;
  let body: ReadableStream<Uint8Array> | null = null;
  const streaming = new AbortController();
  signal.addEventListener("abort", () => streaming.abort(signal.reason));
  // the stream outlives the limit of its beginning
  const send: typeof http.fetch = async (url, init) => {
    const response = await (http.fetch ?? globalThis.fetch)(url, { ...init, signal: streaming.signal });
    if (response.status !== 200) return response;
    body = response.body;
    return new Response(null, { status: 200, headers: response.headers });
  };
  const token = await withDeadline(systemClock, http.limitMs, signal, (limit) => service.token(fresh, limit.signal));
  const request = withToken({
    method: "POST",
    url: endpoint + PATH,
    // without a leader, a member ends the watch instead of being silent
    headers: { "content-type": "application/json", "grpc-metadata-hasleader": "true" },
    body: new TextEncoder().encode(JSON.stringify({ create_request: rangeOf(prefix) })),
  }, token);
  const response = await sendRequest(request, { fetch: send, limitMs: http.limitMs, signal });
  if (body) return { body, endpoint, secrets: token === undefined ? [] : [token] };
  streaming.abort();
  signal.throwIfAborted();
  if (isTransient(response.status)) endpoints.leave(endpoint);
  return { isTokenRejected: http.isSignInRejected?.(response) ?? false, error: rejectedError(response, action) };
}

/** The names of the tasks in the events of a message. */
function changedNames(result: unknown, prefix: string): string[] {
  const events = property(result, "events");
  if (!Array.isArray(events)) return [];
  return events.flatMap((event) => nameIn(property(property(event, "kv"), "key"), prefix) ?? []);
}
