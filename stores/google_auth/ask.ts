/**
 * Questions to the servers that give tokens.
 *
 * @module
 */
import { backoffMs, pause } from "../../src/time/backoff.ts";
import { systemClock } from "../../src/time/clock.ts";
import { limited } from "../../src/store/deadline.ts";
import { exchange, type HttpAnswer, jsonOf, property } from "../http/exchange.ts";
import { type Session, signInError } from "./attempt.ts";
import { faultOf, redacted } from "./redact.ts";

/** A question and what is known of it. */
export interface Question {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST; without one the question is a GET. */
  readonly body?: string;
  /** What to do about an OAuth error, by its code. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Whether the server is one of those that say in known fields why they refuse. */
  readonly isOAuth: boolean;
  /** Whether a server that doesn't answer is not asked again, as there may be none. */
  readonly mayBeAbsent?: boolean;
}

/** What came of a question. */
export interface Reply {
  readonly answer: HttpAnswer;
  /** What went wrong, without secrets; absent if the answer is a good one. */
  readonly fault?: string;
}

const TRIES = 3;
const TRY_MS = 3_000;
const BASE_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1_000;

/** Clocks that differ by less are no reason for a server to refuse. */
const MAX_SKEW_MS = 60_000;

/** A server as errors show it: never with what comes after the path. */
export function placeOf({ host, pathname }: URL): string {
  return host + pathname;
}

/**
 * Asks until there is an answer that another attempt would not change, or three times.
 *
 * @throws The signal's reason.
 */
export async function ask(session: Session, question: Question): Promise<Reply> {
  const { attempt } = session;
  const { search, searchParams } = question.url;
  attempt.secrets.push(search.slice(1), ...searchParams.values());
  const place = placeOf(question.url);
  attempt.waitingFor = place;
  for (let tries = 1;; tries++) {
    const reply = await askOnce(session, question);
    const { status } = reply.answer;
    const isFinal = !reply.fault || !isTransient(status) || (status === 0 && question.mayBeAbsent);
    if (isFinal || tries === TRIES) return reply;
    attempt.waitingFor = `${place} (before: ${reply.fault})`;
    const pauseMs = backoffMs(tries, LONGEST_PAUSE_MS, systemClock.random(), BASE_PAUSE_MS);
    await pause(systemClock, pauseMs, attempt.signal);
    attempt.signal.throwIfAborted();
  }
}

/**
 * Asks for what is in an answer.
 *
 * @returns The answer.
 * @throws If there is none, or if it is a refusal; the error holds no secret.
 */
export async function askFor(session: Session, question: Question): Promise<HttpAnswer> {
  const { answer, fault } = await ask(session, question);
  if (fault) {
    const state = answer.status === 0 ? "can't be reached" : "refuses";
    throw signInError(`${placeOf(question.url)} ${state}`, fault);
  }
  return answer;
}

/** A body as forms have it. */
export function formOf(fields: Readonly<Record<string, string>>): Pick<Question, "headers" | "body"> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { headers, body: new URLSearchParams(fields).toString() };
}

function isTransient(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

async function askOnce({ fetch, attempt }: Session, question: Question): Promise<Reply> {
  const { url, headers = {}, body } = question;
  const request = {
    url: url.href,
    headers,
    ...(body === undefined
      ? { method: "GET" } as const
      : { method: "POST", body: new TextEncoder().encode(body) } as const),
  };
  let answer: HttpAnswer;
  try {
    answer = await limited(systemClock, TRY_MS, attempt.signal, ({ signal }) => exchange(fetch, request, signal));
  } catch {
    attempt.signal.throwIfAborted();
    answer = { status: 0, headers: new Headers(), body: new Uint8Array(), failure: new Error("timed out") };
  }
  // nothing else is kept of what may know the request
  return answer.status >= 200 && answer.status < 300
    ? { answer }
    : { answer, fault: faultIn(answer, question, attempt.secrets) };
}

function faultIn(answer: HttpAnswer, question: Question, secrets: readonly string[]): string {
  const { status } = answer;
  if (status === 0) return faultOf(answer.failure);
  if (status < 400) return `HTTP ${status} (a redirect, which is not followed)`;
  return `HTTP ${status}${question.isOAuth ? remarkIn(answer, question, secrets) : ""}${skewIn(answer)}`;
}

/** What the server says, and what to do about it. */
function remarkIn(answer: HttpAnswer, { advice = {} }: Question, secrets: readonly string[]): string {
  const fields = jsonOf(answer);
  const error = property(fields, "error");
  // Google's own services have an object where OAuth has a code
  const code = property(error, "status") ?? error;
  const description = property(error, "message") ?? property(fields, "error_description");
  const texts = [code, description].filter((text) => typeof text === "string");
  const said = texts.map((text) => redacted(text, secrets)).join(": ");
  const todo = typeof code === "string" && Object.hasOwn(advice, code) ? `; ${advice[code]}` : "";
  return said && ` (${said})${todo}`;
}

/** Refusals are often due to this machine's clock. */
function skewIn({ headers }: HttpAnswer): string {
  const skewMs = systemClock.nowMs() - Date.parse(headers.get("date") ?? "");
  if (!(Math.abs(skewMs) > MAX_SKEW_MS)) return "";
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return `; this machine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the server's`;
}
