/**
 * The guards of the dashboard: headers of every answer, and checks of every change.
 *
 * @module
 */

import { hostOfRequest } from "./hosts.ts";

/** The headers of every answer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // not "no-referrer", with which browsers send "Origin: null" with forms
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** The name of the cookie with the token. */
export const COOKIE = "neat_periodic_task_token";

const TOKEN = /^[0-9a-f]{32}$/;

/** Returns the token in the cookie of a request; `undefined` if there is none. */
export function tokenOf(request: Request): string | undefined {
  for (const pair of request.headers.get("cookie")?.split(";") ?? []) {
    const [name, value = ""] = pair.trim().split("=");
    if (name === COOKIE && TOKEN.test(value)) return value;
  }
  return undefined;
}

/** Returns a new token of 122 random bits. */
export function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/**
 * Returns the cookie with a token. It has no path, so that browsers send it to the addresses of this dashboard alone, wherever it
 * is mounted. It is Lax, as a link from another site would otherwise replace the token of a page that is open already; a form of
 * another site has neither this cookie nor the origin.
 */
export function tokenCookie(token: string, request: Request): string {
  const isSecure = request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
  return `${COOKIE}=${token}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}

/**
 * Returns the reason why a request that changes something is refused; `undefined` if it comes from a page of this dashboard.
 *
 * Browsers send at least one of the two headers with every form, and pages cannot change them. A request with neither is refused:
 * programs use the functions of `./control`.
 */
export function crossSiteReason(request: Request): string | undefined {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== null) return site === "same-origin" ? undefined : "the request comes from another site";
  if (origin === null) return "the request does not name its origin";
  return hostOf(origin) === hostOfRequest(request) ? undefined : "the request comes from another site";
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    // "null", the origin of a page that hides it
    return undefined;
  }
}

/** Whether the token in a form is the one in the cookie. The other site can neither read nor set the cookie. */
export function isTokenValid(request: Request, token: unknown): boolean {
  const expected = tokenOf(request);
  if (expected === undefined || typeof token !== "string" || token.length !== expected.length) return false;
  let difference = 0;
  for (let index = 0; index < token.length; index++) difference |= token.charCodeAt(index) ^ expected.charCodeAt(index);
  return difference === 0;
}
