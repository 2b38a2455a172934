/**
 * The options of an etcd cluster: its addresses, the user and the time limit.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { OptionTypes } from "../../src/option_checks.ts";
import { type Duration, durationMs } from "../../src/time/duration.ts";
import type { HttpService } from "../http/call.ts";
import { checkEndpoint, withoutSlash } from "../http/endpoint.ts";
import type { Fetch } from "../http/fetch.ts";
import type { HttpRequest } from "../http/request.ts";
import { CredentialCache } from "../sign_in/credential_cache.ts";
import { Endpoints } from "./endpoints.ts";
import { errorMessage, isSignInRejected } from "./errors.ts";
import { type EtcdToken, signIn, signInError } from "./sign_in.ts";

/** The types of these options. */
export const SERVICE_OPTION_TYPES: OptionTypes = {
  endpoint: "any",
  user: "string",
  password: "string",
  fetch: "function",
  requestTimeout: "any",
  serverTime: "boolean",
};

/** How a store reaches its cluster. */
export interface EtcdServiceOptions {
  /**
   * The address at which etcd serves clients, such as `http://127.0.0.1:2379`, or those of several members: if one gives no answer, the
   * next one is asked.
   */
  readonly endpoint: string | readonly string[];
  /** The user, if the cluster has authentication. */
  readonly user?: string;
  /** The password of the user. */
  readonly password?: string;
  /**
   * Sends the requests. `globalThis.fetch`, looked up at each request, if absent. One of your own may have a client certificate or
   * a certificate authority of yours.
   */
  readonly fetch?: Fetch;
  /**
   * How long a read, a write or a page of a listing may take, with its sign-in and all of its attempts; 8 s if absent. An attempt
   * without an answer is repeated after a part of it.
   */
  readonly requestTimeout?: Duration;
  /**
   * Whether the clock of the member that answers is the one of all replicas; true if absent and there is one address. With several,
   * or behind a load balancer, it is right only if the clocks of the members are in step.
   */
  readonly serverTime?: boolean;
}

/** A cluster. */
export interface EtcdService {
  readonly http: HttpService;
  readonly endpoints: Endpoints;
  readonly hasServerTime: boolean;
  /** The token for a request outside of a call, a new one if it must be fresh; `undefined` if the cluster needs none. */
  readonly token: (fresh: boolean, signal: AbortSignal) => Promise<string | undefined>;
}

/** Shorter than the scheduler's limit of 10 s, so that the error shows the last response of the service. */
const DEFAULT_LIMIT_MS = 8_000;

/** A request with the token in the header that etcd reads. */
export function withToken<T extends HttpRequest>(request: T, token: string | undefined): T {
  if (token === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization: token }, secret: token };
}

/**
 * Combines the options of a store.
 *
 * @param options The options, of the right types.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {TypeError} If the addresses are not strings, or the user or the password is missing.
 * @throws {RangeError} If a value can't be used.
 */
export function etcdService(options: EtcdServiceOptions, action: string): EtcdService {
  const urls = addressesOf(options.endpoint, action);
  const { fetch, requestTimeout, serverTime = urls.length === 1 } = options;
  const endpoints = new Endpoints(urls);
  const tokens = tokensOf(options, endpoints, action);
  const token = async (fresh: boolean, signal: AbortSignal): Promise<string | undefined> =>
    (await tokens?.get(fresh, signal))?.token;
  const http: HttpService = {
    name: "etcd",
    token: undefined,
    ...(tokens && {
      signer: async ({ fresh, signal }) => {
        const current = await token(fresh, signal);
        return (request) => Promise.resolve(withToken(request, current));
      },
    }),
    isSignInRejected,
    messageIn: errorMessage,
    fetch,
    limitMs: requestTimeout === undefined ? DEFAULT_LIMIT_MS : durationMs(requestTimeout, "requestTimeout", action),
  };
  return { http, endpoints, hasServerTime: serverTime, token };
}

function addressesOf(endpoint: unknown, action: string): string[] {
  const texts: unknown[] = Array.isArray(endpoint) ? endpoint : [endpoint];
  const isList = texts.length > 0 && texts.every((text) => typeof text === "string");
  if (!isList) {
    const state = '"endpoint" must be an address or a list of at least one address';
    throw new TypeError(`Cannot ${action} as ${state}: current value is of type ${typeof endpoint}`);
  }
  return texts.map((text) => withoutSlash(checkEndpoint(String(text), "endpoint", action)));
}

function tokensOf(
  { user, password, fetch }: EtcdServiceOptions,
  endpoints: Endpoints,
  action: string,
): CredentialCache<EtcdToken> | undefined {
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined) {
    const [missing, there] = user === undefined ? ["user", "password"] : ["password", "user"];
    throw new TypeError(cannot(action, `"${missing}" is required, as there is "${there}"`, undefined));
  }
  if (user === "") throw new RangeError(cannot(action, '"user" must not be empty', user));
  return new CredentialCache({
    fetch,
    signIn: (context) => {
      context.waitingFor = "etcd";
      return signIn(context, endpoints, { user, password });
    },
    errorOf: signInError,
  });
}
