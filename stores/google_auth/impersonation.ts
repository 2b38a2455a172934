/**
 * Acting as a service account with the token of someone who may.
 *
 * @module
 */
import { systemClock } from "../../src/time/clock.ts";
import { jsonOf, property } from "../http/exchange.ts";
import { askFor, type Question } from "./ask.ts";
import type { AccessToken, Session } from "./attempt.ts";
import type { Fields } from "./fields.ts";
import { checkedToken, lifeMs } from "./token_answer.ts";

/** What the token of whoever impersonates must give access to. */
export const IMPERSONATOR_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** The field that names the service account. */
export const IMPERSONATION_URL = "service_account_impersonation_url";

const LIFE_SECONDS = 3_600;

/** Exchanges the token of whoever may act as a service account for one of that account. */
export type Impersonation = (session: Session, impersonator: string) => Promise<AccessToken>;

/**
 * How to act as a service account.
 *
 * @param file The credentials that name the service account. They are checked at once.
 * @param scope What its token must give access to.
 */
export function impersonationOf(file: Fields, scope: string): Impersonation {
  const url = file.url(IMPERSONATION_URL);
  const seconds = lifeSeconds(file);
  const delegates = file.unchecked("delegates");
  const body = JSON.stringify({
    ...(Array.isArray(delegates) && { delegates }),
    scope: scope.split(" "),
    lifetime: `${seconds}s`,
  });
  return async (session, impersonator) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${impersonator}` };
    const question: Question = { url, headers, body, isOAuth: true };
    const answer = await askFor(session, question);
    const fields = jsonOf(answer);
    const token = checkedToken(session, property(fields, "accessToken"), question);
    // by the server's own clock, as this machine's may be wrong
    const nowMs = Date.parse(answer.headers.get("date") ?? "") || systemClock.nowMs();
    const leftMs = Date.parse(String(property(fields, "expireTime"))) - nowMs;
    return { token, livesMs: Math.min(lifeMs(leftMs), seconds * 1_000) };
  };
}

function lifeSeconds(file: Fields): number {
  const options = file.has("service_account_impersonation") ? file.object("service_account_impersonation") : undefined;
  const seconds = options?.unchecked("token_lifetime_seconds") ?? LIFE_SECONDS;
  if (Number.isSafeInteger(seconds) && seconds as number > 0) return seconds as number;
  throw file.refusal("service_account_impersonation.token_lifetime_seconds", "must be a whole number above zero");
}
