/**
 * The options that all stores over HTTP have in common, and the check of a store's options.
 *
 * @module
 */
import { durationMs } from "../../src/time/duration.ts";
import { refusal, refuse } from "../../src/errors.ts";
import { applicationDefault, type TokenSource } from "../google_auth.ts";
import { environmentVariable } from "../google_auth/environment.ts";
import type { Transport } from "./attempts.ts";
import type { Fetch } from "./fetch.ts";

/** The options that this file makes something of, by what each has to be. */
export const SERVICE_TYPES = {
  token: "function",
  fetch: "function",
  apiEndpoint: "string",
  requestTimeout: "duration",
} as const;

/** What an option has to be, in the words of `typeof`; "required" stands before what must not be left out. */
export type OptionTypes = Readonly<Record<string, string>>;

/**
 * Checks that options are known and of the right types.
 *
 * @param options What the user gave.
 * @param types The types, by option.
 * @param doing What is refused if an option is, as messages say it after "Cannot".
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 */
export function checkOptions(options: unknown, types: OptionTypes, doing: string): void {
  if (typeof options !== "object" || !options) refuse(TypeError, "its options must be an object", options, doing);
  const given = options as Readonly<Record<string, unknown>>;
  // an instance of a class may have its options by getters
  for (const option in { ...types, ...given }) {
    const value = given[option];
    const [type, required] = (Object.hasOwn(types, option) ? types[option]! : "left out").split(" ").reverse();
    if (value === undefined && !required) continue;
    if (type === "duration" || typeof value === type) continue;
    const state = `"${option}" must be ${type === "out" ? "left out" : `a ${type}`}`;
    // a token in place of its function, or other libraries' options, are not for a message to show
    if (type === "out" || type === "function") throw new TypeError(refusal(state, `of type ${typeof value}`, doing));
    refuse(TypeError, state, value, doing);
  }
}

/** The options of a Google service that say how to reach it. */
export interface ServiceOptions {
  readonly token?: TokenSource;
  readonly fetch?: Fetch;
  readonly apiEndpoint?: string;
  readonly requestTimeout?: unknown;
}

/** What a store knows of its service. */
export interface ServiceDefaults {
  /** What it is called in messages. */
  readonly service: string;
  readonly apiEndpoint: string;
  /** What a token must give access to. */
  readonly scope: string;
  /** The environment variable that names an emulator. */
  readonly emulatorVariable: string;
}

/** A service and where it is. */
export interface Service extends Transport {
  /** The address without a slash at its end. */
  readonly endpoint: string;
  /** Whether the environment has named it as an emulator. */
  readonly isEmulator: boolean;
}

/** Shorter than the scheduler's own limit of 10 s, so that the error says what the service did. */
const LIMIT_MS = 8_000;

/**
 * How to reach a service.
 *
 * @param options What the user gave, of the right types.
 * @param defaults What the store knows.
 * @param doing What is refused if an option is.
 * @throws {RangeError} If a value can't be used.
 */
export function serviceOf(options: ServiceOptions, defaults: ServiceDefaults, doing: string): Service {
  const { fetch, apiEndpoint, requestTimeout } = options;
  const { service, emulatorVariable } = defaults;
  const emulator = apiEndpoint === undefined ? environmentVariable(emulatorVariable) : undefined;
  const url = emulator === undefined
    ? endpointOf(apiEndpoint ?? defaults.apiEndpoint, "apiEndpoint", doing)
    // the port must be told from a scheme
    : endpointOf(emulator.includes("://") ? emulator : `http://${emulator}`, emulatorVariable, doing);
  const address = url.href.replace(/\/+$/, "");
  const credentials = { scope: defaults.scope, ...(fetch && { fetch }) };
  // the host's credentials never go over an open line
  const token = options.token ?? (url.protocol === "https:" ? applicationDefault(credentials) : undefined);
  return {
    service,
    fetch,
    // it may name the API as well: Google's clients differ in that
    endpoint: emulator === undefined ? address : address.replace(/\/storage\/v1$/, ""),
    isEmulator: emulator !== undefined,
    token: emulator === undefined ? token : undefined,
    limitMs: requestTimeout === undefined ? LIMIT_MS : durationMs(requestTimeout, "requestTimeout", doing),
  };
}

function endpointOf(text: string, name: string, doing: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    const withoutSecrets = text.replace(/\/\/.*@/, "//[secret]@").replace(/\?.*/, "?[secret]");
    return refuse(RangeError, `"${name}" must be an http: or https: URL without a query`, withoutSecrets, doing);
  }
  return url;
}
