/**
 * The options of a Consul agent: its address, the token and the time limit.
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
import { type HttpResponse, responseError, textIn } from "../http/response.ts";
import { isToken, type TokenSource } from "../http/token_source.ts";
import { percentEncode } from "../http/url.ts";

/** The types of these options. */
export const SERVICE_OPTION_TYPES: OptionTypes = {
  endpoint: "string",
  token: "any",
  datacenter: "string",
  fetch: "function",
  requestTimeout: "any",
};

/** How a store reaches Consul. */
export interface ConsulServiceOptions {
  /** The address of an agent; `http://127.0.0.1:8500`, that of this machine, if absent. */
  readonly endpoint?: string;
  /** The ACL token, or a function that returns it. It is called with `fresh: true` when Consul no longer knows the last one. */
  readonly token?: string | TokenSource;
  /** The datacenter whose servers keep the records; that of the agent if absent. All replicas must use the same one. */
  readonly datacenter?: string;
  /** Sends the requests. `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * How long a read, a write or a listing may take, with all of its attempts; 8 s if absent. An attempt without an answer is repeated
   * after half of it.
   */
  readonly requestTimeout?: Duration;
}

/** An agent of Consul. */
export interface ConsulService {
  readonly http: HttpService;
  /** The URL of a request, with a query. */
  readonly url: (path: string, query: string) => string;
  /** A request with the token. */
  readonly signed: (request: HttpRequest, fresh: boolean, signal: AbortSignal) => Promise<HttpRequest>;
}

/** Shorter than the scheduler's limit of 10 s, so that the error shows the last response of the service. */
const DEFAULT_LIMIT_MS = 8_000;

/**
 * Combines the options of a store.
 *
 * @param options The options, of the right types.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {TypeError} If the token is neither a string nor a function.
 * @throws {RangeError} If a value can't be used.
 */
export function consulService(options: ConsulServiceOptions, action: string): ConsulService {
  const { endpoint = "http://127.0.0.1:8500", datacenter, token, fetch, requestTimeout } = options;
  const url = withoutSlash(checkEndpoint(endpoint, "endpoint", action));
  if (datacenter !== undefined && !/^[\w-]+$/.test(datacenter)) {
    throw new RangeError(cannot(action, '"datacenter" must be letters, digits, hyphens and underscores', datacenter));
  }
  const place = datacenter === undefined ? "" : `dc=${percentEncode(datacenter)}`;
  const tokens = tokenSource(token, action);
  const signed = async (request: HttpRequest, fresh: boolean, signal: AbortSignal): Promise<HttpRequest> =>
    tokens ? withToken(request, await tokens({ fresh, signal })) : request;
  const http: HttpService = {
    name: "Consul",
    token: undefined,
    ...(tokens && {
      signer: async ({ fresh, signal }) => {
        const current = await tokens({ fresh, signal });
        return (request) => Promise.resolve(withToken(request, current));
      },
    }),
    isSignInRejected: isUnknownToken,
    messageIn: (response) => response.status >= 400 ? textIn(response).trim() : undefined,
    fetch,
    limitMs: requestTimeout === undefined ? DEFAULT_LIMIT_MS : durationMs(requestTimeout, "requestTimeout", action),
  };
  const queryOf = (query: string): string => [query, place].filter((part) => part !== "").join("&");
  return { http, signed, url: (path, query) => `${url}${path}${queryOf(query) && `?${queryOf(query)}`}` };
}

function tokenSource(token: unknown, action: string): TokenSource | undefined {
  if (token === undefined || typeof token === "function") return token as TokenSource | undefined;
  const state = '"token" must be a function or a string without spaces';
  if (typeof token !== "string") {
    throw new TypeError(`Cannot ${action} as ${state}: current value is of type ${typeof token}`);
  }
  if (!isToken(token)) throw new RangeError(`Cannot ${action} as ${state}: current value is another string`);
  return () => token;
}

function withToken(request: HttpRequest, token: unknown): HttpRequest {
  if (!isToken(token)) {
    const state = "the token must be a string without spaces";
    throw new TypeError(`Cannot sign in to Consul as ${state}: current value is of type ${typeof token}`);
  }
  return { ...request, headers: { ...request.headers, "x-consul-token": token }, secret: token };
}

/** Whether the agent does not know the token: it may have been deleted, and a new one be there. */
function isUnknownToken(response: HttpResponse): boolean {
  return (response.status === 403 || response.status === 401) && textIn(response).includes("ACL not found");
}

/** The error of a response that no retry would change. */
export function rejectedError(response: HttpResponse, action: string, permission: string): Error {
  return responseError(action, problemOf(response, permission), response);
}

function problemOf(response: HttpResponse, permission: string): string {
  if (isUnknownToken(response)) return "Consul does not know the token";
  if (response.status === 403 || textIn(response).includes("Permission denied")) {
    return `the token may lack ${permission}`;
  }
  if (response.status === 404) return "the address must be that of an agent of Consul";
  return "Consul rejected the request";
}
