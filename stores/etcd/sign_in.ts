/**
 * Tokens for a user and a password.
 *
 * @module
 */
import { redact } from "../http/redact.ts";
import { sendRequest } from "../http/request.ts";
import { type HttpResponse, isTransient, jsonIn, property } from "../http/response.ts";
import { isToken } from "../http/token_source.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { Credential } from "../sign_in/credential_cache.ts";
import { networkFault } from "../sign_in/network_fault.ts";
import type { Endpoints } from "./endpoints.ts";
import { errorMessage } from "./errors.ts";

/** A token; `undefined` if the cluster does without. */
export interface EtcdToken extends Credential {
  readonly token: string | undefined;
}

/** A user of etcd. */
export interface EtcdUser {
  readonly user: string;
  readonly password: string;
}

const ATTEMPT_LIMIT_MS = 3_000;

/** The default of etcd, for a token that nobody uses. One that ends earlier is renewed when it is not accepted. */
const VALID_FOR_MS = 300_000;

/** The error of a sign-in, from its problem and a value without secrets. */
export function signInError(state: string, value: string): Error {
  return new Error(`Cannot sign in to etcd as ${state}: current value is ${value}`);
}

/**
 * Signs a user in, at the first member that answers.
 *
 * @throws If no member answers, or the user or the password is wrong. The error holds no secret.
 */
export async function signIn(context: SignInContext, endpoints: Endpoints, user: EtcdUser): Promise<EtcdToken> {
  context.secrets.push(user.password);
  const response = await authenticate(context, endpoints, user);
  if (response.status === 200) {
    const token = property(jsonIn(response), "token");
    if (isToken(token)) return { token, validForMs: VALID_FOR_MS };
    throw signInError("the answer must hold a token", `of type ${typeof token}`);
  }
  const message = errorMessage(response) ?? "";
  // as etcd's own clients do: the cluster serves everybody until its authentication is switched on
  if (message.includes("authentication is not enabled")) return { token: undefined, validForMs: VALID_FOR_MS };
  if (response.status === 0) throw signInError("no member has answered", networkFault(response.failure));
  const isWrong = message.includes("invalid user ID or password");
  const shown = `HTTP ${response.status}${message && ` (${redact(message, context.secrets)})`}`;
  throw signInError(isWrong ? "the user or the password is wrong" : "etcd rejected the request", shown);
}

async function authenticate(
  { fetch, signal }: SignInContext,
  endpoints: Endpoints,
  { user, password }: EtcdUser,
): Promise<HttpResponse> {
  const body = new TextEncoder().encode(JSON.stringify({ name: user, password }));
  for (let attempt = 1;; attempt++) {
    const endpoint = endpoints.current;
    const url = `${endpoint}/v3/auth/authenticate`;
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", url, headers, body, secret: password } as const;
    const response = await sendRequest(request, { fetch, limitMs: ATTEMPT_LIMIT_MS, signal });
    if (!isTransient(response.status)) return response;
    endpoints.leave(endpoint);
    if (attempt >= endpoints.count) return response;
  }
}
