/**
 * The options of all stores on Google's services: address, sign-in and time limit.
 *
 * @module
 */
import type { OptionTypes } from "../../src/option_checks.ts";
import { type Duration, durationMs } from "../../src/time/duration.ts";
import type { HttpService } from "../http/call.ts";
import { checkEndpoint, withoutSlash } from "../http/endpoint.ts";
import { environmentVariable } from "../http/environment.ts";
import type { Fetch } from "../http/fetch.ts";
import type { TokenSource } from "../http/token_source.ts";
import { applicationDefault } from "./application_default.ts";

/** The types of these options. */
export const SERVICE_OPTION_TYPES: OptionTypes = {
  token: "function",
  fetch: "function",
  apiEndpoint: "string",
  requestTimeout: "any",
};

/** How a store reaches its service; the same for all stores on Google's services. */
export interface GoogleServiceOptions {
  /**
   * Returns the OAuth access token of a request. It is called for each request, so it should keep the token while that is
   * valid; `fresh: true` means that the server has rejected the last one. If absent, the store signs in with Application
   * Default Credentials.
   */
  readonly token?: TokenSource;
  /** Sends the requests. `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * The address of the service. Google's if absent, or that of an emulator if the environment names one. Without TLS
   * (`http:`), the store sends no token but that of `token`.
   */
  readonly apiEndpoint?: string;
  /**
   * How long a read, a write or a page of a listing may take, with its sign-in and all of its attempts; 8 s if absent. An attempt without an answer is
   * repeated after half of it.
   */
  readonly requestTimeout?: Duration;
}

/** The constants of a service. */
export interface GoogleServiceDefaults {
  /** The name of the service in messages. */
  readonly name: string;
  readonly apiEndpoint: string;
  /** The scopes of a token, with spaces between them. */
  readonly scope: string;
  /** The environment variable that names an emulator. */
  readonly emulatorVariable: string;
}

/** A Google service. */
export interface GoogleService extends HttpService {
  /** The address without a slash at its end. */
  readonly endpoint: string;
}

/** Shorter than the scheduler's limit of 10 s, so that the error shows the last response of the service. */
const DEFAULT_LIMIT_MS = 8_000;

/**
 * Combines the options of a store with the defaults of its service.
 *
 * @param options The options, of the right types.
 * @param defaults The service.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {RangeError} If a value can't be used.
 */
export function googleService(
  options: GoogleServiceOptions,
  defaults: GoogleServiceDefaults,
  action: string,
): GoogleService {
  const { name, scope, emulatorVariable } = defaults;
  const { fetch, requestTimeout } = options;
  const emulator = options.apiEndpoint === undefined ? environmentVariable(emulatorVariable) : undefined;
  const limitMs = requestTimeout === undefined
    ? DEFAULT_LIMIT_MS
    : durationMs(requestTimeout, "requestTimeout", action);
  if (emulator !== undefined) {
    const url = checkEndpoint(withScheme(emulator), emulatorVariable, action);
    // some of Google's clients expect the path of the API in the variable
    const endpoint = withoutSlash(url).replace(/\/storage\/v1$/, "");
    return { name, fetch, endpoint, token: undefined, limitMs };
  }
  const url = checkEndpoint(options.apiEndpoint ?? defaults.apiEndpoint, "apiEndpoint", action);
  const isEncrypted = url.protocol === "https:";
  // without TLS, only a token that the user passes is sent
  const token = options.token ?? (isEncrypted ? applicationDefault({ scope, ...(fetch && { fetch }) }) : undefined);
  return { name, fetch, endpoint: withoutSlash(url), token, limitMs };
}

function withScheme(address: string): string {
  return address.includes("://") ? address : `http://${address}`;
}
