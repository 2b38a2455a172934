/**
 * Tokens as OAuth servers answer with them.
 *
 * @module
 */
import { type HttpAnswer, jsonOf, property } from "../http/exchange.ts";
import { type AccessToken, type Session, signInError } from "./attempt.ts";
import { askFor, placeOf, type Question } from "./ask.ts";

/** For a token whose server doesn't say how long it is valid. */
const DEFAULT_LIFE_MS = 300_000;
/** No token of Google's lives longer. */
const MAX_LIFE_MS = 43_200_000;

/** What an `authorization` header may hold. The runtime's own message on anything else would show it. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Asks an OAuth server for a token.
 *
 * @throws If it gives none; the error holds no secret.
 */
export async function askForToken(session: Session, question: Question): Promise<AccessToken> {
  return tokenIn(session, await askFor(session, question), question);
}

/** The token in an answer: `access_token`, valid for `expires_in` seconds. */
export function tokenIn(session: Session, answer: HttpAnswer, question: Question): AccessToken {
  const fields = jsonOf(answer);
  const token = checkedToken(session, property(fields, "access_token"), question);
  // some servers write the number as a text
  return { token, livesMs: lifeMs(Number(property(fields, "expires_in") ?? NaN) * 1_000) };
}

/** A length of time that was answered, within bounds. */
export function lifeMs(ms: number): number {
  return Number.isNaN(ms) ? DEFAULT_LIFE_MS : Math.min(ms, MAX_LIFE_MS);
}

/** A token that can be sent. */
export function checkedToken({ attempt }: Session, token: unknown, { url }: Question): string {
  if (typeof token === "string" && TOKEN.test(token)) {
    attempt.secrets.push(token);
    return token;
  }
  throw signInError(`${placeOf(url)} answers without a token`, `of type ${typeof token}`);
}
