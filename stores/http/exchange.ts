/**
 * One request and its whole answer.
 *
 * @module
 */
import { refusal, textOf } from "../../src/errors.ts";
import { redacted } from "../google_auth/redact.ts";
import type { Fetch } from "./fetch.ts";

/** What is sent. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Tells of an answer, besides 429, that nothing was done and that the same request may be answered later. */
  readonly isDeclined?: (answer: HttpAnswer) => boolean;
}

/** What came of it. */
export interface HttpAnswer {
  /** 0 if there was no whole answer: then `failure` tells why. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly failure?: unknown;
  /** The token that was sent, which no message may show. */
  readonly secret?: string | undefined;
}

/** No record is nearly as long. What stands beyond is not read: cut off, it is still not ours, and so it is left alone. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * Sends a request and reads the answer to its end.
 *
 * @param fetch The function to send with; `globalThis.fetch`, as it is now, if there is none.
 * @param request The request. Redirects are not followed, as they would take the token along.
 * @param signal Ends it at once.
 * @returns The answer, or one of status 0 if it could not be had.
 */
export async function exchange(
  fetch: Fetch | undefined,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { url, method, headers, body } = request;
  const secret = headers?.authorization?.replace(/^Bearer /, "");
  try {
    const send = fetch ?? globalThis.fetch;
    // the types of some runtimes refuse bytes of which they don't know that they are not shared
    const init = { method, headers: { ...headers }, body: body as Uint8Array<ArrayBuffer> | undefined ?? null };
    const response = await send(url, { ...init, signal, redirect: "manual" });
    return { status: response.status, headers: response.headers, body: await wholeBody(response), secret };
  } catch (failure) {
    return { ...noAnswer(failure), secret };
  }
}

/** What stands for an answer where there is none. */
export function noAnswer(failure: unknown): HttpAnswer {
  return { status: 0, headers: new Headers(), body: new Uint8Array(), failure };
}

async function wholeBody(response: Response): Promise<Uint8Array> {
  // runtimes hold answers to the length that they tell; what stands in for `fetch` may not
  if (isShort(response)) return new Uint8Array(await response.arrayBuffer()).subarray(0, MAX_BODY_BYTES);
  return await pieces(response);
}

/** Whether the answer says that it can be read in one go, which is quicker. Unpacked or out of its chunks, it might be longer. */
function isShort({ headers }: Response): boolean {
  if (headers.has("content-encoding") || headers.has("transfer-encoding")) return false;
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && Number(length) <= MAX_BODY_BYTES;
}

async function pieces(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // not "for await", which Bun's streams know only since of late
  const reader = response.body?.getReader();
  while (reader && length < MAX_BODY_BYTES) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  // what is left of a body that is too long; one that was read to its end has nothing to cancel
  await reader?.cancel().catch(() => {});
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

/** One for all answers: it keeps nothing between two of them. */
const DECODER = new TextDecoder();

/** The body of an answer as a text. */
export function textIn({ body }: HttpAnswer): string {
  return DECODER.decode(body);
}

/** The JSON of an answer; `undefined` if it is none. */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(textIn(answer));
  } catch {
    return undefined;
  }
}

/** An object's property, of whatever that is. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** What is said of an error in the JSON of an answer; some of Google's services wrap it into a list. */
export function errorIn(json: unknown): unknown {
  return property(Array.isArray(json) ? json[0] : json, "error");
}

/** An answer as an error message shows it: the status, and what is said of it. */
export function described(answer: HttpAnswer): string {
  const { status, failure, headers, secret } = answer;
  const clean = (text: string): string => redacted(text, secret ? [secret] : []);
  const remark = clean(status === 0 ? reasonOf(failure) : remarkOf(answer));
  const wait = clean(headers.get("retry-after") ?? "");
  const what = status === 0 ? "no answer" : `HTTP ${status}`;
  return `${what}${wait && `, Retry-After ${wait}`}${remark && ` (${remark})`}`;
}

/** What a service says: Google's do so in JSON, or in plain text where a download is refused. */
function remarkOf(answer: HttpAnswer): string {
  const json = jsonOf(answer);
  const message = property(errorIn(json), "message");
  if (typeof message === "string") return message;
  const text = textIn(answer).trim();
  // pages are for browsers
  return json === undefined && !text.startsWith("<") ? text : "";
}

/** Why `fetch` has failed. Around the cause, runtimes say no more than that it did. */
function reasonOf(failure: unknown, depth = 0): string {
  const cause = property(failure, "cause");
  // a few are enough, and some causes go round in circles
  if (cause && depth < 4) return reasonOf(cause, depth + 1);
  const text = textOf(property(failure, "message") || property(failure, "code") || failure);
  // it is long and would push out what matters
  return text.replace(/( for)?( url)? \(?https?:\S+/g, "");
}

/** The error for an answer that settles nothing. It keeps nothing else of the failure, which may know the request. */
export function unusable(doing: string, state: string, answer: HttpAnswer): Error {
  return new Error(refusal(state, described(answer), doing));
}
