/**
 * Sends one request and reads its whole response.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { systemClock } from "../../src/time/clock.ts";
import type { Fetch } from "./fetch.ts";
import { type HttpResponse, noResponse } from "./response.ts";

/** A request. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The secret that the server receives, if it is not in a header of a usual form. No message may show it. */
  readonly secret?: string;
  /** How much of the body of the response is read; far more than a record takes if absent. */
  readonly maxBodyBytes?: number;
}

/** How a request is sent. */
export interface SendOptions {
  /** `globalThis.fetch`, as it is at the request, if absent. */
  readonly fetch: Fetch | undefined;
  /** How long to wait for the response. */
  readonly limitMs: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** Far longer than any record. The rest of a longer body is not read, and its start is not a valid record. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * Sends a request and reads the response to its end. Does not follow redirects, as they would receive the token.
 *
 * @returns The response, or one of status 0 if none arrived in time.
 * @throws The reason of the signal.
 */
export function sendRequest(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
  return withinLimit(options, (signal) => exchange(options.fetch, request, signal));
}

/**
 * Waits for a response until its limit.
 *
 * @returns The response, or one of status 0 if none arrived in time.
 * @throws The reason of the signal.
 */
export async function withinLimit(
  { limitMs, signal }: Pick<SendOptions, "limitMs" | "signal">,
  send: (signal: AbortSignal) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  try {
    return await withDeadline(systemClock, limitMs, signal, (limit) => send(limit.signal));
  } catch {
    signal.throwIfAborted();
    return noResponse(new Error(`timed out after ${limitMs} ms`));
  }
}

async function exchange(fetch: Fetch | undefined, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { url, method, headers, body, secret = secretIn(headers), maxBodyBytes = MAX_BODY_BYTES } = request;
  try {
    const send = fetch ?? globalThis.fetch;
    // some runtimes declare that a body must not be shared memory
    const ownBody = body as Uint8Array<ArrayBuffer> | undefined ?? null;
    const response = await send(url, { method, headers: { ...headers }, body: ownBody, signal, redirect: "manual" });
    return { status: response.status, headers: response.headers, body: await readBody(response, maxBodyBytes), secret };
  } catch (failure) {
    return { ...noResponse(failure), secret };
  }
}

/** The secret that the server receives: a token. The signature of a signed request is none. */
function secretIn(headers: HttpRequest["headers"]): string | undefined {
  const [, token] = /^Bearer (.*)/.exec(headers?.authorization ?? "") ?? [];
  return token ?? headers?.["x-amz-security-token"];
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  // a replacement of `fetch` may return more than content-length says
  if (isShort(response)) return new Uint8Array(await response.arrayBuffer()).subarray(0, maxBytes);
  return await readChunks(response, maxBytes);
}

/** Whether the body can be read in one call, which is faster: its length is known, and it is neither compressed nor chunked. */
function isShort({ headers }: Response): boolean {
  if (headers.has("content-encoding") || headers.has("transfer-encoding")) return false;
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && Number(length) <= MAX_BODY_BYTES;
}

async function readChunks(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // older versions of Bun can't iterate over a stream
  const reader = response.body?.getReader();
  while (reader && length < maxBytes) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  await reader?.cancel().catch(() => {});
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
